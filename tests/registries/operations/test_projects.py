from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actors import Actor, Denied, Invalid
from accounts.models import Team, User
from accounts.permissions import Role
from registries.models import Project
from registries.operations.projects import ensure_project
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    acting,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("first", "second"), [("Vision", "VISION"), ("\ufb01le", "file")])
def test_a_project_is_found_by_any_form_of_its_name(first, second):
    team = TeamFactory()

    assert ensure_project(team, first, by=SYSTEM) == ensure_project(team, second, by=SYSTEM)
    assert Project.objects.get().name == first


def test_a_name_is_free_once_its_project_is_in_the_trash():
    team = TeamFactory()
    old = ensure_project(team, "vision", by=SYSTEM)
    Project.objects.update(deleted_at=timezone.now())

    assert ensure_project(team, "vision", by=SYSTEM) != old


@pytest.mark.parametrize(
    "name", ["", "a/b", "registry", "wandb-registry-x", "\ufdfa" * 128]
)
def test_a_bad_name_is_refused(name, unchanged):
    team = TeamFactory()

    with unchanged(), pytest.raises(Invalid) as refusal:
        ensure_project(team, name, by=SYSTEM)

    assert refusal.value.field == "project"


def test_a_personal_project_is_made_by_its_person_alone(unchanged):
    user = UserFactory()
    inactive = UserFactory()
    User.objects.filter(pk=inactive.pk).update(is_active=False)

    for owner, by in (
        (user, acting(UserFactory())),
        (user, acting(UserFactory(is_superuser=True))),
        (user, Actor(None, via="test")),
        (inactive, acting(inactive)),
    ):
        with unchanged(), pytest.raises(Denied):
            ensure_project(owner, "uploads", by=by)
    assert ensure_project(user, "uploads", by=acting(user)).entity == user.entity


def test_only_organization_admins_log_for_a_deleted_team(unchanged):
    member = TeamMembershipFactory(role=Role.ADMIN)
    admin = MembershipFactory(organization=member.team.organization, role=Role.ADMIN)
    Team.objects.update(deleted_at=timezone.now())

    with unchanged(), pytest.raises(Denied):
        ensure_project(member.team, "uploads", by=acting(member.membership.user))
    assert ensure_project(member.team, "uploads", by=acting(admin.user))
