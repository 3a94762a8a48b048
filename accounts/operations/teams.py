"""Teams and who is in them."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import Actor, Conflict, Invalid, Missing, authorize, refuse_read_only
from accounts.events import record
from accounts.models import Entity, Membership, Organization, Team, TeamMembership
from accounts.operations.memberships import lock_members
from accounts.operations.users import take_name
from accounts.permissions import (
    STANDING_ROLES,
    OrganizationPermission,
    Role,
    TeamPermission,
)


@transaction.atomic
def create_team(
    organization: Organization, name: str, *, admin: str = "", by: Actor
) -> Team:
    """Make a team; its creator becomes its Admin, and so does who is named beside.

    Writes team.create and team_member.add.
    """
    organization = lock_members(organization)
    authorize(by, OrganizationPermission.CREATE_TEAM, organization)
    team = Team.objects.create(
        entity=take_name(name, Entity.Kind.TEAM), organization=organization
    )
    record("team.create", team, by=by, organization=organization)
    creator = Membership.objects.filter(organization=organization, user=by.user).first()
    if creator is not None:
        join_team(team, creator, Role.ADMIN, by=by)
    if admin:
        add_team_member(team, member_named(organization, admin), Role.ADMIN, by=by)
    return team


@transaction.atomic
def add_team_member(
    team: Team, membership: Membership, role: str, *, by: Actor
) -> TeamMembership:
    """Put a member of the organization into a team, or change their role there.

    Writes team_member.add or team_member.change_role.
    """
    team = locked_team(team)
    authorize(by, TeamPermission.MANAGE, team)
    role = standing_role(role)
    if not team.organization.memberships.filter(pk=membership.pk).exists():
        raise Invalid("member", "There is no such member of this organization.")
    present = team.memberships.filter(membership=membership).first()
    if present is None:
        return join_team(team, membership, role, by=by)
    before, present.role = present.role, role
    if before != role:
        present.save(update_fields=["role"])
        _record("team_member.change_role", present, by=by, before=before, after=role)
    return present


@transaction.atomic
def remove_team_member(team: Team, membership: Membership, *, by: Actor) -> None:
    """Take a member out of a team; one may always leave. Writes team_member.remove."""
    refuse_read_only(by)
    team = locked_team(team)
    if by.user is None or by.user.pk != membership.user_id:
        authorize(by, TeamPermission.MANAGE, team)
    present = team.memberships.filter(membership=membership).first()
    if present is None:
        raise Invalid("member", "There is no such member of this team.")
    if membership.user.team_id == team.pk:
        raise Conflict(f"{membership.user} is an account of {team}; remove the account.")
    _record("team_member.remove", present, by=by, before=present.role)
    present.delete()


def standing_role(value: str, field: str = "role") -> Role:
    """Return a role in an organization or team."""
    if value not in {role.value for role in STANDING_ROLES}:
        words = ", ".join(role.value for role in STANDING_ROLES)
        raise Invalid(field, f"The role is one of {words}.")
    return Role(value)


def member_named(organization: Organization, name: str) -> Membership:
    """Return who has that username or e-mail address in the organization, or refuse."""
    if (found := organization.memberships.named(name).first()) is None:
        raise Invalid("member", f"There is no {name} in {organization}.")
    return found


def locked_team(team: Team) -> Team:
    """Lock who is in the team's organization; return the team, unless it was deleted."""
    lock_members(team.organization)
    live = Team.objects.live().select_related("organization__entity", "entity")
    if (found := live.filter(pk=team.pk).first()) is None:
        raise Missing(f"There is no team {team}.")
    return found


def join_team(
    team: Team, membership: Membership, role: Role, *, by: Actor
) -> TeamMembership:
    """Put a member of a locked organization into its team."""
    added = TeamMembership.objects.create(team=team, membership=membership, role=role)
    _record("team_member.add", added, by=by, after=role)
    return added


def _record(
    kind: str,
    member: TeamMembership,
    *,
    by: Actor,
    before: str | None = None,
    after: str | None = None,
) -> None:
    name = member.membership.user.username
    record(
        kind,
        member,
        by=by,
        organization=member.team.organization,
        before=before and {"user": name, "role": before},
        after=after and {"user": name, "role": after},
    )
