"""Answers that get lost: the SDK asks again, and nothing is there twice.

What a mutation makes is known by the id that its sender gave it, or by its name. Two have
neither, and cannot be protected: `generateApiKey`, whose secret is told once, so that a key
of which the answer was lost is of no use to anybody; and `createServiceAccount`, which
numbers a name that is taken.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from registries.models import Artifact, Version
from tests.cast import OPEN, PEOPLE, RESTRICTED, Cast
from tests.digest import undone
from tests.doors import WIRE, Door, Scene
from tests.every_door import DOORS
from tests.registries.wire.saving import Answer, Saving, Send, through

pytestmark = pytest.mark.django_db

UNPROTECTED = {"wire:generateApiKey", "wire:createServiceAccount"}
FILES = {"a.txt": b"first", "b.txt": b"second"}


def present() -> dict[str, set[Any]]:
    """The keys of all rows but events, by table."""
    models = [
        model
        for app in ("accounts", "registries")
        for model in apps.get_app_config(app).get_models()
        if model.__name__ != "Event"
    ]
    return {m.__name__: set(m._base_manager.values_list("pk", flat=True)) for m in models}


def able(door: Door) -> tuple[str, str]:
    """Somebody for whom the door is open, and in which registry."""
    kinds = [OPEN, RESTRICTED] if set(door.kinds) & {OPEN, RESTRICTED} else door.kinds
    return next(
        (person, kind)
        for kind in kinds
        if kind in door.kinds
        for person in PEOPLE
        if door.expected(person, kind)[0] == door.done
    )


def test_no_mutation_that_is_asked_again_makes_anything_twice(cast):
    twice: dict[str, Any] = {}
    for door in DOORS:
        if door.kind != WIRE:
            continue
        person, kind = able(door)
        scene = Scene(cast, kind)
        with undone():
            scene.program(person)
            given = door.given(scene) if door.given else None
            assert door.act(scene, person, given) == door.done, door.name
            before = present()
            status = door.act(scene, person, given)
            after = present()
        new = [name for name in after if after[name] - before[name]]
        if new or status not in {200, 401, 403, 404, 409, 422}:
            twice[door.place] = (status, new)

    assert twice.keys() == UNPROTECTED, twice


def again(send: Send) -> Send:
    """Send everything twice, and believe the second answer only."""

    def twice(*request: Any) -> Answer:
        send(*request)
        return send(*request)

    return twice


@pytest.mark.parametrize("client_id", ["c" * 40, None])
def test_a_version_whose_every_answer_was_lost_is_there_once(cast: Cast, client_id):
    scene = Scene(cast, OPEN)
    program = Saving(again(through(scene.program("team admin"))))

    first = program.save(FILES, clientID=client_id)
    same = program.save(FILES, clientID=client_id and "d" * 40)
    second = program.save({"a.txt": b"another"}, clientID=client_id and "e" * 40)

    assert [first["versionIndex"], second["versionIndex"]] == [0, 1]
    assert same["id"] == first["id"]
    versions = Version.objects.filter(collection__name="data")
    assert [version.number for version in versions.order_by("pk")] == [0, 1]
    named = versions.get(aliases__name="latest")
    assert named.artifact.entries.get().digest
    if client_id:
        assert not Artifact.objects.filter(state="pending").exists()
