"""Who may not is told so before anything else; and each row of the matrix counts alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from accounts.actors import Actor, Conflict, Denied, Invalid
from accounts.operations.keys import issue_api_key, revoke_api_key, rotate_api_key
from accounts.operations.teams import remove_team_member
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.access import request_access
from registries.operations.collections import add_tags
from registries.operations.links import check_link, link
from registries.operations.members import add_members, change_role, set_role
from registries.operations.organizations import set_up
from registries.permissions import GRANTS, Permission
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamMembershipFactory,
    acting,
    linked_version,
    logged_version,
    person,
)

pytestmark = pytest.mark.django_db

ANEW = {"email": "b@example.org", "full_name": "", "username": "b", "password": "x" * 12}


def rotate_an_ended_key(registry: Registry, by: Actor) -> Any:
    key, _ = issue_api_key(person(registry), name="laptop", by=SYSTEM)
    return rotate_api_key(revoke_api_key(key, by=SYSTEM), by=by)


def give_to_somebody(registry: Registry, by: Actor) -> Any:
    return change_role(registry, person(registry), Role.ADMIN, instead_of="", by=by)


def put_no_tags(registry: Registry, by: Actor) -> Any:
    return add_tags(linked_version(registry), [], by=by)


def set_up_again(registry: Registry, by: Actor) -> Any:
    return set_up(**ANEW, organization="b", display_name="B", by=by)


@pytest.mark.parametrize(
    ("act", "otherwise"),
    [
        (rotate_an_ended_key, Conflict),
        (set_up_again, Conflict),
        (lambda registry, by: add_members(registry, [], Role.VIEWER, by=by), Invalid),
        (lambda registry, by: add_members(registry, ["no"], Role.VIEWER, by=by), Invalid),
        (put_no_tags, Invalid),
        (give_to_somebody, None),
    ],
)
def test_who_may_not_hears_nothing_else(act, otherwise, unchanged):
    registry = RegistryFactory()
    viewer = acting(person(registry))
    person(registry)  # so that nothing is made by the factory in what follows

    with pytest.raises(Denied):
        act(registry, viewer)
    if otherwise is not None:
        with pytest.raises(otherwise):
            act(registry, SYSTEM)


# Read-only keys, where one acts for oneself


def test_a_read_only_key_leaves_no_team_and_asks_for_no_role(unchanged):
    registry = RegistryFactory()
    user = person(registry)
    membership = registry.organization.memberships.get(user=user)
    team = TeamMembershipFactory(
        membership=membership, team__organization=registry.organization
    ).team
    key, _ = issue_api_key(user, name="reader", read_only=True, by=SYSTEM)
    by = Actor(user, via="wire", key=key)

    with unchanged(), pytest.raises(Denied, match="read-only"):
        remove_team_member(team, membership, by=by)
    with unchanged(), pytest.raises(Denied, match="read-only"):
        request_access(registry, Role.ADMIN, by=by)


# Each row alone


class Part(NamedTuple):
    """A permission that an operation asks for beside others of the same role."""

    permission: Permission
    act: Callable[[Registry, Actor], Any]


def link_into_something_new(registry: Registry, by: Actor) -> Any:
    membership = registry.organization.memberships.get(user=by.user)
    team = TeamMembershipFactory(
        membership=membership, role=Role.MEMBER, team__organization=registry.organization
    ).team
    name = f"new-{registry.collections.count()}"
    return link(logged_version(team).artifact, registry, name, by=by)


def give_again(registry: Registry, by: Actor) -> Any:
    given = person(registry, Role.MEMBER)
    return set_role(registry, given, Role.VIEWER, by=by)


def change(registry: Registry, by: Actor) -> Any:
    given = person(registry, Role.MEMBER)
    return change_role(registry, given, Role.VIEWER, instead_of=Role.MEMBER, by=by)


@pytest.mark.parametrize(
    "part",
    [
        Part(Permission.CREATE_COLLECTION, link_into_something_new),
        Part(Permission.LINK_ARTIFACT, link_into_something_new),
        Part(
            Permission.CREATE_COLLECTION,
            lambda registry, by: check_link(registry, "new", "model", by=by),
        ),
        Part(
            Permission.LINK_ARTIFACT,
            lambda registry, by: check_link(registry, "new", "model", by=by),
        ),
        Part(Permission.ASSIGN_ROLE, give_again),
        Part(Permission.MANAGE_MEMBERS, give_again),
        Part(Permission.ASSIGN_ROLE, change),
        Part(Permission.MANAGE_MEMBERS, change),
    ],
)
def test_each_permission_counts_alone(part, monkeypatch):
    registry = RegistryFactory()
    admin = person(registry, Role.ADMIN)
    part.act(registry, acting(admin))
    others = GRANTS[Role.ADMIN] - {part.permission}
    monkeypatch.setitem(GRANTS, Role.ADMIN, others)

    with pytest.raises(Denied) as refusal:
        part.act(registry, acting(admin))

    assert refusal.value.permission == part.permission
