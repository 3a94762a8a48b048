"""Who is where: organizations, teams, registry roles, and leaving them."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from accounts.models import Event, Membership, Organization
from accounts.permissions import Role
from registries.backends import role_in
from registries.models import Registry
from tests.commands import manage
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_an_organization_starts_with_its_admin_and_core_registries():
    admin = UserFactory()

    said = manage(
        "create_organization", "northwind", "Northwind Labs", "--admin", admin.email
    )

    organization = Organization.objects.get()
    assert (said.out, organization.display_name) == ("northwind", "Northwind Labs")
    assert organization.memberships.get().user == admin
    assert set(organization.registries.values_list("name", flat=True)) == {
        "model",
        "dataset",
    }
    assert kinds() == ["organization.create", "membership.add"]


def test_an_organization_needs_an_admin_and_the_installation_administrator():
    member = MembershipFactory(role=Role.ADMIN).user

    with pytest.raises(CommandError, match="needs an active person as its first Admin"):
        manage("create_organization", "northwind", "Northwind")
    with pytest.raises(CommandError, match="needs the installation administrator"):
        manage("create_organization", "northwind", "Northwind", "--as", member.username)

    assert Organization.objects.count() == 1


def test_somebody_is_put_into_an_organization_and_their_role_changed():
    organization, user = make_organization(), UserFactory()
    Event.objects.all().delete()

    manage("add_member", organization.name, user.email)
    said = manage("add_member", organization.name, user.username, "--role", "viewer")

    assert organization.memberships.get(user=user).role == Role.VIEWER
    assert said.out == f"{user} is Viewer in {organization.name}."
    assert kinds() == ["membership.add", "membership.change_role"]


def test_an_organization_admin_cannot_name_somebody_they_do_not_see():
    admin, stranger = MembershipFactory(role=Role.ADMIN), UserFactory()
    name = admin.organization.name

    for somebody in (stranger.username, "nobody-at-all"):
        with pytest.raises(CommandError) as refused:
            manage("add_member", name, somebody, "--as", admin.user.username)
        assert str(refused.value) == f"There is no user {somebody}."

    assert not stranger.memberships.exists()


def test_somebody_is_put_into_a_team():
    team = TeamFactory()
    member = MembershipFactory(organization=team.organization)

    manage(
        "add_member", f"{team.organization.name}/{team.name}", member.user, "--role=admin"
    )

    assert team.memberships.get().role == Role.ADMIN
    assert kinds()[-1] == "team_member.add"


def test_a_team_takes_members_of_its_organization_only():
    team, stranger = TeamFactory(), MembershipFactory().user

    with pytest.raises(CommandError, match="no such member of this organization"):
        manage("add_member", f"{team.organization.name}/{team.name}", stranger)


def test_a_team_member_does_not_add_others():
    member = TeamMembershipFactory()
    other = MembershipFactory(organization=member.team.organization).user
    place = f"{member.team.organization.name}/{member.team.name}"

    with pytest.raises(CommandError, match="needs the role Admin in the team"):
        manage("add_member", place, other, "--as", member.membership.user)

    assert member.team.memberships.count() == 1


def test_a_role_is_given_and_changed():
    registry = RegistryFactory(name="my registry")
    user = person(registry)
    Event.objects.all().delete()

    manage("set_role", registry.full_name, user.email, "member")
    said = manage(
        "set_role", registry.full_name, user.username, "admin", "--reason", "Cover"
    )

    given = registry.members.get()
    assert (given.role, given.reason) == (Role.ADMIN, "Cover")
    assert said.out == f"{user} is Admin in {registry.full_name}."
    assert kinds() == ["registry_member.add", "registry_member.change_role"]


def test_a_role_is_given_to_a_team():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)

    manage("set_role", registry.full_name, "--team", team.name, "restricted_viewer")

    assert registry.members.get().team == team


@pytest.mark.parametrize(
    "arguments",
    [("viewer",), ("somebody", "--team", "vision", "viewer"), ("somebody", "owner")],
)
def test_one_holder_and_a_role_that_can_be_given(arguments):
    with pytest.raises(CommandError):
        manage("set_role", RegistryFactory().full_name, *arguments)


def test_a_member_gives_no_roles():
    registry = RegistryFactory()
    member, other = person(registry, Role.MEMBER), person(registry)

    with pytest.raises(CommandError, match="needs the role Admin in the registry"):
        manage("set_role", registry.full_name, other, "admin", "--as", member)

    assert registry.members.count() == 1


def test_a_restricted_registry_says_the_same_as_a_missing_one():
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    user = person(registry)
    missing = f"{registry.organization.name}/missing"

    for name in (registry.full_name, missing):
        with pytest.raises(CommandError) as refused:
            manage("set_role", name, user, "admin", "--as", user)
        assert str(refused.value) == f"There is no registry {name}."


def test_the_system_brings_in_somebody_from_outside():
    registry, stranger = RegistryFactory(), UserFactory()

    manage("set_role", registry.full_name, stranger, "viewer")

    assert kinds()[-2:] == ["membership.add", "registry_member.add"]
    assert role_in(registry, stranger) == Role.VIEWER


def test_a_given_role_ends():
    registry = RegistryFactory()
    user = person(registry, Role.ADMIN)

    said = manage("remove_member", registry.full_name, user.email)

    assert said.out == f"{user} is removed from {registry.full_name}."
    assert role_in(registry, user) == Role.VIEWER
    assert kinds()[-1] == "registry_member.remove"


def test_a_teams_role_ends():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    RegistryMemberFactory(registry=registry, team=team)

    manage("remove_member", registry.full_name, "--team", team.name)

    assert not registry.members.exists()


def test_somebody_leaves_a_team_and_stays_in_the_organization():
    member = TeamMembershipFactory()
    place = f"{member.team.organization.name}/{member.team.name}"

    manage("remove_member", place, member.membership.user)

    assert not member.team.memberships.exists()
    assert Membership.objects.filter(pk=member.membership.pk).exists()


def test_leaving_an_organization_passes_on_what_one_owns():
    registry = RegistryFactory()
    owner = registry.owner.user

    manage("remove_member", registry.organization.name, owner)

    registry.refresh_from_db()
    assert registry.owner.role == Role.ADMIN
    assert not owner.memberships.exists()
    assert kinds()[-2:] == ["registry.move_ownership", "membership.remove"]


def test_the_last_admin_stays():
    organization = make_organization()
    admin = organization.memberships.get().user

    with pytest.raises(CommandError, match="the last one"):
        manage("remove_member", organization.name, admin)

    assert organization.memberships.exists()


def test_a_team_and_a_registry_of_one_name_are_not_guessed():
    registry = RegistryFactory(name="vision")
    team = TeamFactory(organization=registry.organization, name="vision")
    user = person(registry, Role.ADMIN)
    TeamMembershipFactory(team=team, membership=user.memberships.get())

    with pytest.raises(CommandError, match="say --from team or --from registry"):
        manage("remove_member", registry.full_name, user)
    assert (registry.members.count(), team.memberships.count()) == (1, 1)

    manage("remove_member", registry.full_name, user, "--from", "team")
    assert (registry.members.count(), team.memberships.count()) == (1, 0)
    manage("remove_member", registry.full_name, user, "--from", "registry")
    assert (registry.members.count(), team.memberships.count()) == (0, 0)


def test_hidden_and_missing_places_say_the_same():
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    user = person(registry)

    for name in (registry.full_name, f"{registry.organization.name}/missing"):
        with pytest.raises(CommandError) as refused:
            manage("remove_member", name, user, "--as", user)
        assert str(refused.value) == f"There is no team or registry {name}."


def test_a_member_removes_nobody():
    member = MembershipFactory()
    other = MembershipFactory(organization=member.organization)

    with pytest.raises(CommandError, match="needs the role Admin"):
        manage("remove_member", member.organization.name, other.user, "--as", member.user)

    assert Membership.objects.filter(pk=other.pk).exists()


def test_a_deactivated_person_is_out_of_everything():
    registry = RegistryFactory()
    user = person(registry, Role.ADMIN)

    said = manage("deactivate_user", user.email)

    user.refresh_from_db()
    assert said.out == f"{user} is deactivated."
    assert not user.is_active
    assert not user.memberships.exists()
    assert kinds()[-2:] == ["membership.remove", "user.deactivate"]


def test_only_the_installation_administrator_deactivates():
    admin = MembershipFactory(role=Role.ADMIN)
    user = MembershipFactory(organization=admin.organization).user

    with pytest.raises(CommandError, match="needs the installation administrator"):
        manage("deactivate_user", user, "--as", admin.user)

    user.refresh_from_db()
    assert user.is_active
