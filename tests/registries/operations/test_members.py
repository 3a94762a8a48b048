from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Conflict, Denied, Invalid, Missing, Refusal
from accounts.models import Event, Job, Membership
from accounts.permissions import Role
from registries.backends import role_in
from registries.models import Registry
from registries.operations.members import move_ownership, remove_role, set_role
from registries.operations.organizations import create_service_account
from registries.operations.registries import take_access
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    acting,
    person,
)

pytestmark = pytest.mark.django_db


def restricted(**fields) -> Registry:
    return RegistryFactory(visibility=Registry.Visibility.RESTRICTED, **fields)


def role(registry: Registry, user) -> Role | None:
    registry = Registry.objects.get(pk=registry.pk)
    return role_in(registry, type(user).objects.get(pk=user.pk))


# Giving and ending roles


@pytest.mark.parametrize("word", ["owner", "", "Viewer", "boss", None, 3])
def test_only_the_four_roles_can_be_given(word, unchanged):
    registry = RegistryFactory()
    user = person(registry)

    with unchanged(), pytest.raises(Invalid) as refusal:
        set_role(registry, user, word, by=SYSTEM)

    assert refusal.value.field == "role"


def test_everybody_outside_gets_one_and_the_same_sentence(unchanged):
    registry = RegistryFactory()
    admin = acting(person(registry, Role.ADMIN))
    deleted = TeamFactory(organization=registry.organization, deleted_at=timezone.now())
    strangers = [
        UserFactory(),
        UserFactory(is_active=False),
        UserFactory(is_superuser=True),
        MembershipFactory().user,
        person(registry, is_active=False),
        TeamFactory(),
        deleted,
    ]
    sentences = set()

    for stranger in strangers:
        with unchanged(), pytest.raises(Invalid) as refusal:
            set_role(registry, stranger, Role.VIEWER, by=admin)
        sentences.add((refusal.value.field, str(refusal.value)))

    assert sentences == {("member", "There is no such member of this organization.")}


def test_the_installation_administrator_brings_somebody_in_as_member():
    registry = restricted()
    stranger = UserFactory()
    Event.objects.all().delete()

    set_role(registry, stranger, Role.VIEWER, by=acting(UserFactory(is_superuser=True)))

    assert stranger.memberships.get().role == Role.MEMBER
    assert role(registry, stranger) == Role.VIEWER
    assert list(Event.objects.order_by("pk").values_list("kind", "after")) == [
        ("membership.add", {"user": stranger.username, "role": "member"}),
        ("registry_member.add", {"member": stranger.username, "role": "viewer"}),
    ]


def test_the_installation_administrator_brings_in_no_program_and_nobody_deactivated(
    unchanged,
):
    registry = RegistryFactory()
    elsewhere = MembershipFactory().organization
    robot = create_service_account(elsewhere, "robot", by=SYSTEM)

    for stranger in (robot, UserFactory(is_active=False)):
        with unchanged(), pytest.raises(Invalid):
            set_role(registry, stranger, Role.VIEWER, by=SYSTEM)


def test_a_service_account_may_hold_any_role_but_owner():
    registry = restricted()
    robot = create_service_account(registry.organization, "robot", by=SYSTEM)

    for each in (Role.RESTRICTED_VIEWER, Role.VIEWER, Role.MEMBER, Role.ADMIN):
        set_role(registry, robot, each, by=SYSTEM)
        assert role(registry, robot) == each
    with pytest.raises(Invalid):
        move_ownership(registry, robot, by=SYSTEM)


def test_a_given_role_replaces_the_default_even_if_weaker():
    registry = RegistryFactory()
    user = person(registry)
    assert role(registry, user) == Role.VIEWER

    set_role(registry, user, Role.RESTRICTED_VIEWER, by=SYSTEM)

    assert role(registry, user) == Role.RESTRICTED_VIEWER


def test_the_strongest_of_given_team_and_standing_counts():
    registry = RegistryFactory()
    user = person(registry, Role.VIEWER)
    team = TeamFactory(organization=registry.organization)
    TeamMembershipFactory(team=team, membership=user.memberships.get())
    set_role(registry, team, Role.MEMBER, by=SYSTEM)
    assert role(registry, user) == Role.MEMBER

    user.memberships.update(role=Role.ADMIN)

    assert role(registry, user) == Role.ADMIN


def test_an_organization_admin_has_no_role_in_a_restricted_registry():
    registry = restricted()
    admin = person(registry, standing=Role.ADMIN)

    assert role(registry, admin) is None
    take_access(registry, by=acting(admin))
    assert role(registry, admin) == Role.ADMIN


def test_a_grant_that_has_expired_is_none():
    registry = restricted()
    user = person(registry)
    set_role(
        registry,
        user,
        Role.ADMIN,
        expires_at=timezone.now() + timedelta(hours=1),
        reason="on call",
        by=SYSTEM,
    )
    assert role(registry, user) == Role.ADMIN

    registry.members.update(expires_at=timezone.now())

    assert role(registry, user) is None


def test_a_reason_fits_its_column(unchanged):
    registry = RegistryFactory()
    user = person(registry)

    for reason in ("x" * 1001, "a\0b"):
        with unchanged(), pytest.raises(Refusal):
            set_role(registry, user, Role.VIEWER, reason=reason, by=SYSTEM)


def test_the_owner_is_neither_demoted_nor_removed(unchanged):
    registry = RegistryFactory()
    owner = registry.owner.user

    for change in (
        lambda by: set_role(registry, owner, Role.VIEWER, by=by),
        lambda by: set_role(registry, owner, Role.ADMIN, by=by),
        lambda by: remove_role(registry, owner, by=by),
    ):
        for by in (SYSTEM, acting(owner), acting(person(registry, Role.ADMIN))):
            with unchanged(), pytest.raises(Conflict, match="move the ownership first"):
                change(by)


def test_ending_a_role_falls_back_to_the_default():
    registry = RegistryFactory()
    user = person(registry, Role.ADMIN)

    remove_role(registry, user, by=SYSTEM)

    assert role(registry, user) == Role.VIEWER
    assert Event.objects.last().before == {"member": user.username, "role": "admin"}


def test_an_inherited_role_cannot_be_ended(unchanged):
    registry = RegistryFactory()

    for holder in (
        person(registry),
        person(registry, standing=Role.ADMIN),
        TeamFactory(organization=registry.organization),
        UserFactory(),
    ):
        with unchanged(), pytest.raises(Invalid) as refusal:
            remove_role(registry, holder, by=SYSTEM)
        assert refusal.value.field == "member"


def test_a_team_loses_its_role_with_all_its_members():
    registry = restricted()
    member = TeamMembershipFactory(team=TeamFactory(organization=registry.organization))
    set_role(registry, member.team, Role.MEMBER, by=SYSTEM)
    user = member.membership.user
    assert role(registry, user) == Role.MEMBER

    remove_role(registry, member.team, by=SYSTEM)

    assert role(registry, user) is None


def test_an_admin_may_demote_and_remove_themselves():
    registry = restricted()
    admin = person(registry, Role.ADMIN)

    set_role(registry, admin, Role.VIEWER, by=acting(admin))

    with pytest.raises(Denied):
        remove_role(registry, admin, by=acting(admin))


def test_core_registries_have_members_too():
    core = MembershipFactory().organization.registries.get(name="model")
    user = person(core)

    set_role(core, user, Role.MEMBER, by=SYSTEM)

    assert role(core, user) == Role.MEMBER


# Ownership


def test_the_previous_owner_becomes_admin_and_all_admins_are_told():
    registry = restricted()
    previous, user = registry.owner.user, person(registry, Role.RESTRICTED_VIEWER)
    Event.objects.all().delete()

    move_ownership(registry, user, by=acting(previous))

    assert role(registry, user) == Role.OWNER
    assert role(registry, previous) == Role.ADMIN
    assert not registry.members.filter(membership__user=user).exists()
    event = Event.objects.get()
    assert (event.before, event.after) == (
        {"owner": previous.username},
        {"owner": user.username},
    )
    assert Job.objects.get(name="announce").arguments == {"event": event.pk}


def test_moving_to_the_owner_changes_nothing(unchanged):
    registry = RegistryFactory()

    with unchanged():
        move_ownership(registry, registry.owner.user, by=SYSTEM)


def test_a_new_owner_is_an_active_human_with_access(unchanged):
    registry = restricted()
    expired = person(registry, Role.ADMIN)
    registry.members.update(expires_at=timezone.now())
    robot = create_service_account(registry.organization, "robot", by=SYSTEM)
    set_role(registry, robot, Role.ADMIN, by=SYSTEM)
    inactive = person(registry, Role.ADMIN, is_active=False)

    for user in (
        expired,
        robot,
        inactive,
        person(registry),  # a member of the organization without access
        person(registry, standing=Role.ADMIN),  # its Admin, who has not taken access
        UserFactory(),
        UserFactory(is_superuser=True),
        MembershipFactory(role=Role.ADMIN).user,
    ):
        with unchanged(), pytest.raises(Invalid) as refusal:
            move_ownership(registry, user, by=SYSTEM)
        assert refusal.value.field == "owner"


def test_an_organization_admin_moves_ownership_only_with_access(unchanged):
    registry = restricted()
    user = person(registry, Role.VIEWER)
    admin = person(registry, standing=Role.ADMIN)
    registry_admin = person(registry, Role.ADMIN)

    for by in (admin, registry_admin):
        with unchanged(), pytest.raises(Denied):
            move_ownership(registry, user, by=acting(by))

    take_access(registry, by=acting(admin))
    move_ownership(registry, user, by=acting(admin))
    assert role(registry, user) == Role.OWNER


@pytest.mark.parametrize("by", ["system", "installation administrator", "admin"])
def test_a_core_registry_has_no_owner_to_move(by, unchanged):
    core = MembershipFactory().organization.registries.get(name="model")
    user = person(core, Role.ADMIN, standing=Role.ADMIN)
    actor = {
        "system": SYSTEM,
        "installation administrator": acting(UserFactory(is_superuser=True)),
        "admin": acting(user),
    }[by]

    with unchanged(), pytest.raises(Conflict, match="core registry"):
        move_ownership(core, user, by=actor)


def test_nothing_is_given_in_a_registry_in_the_trash(unchanged):
    registry = RegistryFactory()
    user, given = person(registry), person(registry, Role.VIEWER)
    Registry.objects.filter(pk=registry.pk).update(deleted_at=timezone.now())

    for by in (SYSTEM, acting(registry.owner.user), acting(UserFactory(is_superuser=True))):
        for change in (
            lambda by: set_role(registry, user, Role.VIEWER, by=by),
            lambda by: remove_role(registry, given, by=by),
            lambda by: move_ownership(registry, given, by=by),
        ):
            with unchanged(), pytest.raises(Missing):
                change(by)


def test_nothing_is_given_in_a_registry_that_is_gone():
    registry = RegistryFactory()
    user = person(registry)
    Registry.objects.filter(pk=registry.pk).delete()

    with pytest.raises(Missing):
        set_role(registry, user, Role.VIEWER, by=SYSTEM)


def test_a_role_is_of_one_registry_only(unchanged):
    registry = RegistryFactory()
    other = RegistryFactory(organization=registry.organization)
    admin, user = person(registry, Role.ADMIN), person(other)

    with unchanged(), pytest.raises(Denied):
        set_role(other, user, Role.VIEWER, by=acting(admin))


def test_who_left_and_came_back_has_no_old_grant():
    registry = restricted()
    user = person(registry, Role.ADMIN)
    Membership.objects.get(user=user).delete()

    MembershipFactory(organization=registry.organization, user=user)

    assert role(registry, user) is None
