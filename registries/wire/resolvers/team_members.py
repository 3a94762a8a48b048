"""Who is in a team, and who was invited into it."""

from __future__ import annotations

from typing import Any

from accounts.actors import may
from accounts.models import Entity, Invitation, TeamMembership
from accounts.permissions import OrganizationPermission, Role
from registries.wire.fields import Asking
from registries.wire.ids import encode

type Member = dict[str, Any]

NOBODY: Member = {"photo_url": None, "api_key": None, "username": None, "id": None}


def members_of(asking: Asking, entity: Entity) -> list[Member]:
    """Return who is in a team, the newest last, behind those who were invited."""
    if entity.kind != Entity.Kind.TEAM:
        return []
    return asking.load(members, entity.pk) or []


def members(asking: Asking, teams: list[int]) -> dict[int, list[Member]]:
    """Return who is in each of some teams that the asker sees."""
    found: dict[int, list[Member]] = {team: [] for team in teams}
    for invitation in _invitations(asking, teams):
        assert invitation.team is not None
        found[invitation.team.entity_id].append(_invited(invitation))
    rows = TeamMembership.objects.filter(team__entity__in=teams).order_by("pk")
    for row in rows.select_related("team", "membership__user__entity"):
        found[row.team.entity_id].append(_member(row))
    return found


def _invitations(asking: Asking, teams: list[int]) -> list[Invitation]:
    """Return who waits for a place; whose addresses these are, only some may know."""
    rows = Invitation.objects.open().filter(team__entity__in=teams).order_by("pk")
    found = rows.select_related("team", "organization__entity")
    manages = OrganizationPermission.MANAGE_PEOPLE
    return [row for row in found if may(asking.actor, manages, row.organization)]


def _member(row: TeamMembership) -> Member:
    user = row.membership.user
    return NOBODY | {
        "id": encode("User", user.pk),
        "role": row.role,
        "admin": row.role == Role.ADMIN,
        "pending": False,
        "email": user.email,
        "username": user.username,
        "name": user.display_name,
        "account_type": "SERVICE" if user.is_service_account else row.role.upper(),
    }


def _invited(invitation: Invitation) -> Member:
    role = invitation.team_role
    return NOBODY | {
        "id": encode("Invite", invitation.pk),
        "role": role,
        "admin": role == Role.ADMIN,
        "pending": True,
        "email": invitation.email,
        "name": invitation.email,
        "account_type": role.upper(),
    }
