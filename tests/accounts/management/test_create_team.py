from __future__ import annotations

import pytest
from django.core.management import CommandError

from accounts.models import Event, Team
from accounts.permissions import Role
from tests.commands import manage
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def test_a_member_makes_a_team_and_is_its_admin():
    member = MembershipFactory()
    organization = member.organization

    said = manage("create_team", f"{organization.name}/vision", "--as", member.user.email)

    team = Team.objects.get()
    assert said.out == f"{organization.name}/vision"
    assert team.memberships.get().membership == member
    assert team.memberships.get().role == Role.ADMIN
    assert Event.objects.filter(kind="team.create").count() == 1


def test_a_viewer_makes_none():
    viewer = MembershipFactory(role=Role.VIEWER)

    with pytest.raises(CommandError, match="needs the role Member"):
        manage(
            "create_team",
            f"{viewer.organization.name}/vision",
            "--as",
            viewer.user.username,
        )

    assert not Team.objects.exists()


def test_twice_is_a_conflict():
    organization = MembershipFactory().organization
    manage("create_team", f"{organization.name}/vision")

    with pytest.raises(CommandError, match="not available"):
        manage("create_team", f"{organization.name}/Vision")


@pytest.mark.parametrize("name", ["vision", "a/b/c", "/vision", "a/"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(CommandError, match="is not a name like ORG/NAME"):
        manage("create_team", name)
