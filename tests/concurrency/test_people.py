from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from accounts.models import ApiKey, Membership, TeamMembership, User
from accounts.operations.keys import issue_api_key
from accounts.operations.teams import add_team_member, create_team
from accounts.permissions import Role
from registries.models import Registry, RegistryMember
from registries.operations.members import move_ownership, set_role
from registries.operations.organizations import (
    add_member,
    change_organization_role,
    deactivate_user,
    leave,
    remove_member,
)
from registries.operations.registries import change_visibility, create_registry
from tests.concurrency import anew, at_once, refused, rounds
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db(transaction=True)


WAYS: dict[str, Callable[[Membership, Membership], Any]] = {
    "remove the other": lambda me, you: remove_member(you, by=anew(me.user)),
    "demote the other": lambda me, you: change_organization_role(
        you, Role.VIEWER, by=anew(me.user)
    ),
    "leave": lambda me, you: leave(me.organization, by=anew(me.user)),
    "step down": lambda me, you: change_organization_role(
        me, Role.MEMBER, by=anew(me.user)
    ),
    "be deactivated": lambda me, you: deactivate_user(me.user, by=SYSTEM),
}


@transaction.atomic
def two_admins() -> tuple[Membership, Membership]:
    organization = make_organization()
    second = MembershipFactory(organization=organization, role=Role.ADMIN)
    return organization.memberships.exclude(pk=second.pk).get(), second


@rounds
@pytest.mark.parametrize(
    ("first", "second", "both_may_go"),
    [
        ("remove the other", "remove the other", False),
        ("demote the other", "demote the other", False),
        ("leave", "leave", False),
        ("leave", "step down", False),
        ("be deactivated", "be deactivated", False),
        ("leave", "demote the other", True),  # both do it to the first
        ("be deactivated", "remove the other", True),
    ],
)
def test_of_two_admins_one_stays(first, second, both_may_go, count):
    for _ in range(count):
        one, other = two_admins()

        results = at_once(
            partial(WAYS[first], one, other), partial(WAYS[second], other, one)
        )

        assert one.organization.memberships.human_admins().count() == 1
        assert len(refused(results)) == 1 or both_may_go


@rounds
def test_ownership_moves_while_the_old_owner_or_the_new_one_leaves(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
            old, new = registry.owner.user, person(registry, Role.MEMBER)
        organization, membership = registry.organization, new.memberships.get()

        at_once(
            partial(move_ownership, registry, new, by=anew(old)),
            partial(leave, organization, by=anew(old)),
            partial(leave, organization, by=anew(new)),
            partial(remove_member, membership, by=SYSTEM),
        )

        registry.refresh_from_db()
        assert registry.owner.organization_id == organization.pk
        assert not new.memberships.exists()


def gifts(registry: Registry, user: User) -> list[Callable[[], Any]]:
    """Everything that hangs something on a membership."""
    organization = registry.organization
    team, membership = TeamFactory(organization=organization), user.memberships.get()
    owner, name = registry.owner.user, f"team-of-{user.pk}"
    return [
        partial(set_role, registry, user, Role.ADMIN, by=anew(owner)),
        partial(move_ownership, registry, user, by=anew(owner)),
        partial(change_visibility, registry, "restricted", by=anew(user)),
        partial(create_registry, organization, "own", by=anew(user)),
        partial(create_team, organization, name, by=anew(user)),
        partial(add_team_member, team, membership, Role.MEMBER, by=SYSTEM),
    ]


@rounds
def test_nothing_is_given_to_who_is_leaving(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
            user = person(registry, Role.MEMBER, standing=Role.ADMIN)
            given = gifts(registry, user)

        at_once(*given, partial(remove_member, user.memberships.get(), by=SYSTEM))

        assert not user.memberships.exists()
        assert not RegistryMember.objects.filter(membership__user=user).exists()
        assert not TeamMembership.objects.filter(membership__user=user).exists()
        assert not Registry.objects.filter(owner__user=user).exists()


@rounds
def test_keys_die_though_both_organizations_are_left_at_once(count):
    for _ in range(count):
        with transaction.atomic():
            user = UserFactory()
            places = [MembershipFactory(user=user).organization for _ in range(2)]
            issue_api_key(user, name="laptop", by=SYSTEM)

        at_once(*[partial(leave, place, by=anew(user)) for place in places])

        assert not user.memberships.exists()
        assert not ApiKey.objects.live().filter(user=user).exists()


@rounds
def test_who_is_deactivated_is_added_nowhere_meanwhile(count):
    for _ in range(count):
        with transaction.atomic():
            user = UserFactory()
            registry = RegistryFactory()
            places = [registry.organization, make_organization(), make_organization()]
            MembershipFactory(user=user)

        at_once(
            partial(deactivate_user, user, by=SYSTEM),
            *[partial(add_member, place, user, Role.ADMIN, by=SYSTEM) for place in places],
            partial(set_role, registry, user, Role.VIEWER, by=SYSTEM),
        )

        assert not User.objects.get(pk=user.pk).is_active
        assert not user.memberships.exists()


@rounds
def test_of_two_installation_administrators_one_stays(count):
    for _ in range(count):
        User.objects.update(is_superuser=False)
        one, other = (UserFactory(is_superuser=True) for _ in range(2))

        results = at_once(
            partial(deactivate_user, one, by=anew(other)),
            partial(deactivate_user, other, by=anew(one)),
        )

        assert len(refused(results)) == 1
        assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
