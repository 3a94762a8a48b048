from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actors import Actor, Conflict, Denied, Invalid, Missing
from accounts.models import Team
from accounts.operations.teams import add_team_member, create_team, remove_team_member
from accounts.permissions import Role
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    acting,
    make_organization,
)

pytestmark = pytest.mark.django_db


def test_the_creator_becomes_the_teams_admin():
    member = MembershipFactory()

    team = create_team(member.organization, "vision", by=acting(member.user))

    assert team.memberships.get().membership == member
    assert team.memberships.get().role == Role.ADMIN


def test_the_server_and_the_administrator_from_outside_make_an_empty_team():
    organization = make_organization()

    for name, by in (("a", SYSTEM), ("b", acting(UserFactory(is_superuser=True)))):
        assert not create_team(organization, name, by=by).memberships.exists()


@pytest.mark.parametrize("name", ["", "a b", "settings", "x" * 64, "é"])
def test_a_bad_name_is_refused(name, unchanged):
    organization = make_organization()

    with unchanged(), pytest.raises(Invalid) as refusal:
        create_team(organization, name, by=SYSTEM)

    assert refusal.value.field == "name"


def test_a_name_is_taken_in_the_whole_installation_and_for_ever(unchanged):
    team = TeamFactory(name="vision", deleted_at=timezone.now())
    organization = make_organization("acme")

    for name in ("Vision", "ACME", team.name):
        with unchanged(), pytest.raises(Conflict):
            create_team(organization, name, by=SYSTEM)


@pytest.mark.parametrize("word", ["owner", "restricted_viewer", "", None])
def test_there_are_three_roles_in_a_team(word, unchanged):
    team = TeamFactory()
    member = MembershipFactory(organization=team.organization)

    with unchanged(), pytest.raises(Invalid) as refusal:
        add_team_member(team, member, word, by=SYSTEM)

    assert refusal.value.field == "role"


def test_only_members_of_the_organization_are_in_its_teams(unchanged):
    team = TeamFactory()
    gone = MembershipFactory(organization=team.organization)
    type(gone).objects.filter(pk=gone.pk).delete()

    for member in (MembershipFactory(), gone):
        with unchanged(), pytest.raises(Invalid) as refusal:
            add_team_member(team, member, Role.MEMBER, by=SYSTEM)
        assert refusal.value.field == "member"


def test_a_deleted_team_takes_and_loses_nobody(unchanged):
    member = TeamMembershipFactory(role=Role.ADMIN)
    Team.objects.update(deleted_at=timezone.now())

    for by in (SYSTEM, acting(member.membership.user)):
        with unchanged(), pytest.raises(Missing):
            add_team_member(member.team, member.membership, Role.VIEWER, by=by)
        with unchanged(), pytest.raises(Missing):
            remove_team_member(member.team, member.membership, by=by)


def test_one_may_always_leave_a_team():
    member = TeamMembershipFactory(role=Role.VIEWER)

    remove_team_member(member.team, member.membership, by=acting(member.membership.user))

    assert not member.team.memberships.exists()


def test_an_admin_of_one_team_changes_nobody_of_another(unchanged):
    admin, other = TeamMembershipFactory(role=Role.ADMIN), TeamMembershipFactory()
    by = acting(admin.membership.user)

    with unchanged(), pytest.raises(Denied):
        remove_team_member(other.team, other.membership, by=by)
    with unchanged(), pytest.raises(Denied):
        add_team_member(other.team, other.membership, Role.ADMIN, by=by)


def test_somebody_else_and_nobody_leave_for_nobody(unchanged):
    member = TeamMembershipFactory()

    for by in (acting(UserFactory()), Actor(None, via="test")):
        with unchanged(), pytest.raises(Denied):
            remove_team_member(member.team, member.membership, by=by)
