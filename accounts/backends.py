"""Who is signing in; and what one may do in organizations and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db import models

from accounts.actors import remember
from accounts.models import Entity, Membership, Organization, Team, TeamMembership, User
from accounts.permissions import OrganizationPermission, Role, TeamPermission, allowed

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest


class EmailBackend(BaseBackend):
    """Sign in with e-mail address or username, and password.

    Every failure gets the same answer and costs one hash.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        email: str | None = None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """Return the active person with that name and password."""
        name = email or username
        if not name or not password or "\0" in name:
            return None
        user = User.objects.people().select_related("entity").named(name).first()
        if user is None or not user.has_usable_password():
            make_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session, unless deactivated since."""
        users = User.objects.select_related("entity").filter(is_active=True)
        return users.filter(pk=user_id).first()


def standings(user: User) -> dict[int, Membership]:
    """The user's memberships by organization id; one query, remembered for the request."""
    return remember(user, "standings", _standings)


def _standings(user: User) -> dict[int, Membership]:
    memberships = Membership.objects.select_related("organization__entity")
    rows = memberships.filter(user=user, user__is_active=True)
    return {row.organization_id: row for row in rows}


def team_roles(user: User) -> dict[int, Role]:
    """The user's roles in teams by team id; one query, remembered for the request."""
    return remember(user, "team_roles", _team_roles)


def _team_roles(user: User) -> dict[int, Role]:
    rows = TeamMembership.objects.filter(
        membership__user=user, membership__user__is_active=True, team__deleted_at=None
    )
    return {team: Role(role) for team, role in rows.values_list("team_id", "role")}


def is_organization_admin(user: User, organization_id: int) -> bool:
    """Say whether the user is Admin of the organization."""
    standing = standings(user).get(organization_id)
    return standing is not None and standing.role == Role.ADMIN


def administers(user: User | AnonymousUser) -> bool:
    """Say whether the admin lets the user in: of an organization, or of the whole."""
    if not isinstance(user, User) or not user.is_staff:
        return False
    return user.is_superuser or any(
        standing.role == Role.ADMIN for standing in standings(user).values()
    )


def default_entity(user: User) -> Entity:
    """Return where the user's runs go unless they say otherwise.

    A service account of a team logs for its team, everybody else for themselves or for the
    team that they chose, while they are in it.
    """
    if user.team is not None:
        return user.team.entity
    chosen = user.default_team
    if chosen is not None and chosen.pk in team_roles(user):
        return chosen.entity
    return user.entity


class OrganizationBackend(BaseBackend):
    """Answer `user.has_perm(permission, obj)` for organizations and teams."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether the user has the permission in the organization or team."""
        if isinstance(obj, Organization) and perm in set(OrganizationPermission):
            return self._in_organization(user_obj, OrganizationPermission(perm), obj)
        if isinstance(obj, Team) and perm in set(TeamPermission):
            return team_allows(user_obj, TeamPermission(perm), obj)
        return False

    def _in_organization(
        self, user: Any, permission: OrganizationPermission, organization: Organization
    ) -> bool:
        if not user.is_active or user.is_anonymous:
            return False
        creates = permission is OrganizationPermission.CREATE_REGISTRY
        if creates and user.is_service_account:
            return False
        if user.is_superuser:
            return True
        standing = standings(user).get(organization.pk)
        if standing is None:
            return False
        least = Role(organization.registry_creators) if creates else permission.minimum
        return Role(standing.role).rank >= least.rank


def team_allows(user: Any, permission: TeamPermission, team: Team) -> bool:
    """Say whether the user has the permission in the team.

    Organization Admins are team Admins. A deleted team has no members, but its projects
    stay, and the organization's Admins with them.
    """
    if not user.is_active or user.is_anonymous:
        return False
    if user.is_superuser or is_organization_admin(user, team.organization_id):
        return True
    role = team_roles(user).get(team.pk)
    return role is not None and permission.value in allowed(TeamPermission, role)


def in_team(user: User) -> models.QuerySet[Team]:
    """The teams whose projects the user sees: their own, and all where they are Admin."""
    if user.is_superuser:
        return Team.objects.all()
    admin_of = Membership.objects.filter(user=user, role=Role.ADMIN).values("organization")
    return Team.objects.filter(
        models.Q(memberships__membership__user=user, deleted_at=None)
        | models.Q(organization__in=admin_of)
    ).distinct()
