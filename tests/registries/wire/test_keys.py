"""What a key may, and what a program hears of what its user may not see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ApiKey
from registries.wire.ids import encode, home_id
from registries.wire.schema import schema
from tests.cast import OPEN, PEOPLE, RESTRICTED
from tests.digest import unchanged, undone
from tests.doors import Scene
from tests.doors_of_wire import id_of
from tests.every_door import DOORS
from tests.registries.wire.test_places import change

pytestmark = pytest.mark.django_db


def test_a_read_only_key_changes_nothing_by_any_mutation(cast):
    scene, answers = Scene(cast, OPEN), {}
    for person in PEOPLE:
        scene.program(person)
    ApiKey.objects.filter(name="script").update(read_only=True)
    root = schema().mutation_type
    assert root is not None
    for door in DOORS:
        is_here = OPEN in door.kinds or not door.is_of_registry
        if door.place.removeprefix("wire:") not in root.fields or not is_here:
            continue
        able = [p for p in PEOPLE if door.expected(p, OPEN)[0] == door.done]
        changes = door.is_quiet or any(door.expected(p, OPEN)[1] for p in able)
        with undone():
            given = door.given(scene) if door.given else None
            with unchanged():
                answer = door.act(scene, able[0], given)
        if changes:
            answers[door.name] = answer

    assert {name: answer for name, answer in answers.items() if answer != 403} == {}


def test_a_key_makes_none_that_lives_longer(cast):
    scene = Scene(cast, OPEN)
    scene.program("viewer")
    ends = timezone.now() + timedelta(days=1)
    ApiKey.objects.filter(name="script").update(expires_at=ends)

    assert change(scene, "viewer", "generateApiKey")[0] == 200
    assert ApiKey.objects.latest("pk").expires_at == ends


NOWHERE = 2_000_000_000


@pytest.mark.parametrize("person", ["outsider", "organization member"])
def test_what_is_hidden_is_told_as_what_is_nowhere(cast, person):
    scene = Scene(cast, RESTRICTED)
    there = {
        "id": home_id(scene.registry),
        "projectId": home_id(scene.registry),
        "userIds": [],
        "teamIds": [],
        "userId": id_of(scene, "viewer"),
        "userProjectRole": "member",
        "teamId": encode("Entity", cast.added.entity_id),
        "teamProjectRole": "member",
    }
    takes = {
        "deleteModel": ("id",),
        "createProjectMembers": ("projectId", "userIds", "teamIds"),
        "deleteProjectMembers": ("projectId", "userIds", "teamIds"),
        "updateProjectMember": ("projectId", "userId", "userProjectRole"),
        "updateProjectTeamMember": ("projectId", "teamId", "teamProjectRole"),
    }
    for mutation, names in takes.items():
        sent = {name: there[name] for name in names}
        nowhere = sent | {names[0]: encode("Project", 2 * NOWHERE + 1)}
        for each in (sent, nowhere):
            status, sentence = change(scene, person, mutation, **each)
            told = (status, sentence.rpartition(" ")[0])
            assert told == (404, "There is no registry"), mutation


def test_people_and_teams_of_others_are_told_as_nobody(cast):
    scene = Scene(cast, OPEN)
    here: dict[str, Any] = {"projectId": home_id(scene.registry)}
    for hidden in (id_of(scene, "outsider"), encode("User", NOWHERE), "x", ""):
        sent = {"userId": hidden, "userProjectRole": "viewer"}
        answer = change(scene, "admin", "updateProjectMember", **here, **sent)
        assert answer == (404, f"There is no user {hidden}.")
    for mutation, sent, sentence in (
        ("createInvite", {"entityName": "other", "email": "x@example.org"}, "team other"),
        ("deleteInvite", {"entityName": "other", "id": "x"}, "team other"),
        ("createServiceAccount", {"entityName": "acme", "description": "x"}, "team acme"),
        (
            "createServiceAccount",
            {"entityName": "nobody", "description": "x"},
            "team nobody",
        ),
    ):
        answer = change(scene, "outsider", mutation, **sent)
        assert answer == (404, f"There is no {sentence}."), mutation
