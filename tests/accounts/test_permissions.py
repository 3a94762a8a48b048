"""Rights in organizations and teams, against the tables of rules.md section 2 by hand."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.actors import Actor, Denied, Refusal
from accounts.backends import team_allows
from accounts.models import Membership, Organization, Team, User
from accounts.operations.teams import add_team_member, create_team, remove_team_member
from accounts.permissions import OrganizationPermission, Role, TeamPermission
from registries.models import Project
from registries.operations.artifacts import begin_artifact
from registries.operations.organizations import (
    add_member,
    change_organization_role,
    create_service_account,
    remove_member,
)
from registries.operations.projects import ensure_project
from registries.operations.registries import create_registry, take_access
from tests.cast import ANONYMOUS, PEOPLE, RESTRICTED, Cast
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    TeamFactory,
    TeamMembershipFactory,
    acting,
    make_organization,
)
from tests.rights import (
    ORGANIZATION_GRANTS,
    ORGANIZATION_ROLES,
    PROJECT_GRANTS,
    TEAM_ROLES,
    holds,
)

pytestmark = [pytest.mark.django_db, pytest.mark.tables]


def actor(cast: Cast, person: str) -> Actor:
    return Actor(None if person == ANONYMOUS else cast.person(person), via="test")


def membership(cast: Cast, person: str) -> Membership:
    return cast.organization.memberships.get(user=cast.people[person])


# Organizations


def test_the_tables_hold_every_permission():
    assert set(ORGANIZATION_GRANTS) == codenames(OrganizationPermission)
    assert set(PROJECT_GRANTS) == codenames(TeamPermission)


def codenames(permissions) -> set[str]:
    return {permission.value.removeprefix("accounts.") for permission in permissions}


@pytest.mark.parametrize("person", PEOPLE)
def test_has_perm_in_an_organization_follows_the_table(cast, person):
    user = cast.person(person)
    granted = {
        codename
        for codename in ORGANIZATION_GRANTS
        if user.has_perm(f"accounts.{codename}", cast.organization)
    }

    role = ORGANIZATION_ROLES[person]
    assert granted == {
        name for name, roles in ORGANIZATION_GRANTS.items() if holds(role, roles)
    }
    assert Organization.objects.visible_to(user).contains(cast.organization) is (
        role != "-"
    )
    assert Team.objects.visible_to(user).contains(cast.other) is (role != "-")


ORGANIZATION_DOORS = {
    "create_registry by operation": lambda cast, by: create_registry(
        cast.organization, "new", owner=owner_named_by(cast, by), by=by
    ),
    "create_team by operation": lambda cast, by: create_team(
        cast.organization, "another", by=by
    ),
    "manage_people by adding": lambda cast, by: add_member(
        cast.organization, cast.person("outsider"), Role.VIEWER, by=by
    ),
    "manage_people by changing a role": lambda cast, by: change_organization_role(
        membership(cast, "viewer"), Role.MEMBER, by=by
    ),
    "manage_people by removing": lambda cast, by: remove_member(
        membership(cast, "team member"), by=by
    ),
    "manage_service_accounts by creating": lambda cast, by: create_service_account(
        cast.organization, "robot", by=by
    ),
}


def owner_named_by(cast: Cast, by: Actor) -> User | None:
    """The installation administrator is in no organization, and has to name an owner."""
    outside = by.user is not None and by.user.is_superuser
    return cast.person("owner") if outside else None


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("door", ORGANIZATION_DOORS)
def test_every_door_in_an_organization_follows_the_table(cast, person, door):
    roles = ORGANIZATION_GRANTS[door.split()[0]]
    itself = person == "team member" and "removing" in door  # everybody may leave
    expected = holds(ORGANIZATION_ROLES[person], roles) or itself

    assert done(ORGANIZATION_DOORS[door], cast, actor(cast, person)) is expected


def done(door, *arguments) -> bool:
    try:
        with transaction.atomic():
            door(*arguments)
    except Denied:
        return False
    return True


@pytest.mark.parametrize("person", PEOPLE)
def test_only_organization_admins_take_access(cast, person):
    door = lambda: take_access(cast.registry(RESTRICTED), by=actor(cast, person))  # noqa: E731
    if person == "installation administrator":
        with pytest.raises(Refusal, match="Only somebody in"):
            door()
    else:
        assert done(door) is (ORGANIZATION_ROLES[person] == "Admin")


@pytest.mark.parametrize("person", PEOPLE)
def test_creating_registries_can_be_narrowed_to_admins(cast, person):
    Organization.objects.filter(pk=cast.organization.pk).update(
        registry_creators=Role.ADMIN
    )
    organization = Organization.objects.get(pk=cast.organization.pk)
    user = cast.person(person)

    allowed = user.has_perm(OrganizationPermission.CREATE_REGISTRY, organization)
    door = ORGANIZATION_DOORS["create_registry by operation"]

    assert allowed is (ORGANIZATION_ROLES[person] in {"Admin", "all"})
    assert done(door, cast, actor(cast, person)) is allowed


def test_the_setting_acts_at_once_on_whoever_read_the_organization_before():
    organization = make_organization()
    member = acting(MembershipFactory(organization=organization).user)
    Organization.objects.filter(pk=organization.pk).update(registry_creators=Role.ADMIN)

    with pytest.raises(Denied, match="the role Admin in the organization"):
        create_registry(organization, "new", by=member)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_service_accounts_create_no_registries(role):
    organization = make_organization()
    robot = create_service_account(organization, "robot", role=role, by=SYSTEM)

    assert not robot.has_perm(OrganizationPermission.CREATE_REGISTRY, organization)
    assert robot.has_perm(OrganizationPermission.CREATE_TEAM, organization) is (
        role == Role.MEMBER
    )
    with pytest.raises(Denied):
        create_registry(organization, "new", by=acting(robot))


def test_permissions_are_of_one_organization_only():
    admin = MembershipFactory(role=Role.ADMIN)

    assert admin.user.has_perm(OrganizationPermission.MANAGE_PEOPLE, admin.organization)
    assert not admin.user.has_perm(OrganizationPermission.VIEW, make_organization())
    assert not admin.user.has_perm(OrganizationPermission.VIEW)


def test_twenty_checks_cost_one_query(django_assert_num_queries):
    admin = MembershipFactory(role=Role.ADMIN)

    with django_assert_num_queries(1):
        for _ in range(3):
            for permission in OrganizationPermission:
                admin.user.has_perm(permission, admin.organization)


# Teams and their projects


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", ["other", "added"])
def test_rights_in_a_team_and_its_project_follow_the_table(cast, person, name):
    user, team = cast.person(person), getattr(cast, name)
    project = Project.objects.create(entity=team.entity, name="p", key="p")
    role = TEAM_ROLES.get(person, "-")
    if name == "added":
        role = {"team admin": "-", "team member": "Viewer"}.get(person, role)
    expected = {
        codename for codename, roles in PROJECT_GRANTS.items() if holds(role, roles)
    }

    for subject in (team, project):
        granted = {c for c in PROJECT_GRANTS if user.has_perm(f"accounts.{c}", subject)}
        assert granted == expected
    assert Project.objects.visible_to(user).contains(project) is bool(expected)


TEAM_DOORS = {
    "log_artifacts by making a project": lambda team, by: ensure_project(
        team, "new", by=by
    ),
    "log_artifacts by beginning": lambda team, by: begin_artifact(
        project_of(team), "c", artifact_type="model", by=by
    ),
    "manage_team by adding": lambda team, by: add_team_member(
        team, MembershipFactory(organization=team.organization), Role.VIEWER, by=by
    ),
    "manage_team by changing a role": lambda team, by: add_team_member(
        team, team.memberships.get(role=Role.VIEWER).membership, Role.MEMBER, by=by
    ),
    "manage_team by removing": lambda team, by: remove_team_member(
        team, team.memberships.get(role=Role.MEMBER).membership, by=by
    ),
}


def project_of(team: Team) -> Project:
    return Project.objects.create(entity=team.entity, name="p", key="p")


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.MEMBER, Role.ADMIN])
@pytest.mark.parametrize("standing", [Role.VIEWER, Role.MEMBER, Role.ADMIN])
@pytest.mark.parametrize("door", TEAM_DOORS)
def test_every_door_in_a_team_follows_the_table(door, role, standing):
    team = TeamFactory()
    for each in (Role.VIEWER, Role.MEMBER):
        TeamMembershipFactory(team=team, role=each)
    member = MembershipFactory(organization=team.organization, role=standing)
    if role is not None:
        team.memberships.filter(role=role).delete() if role != Role.ADMIN else None
        TeamMembershipFactory(team=team, membership=member, role=role)
    strength = "Admin" if standing == Role.ADMIN else role and role.label
    expected = holds(strength or "-", PROJECT_GRANTS[door.split()[0]])
    if "removing" in door and role == Role.MEMBER:
        expected = True  # everybody may leave

    assert done(TEAM_DOORS[door], team, acting(member.user)) is expected


def test_a_role_in_a_team_is_no_role_in_a_registry_nor_in_another_team(cast):
    user = cast.person("team admin")

    assert team_allows(user, TeamPermission.MANAGE, cast.other)
    assert not team_allows(user, TeamPermission.VIEW, cast.added)
    assert not user.has_perm("registries.view_collection", cast.registry(RESTRICTED))


def test_a_deleted_team_has_no_members_but_the_organizations_admins():
    member = TeamMembershipFactory(role=Role.ADMIN)
    team, user = member.team, member.membership.user
    admin = MembershipFactory(organization=team.organization, role=Role.ADMIN).user
    project = project_of(team)
    Team.objects.filter(pk=team.pk).update(deleted_at="2026-01-01T00:00Z")
    team = Team.objects.get(pk=team.pk)

    assert not user.has_perm(TeamPermission.VIEW, project)
    assert not Project.objects.visible_to(user).contains(project)
    assert admin.has_perm(TeamPermission.DELETE, project)
    assert Project.objects.visible_to(admin).contains(project)
    assert not Team.objects.visible_to(admin).contains(team)
