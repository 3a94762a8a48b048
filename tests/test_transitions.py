"""What somebody loses, they lose at once: whatever they hold is dead on the next request.

They signed in, loaded forms and got keys while they might; then something changes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from accounts.models import ApiKey
from accounts.operations.keys import issue_api_key, revoke_api_key
from accounts.operations.organizations import change_organization_settings
from accounts.operations.passwords import change_password
from accounts.operations.teams import add_team_member, remove_team_member
from accounts.permissions import Role
from registries.models import RegistryMember
from registries.operations.members import move_ownership, remove_role, set_role
from registries.operations.organizations import (
    add_member,
    change_organization_role,
    deactivate_user,
    delete_team,
    remove_member,
)
from registries.operations.registries import change_visibility, delete_registry
from tests.cast import OPEN, RESTRICTED
from tests.digest import unchanged, undone
from tests.doors import (
    ADMIN,
    COMMAND,
    EXIT,
    HTMX,
    OPERATION,
    PAGE,
    SIGN_IN,
    WIRE,
    Door,
    Scene,
    answer,
)
from tests.every_door import DOORS
from tests.factories import SYSTEM
from tests.operations import membership

pytestmark = pytest.mark.django_db

DEAD = 401
"""The answer to a key that opens no door any more."""


class Transition(NamedTuple):
    """Something that happens to somebody who may do something in a registry."""

    name: str
    person: str
    kind: str
    right: str
    happens: Callable[[Scene], Any]
    page: int
    """The answer of pages afterwards."""
    key: int = 403
    """The answer to an API key."""


def end_organization(scene: Scene) -> None:
    remove_member(membership(scene, "admin"), by=SYSTEM)


def come_back(scene: Scene) -> None:
    end_organization(scene)
    add_member(scene.cast.organization, scene.person("admin"), Role.MEMBER, by=SYSTEM)


def demote(person: str) -> Callable[[Scene], Any]:
    return lambda scene: change_organization_role(
        membership(scene, person), Role.VIEWER, by=SYSTEM
    )


def expire(scene: Scene) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    given = RegistryMember.objects.filter(membership=membership(scene, "admin"))
    given.update(expires_at=yesterday)


def restrict(scene: Scene) -> None:
    change_visibility(scene.registry, RESTRICTED, by=SYSTEM)


def leave_team(scene: Scene) -> None:
    remove_team_member(scene.cast.added, membership(scene, "team member"), by=SYSTEM)


TRANSITIONS = [
    Transition(
        "demoted in the registry",
        "admin",
        RESTRICTED,
        "manage_members",
        lambda scene: set_role(
            scene.registry, scene.cast.person("admin"), Role.MEMBER, by=SYSTEM
        ),
        page=403,
    ),
    Transition(
        "taken out of the registry",
        "admin",
        RESTRICTED,
        "manage_members",
        lambda scene: remove_role(scene.registry, scene.cast.person("admin"), by=SYSTEM),
        page=404,
    ),
    Transition(
        "the role has ended", "admin", RESTRICTED, "manage_members", expire, page=404
    ),
    Transition(
        "removed", "admin", RESTRICTED, "manage_members", end_organization, 404, DEAD
    ),
    Transition(
        "removed and back", "admin", RESTRICTED, "manage_members", come_back, 404, DEAD
    ),
    Transition(
        "deactivated",
        "admin",
        RESTRICTED,
        "manage_members",
        lambda scene: deactivate_user(scene.cast.person("admin"), by=SYSTEM),
        page=SIGN_IN,
        key=DEAD,
    ),
    Transition(
        "the registry is deleted",
        "admin",
        RESTRICTED,
        "manage_members",
        lambda scene: delete_registry(scene.registry, by=SYSTEM),
        page=404,
    ),
    Transition(
        "the ownership has moved",
        "owner",
        RESTRICTED,
        "move_ownership",
        lambda scene: move_ownership(
            scene.registry, scene.cast.person("viewer"), by=SYSTEM
        ),
        page=403,
    ),
    Transition(
        "demoted in the organization",
        "organization admin",
        OPEN,
        "manage_members",
        demote("organization admin"),
        page=403,
    ),
    Transition(
        "the registry is restricted",
        "organization admin",
        OPEN,
        "manage_members",
        restrict,
        page=404,
    ),
    Transition(
        "the registry is restricted to readers",
        "organization viewer",
        OPEN,
        "view_collection",
        restrict,
        page=404,
    ),
    Transition(
        "the default is lowered",
        "organization viewer",
        OPEN,
        "download_file",
        lambda scene: change_organization_settings(
            scene.cast.organization, default_role=Role.RESTRICTED_VIEWER, by=SYSTEM
        ),
        page=403,
    ),
    Transition(
        "out of the team", "team member", RESTRICTED, "edit_registry", leave_team, page=404
    ),
    Transition(
        "the team's role has ended",
        "team member",
        RESTRICTED,
        "edit_registry",
        lambda scene: remove_role(scene.registry, scene.cast.added, by=SYSTEM),
        page=404,
    ),
    Transition(
        "the team is deleted",
        "team member",
        RESTRICTED,
        "edit_registry",
        lambda scene: delete_team(scene.cast.added, by=SYSTEM),
        page=404,
    ),
    Transition(
        "demoted while managing people",
        "organization admin",
        RESTRICTED,
        "manage_people",
        demote("organization admin"),
        page=403,
    ),
    Transition(
        "demoted in the team",
        "team admin",
        RESTRICTED,
        "manage_team",
        lambda scene: add_team_member(
            scene.cast.other, membership(scene, "team admin"), Role.MEMBER, by=SYSTEM
        ),
        page=403,
    ),
]
AFTER = {
    COMMAND: {EXIT},
    OPERATION: {403, 404},
    ADMIN: {403, 404, SIGN_IN},
    WIRE: {401, 403, 404},
}
"""The answers of doors that are no pages."""


def is_leaving(door: Door) -> bool:
    """Whether it takes the team's Admin out of the team, which is theirs to do."""
    leaves = "remove" in door.place or door.place == "wire:deleteInvite"
    return door.right == "manage_team" and leaves


def held(transition: Transition) -> list[Door]:
    """The doors that stand open to the person before it happens."""
    return [
        door
        for door in DOORS
        if door.right == transition.right
        and door.given is None
        and not is_leaving(door)
        and transition.kind in door.kinds
        and door.expected(transition.person, transition.kind)[0] == door.done
    ]


def by_key(scene: Scene, right: str, secret: str) -> int:
    """What somebody who comes with an API key is answered."""
    key = ApiKey.objects.live().of_secret(secret).select_related("user__entity").first()
    if key is None:
        return DEAD
    of_organizations = {
        "manage_people": ("accounts.manage_people", scene.cast.organization),
        "manage_team": ("accounts.manage_team", scene.cast.other),
    }
    registry = scene.cast.registry(scene.kind)
    asked = of_organizations.get(right, (f"registries.{right}", registry))
    return 200 if key.user.has_perm(*asked) else 403


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda each: each.name)
def test_what_somebody_holds_is_dead_on_the_next_request(cast, transition):
    person, scene = transition.person, Scene(cast, transition.kind)
    secret = issue_api_key(scene.person(person), name="laptop", by=SYSTEM)[1]
    scene.client(person)
    scene.program(person)
    doors = held(transition)
    for door in doors:  # what they read of the scene and of roles stays with them
        with undone():
            assert door.act(scene, person, None) == door.done, door.name
    assert by_key(scene, transition.right, secret) == 200

    transition.happens(scene)

    found = {}
    for door in doors:
        with undone(), unchanged():
            found[door.name] = door.act(scene, person, None)
    assert {door.kind for door in doors} >= {PAGE, HTMX}
    assert {
        name: answer
        for (name, answer), door in zip(found.items(), doors, strict=True)
        if answer not in AFTER.get(door.kind, {transition.page})
    } == {}
    assert by_key(scene, transition.right, secret) == transition.key


def test_a_revoked_key_is_dead(cast):
    scene = Scene(cast, RESTRICTED)
    key, secret = issue_api_key(scene.person("viewer"), name="laptop", by=SYSTEM)
    assert by_key(scene, "download_file", secret) == 200

    revoke_api_key(key, by=SYSTEM)

    assert by_key(scene, "download_file", secret) == DEAD


def test_a_changed_password_ends_every_session(cast):
    scene = Scene(cast, RESTRICTED)
    client, place = scene.client("admin"), scene.address("registries:settings")
    assert answer(client.get(place)) == 200

    change_password(scene.cast.person("admin"), "quite another battery staple", by=SYSTEM)

    assert answer(client.get(place)) == SIGN_IN
