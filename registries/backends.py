"""What one may do in registries and projects: `user.has_perm(permission, obj)` (rules.md,
4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import BaseBackend

from accounts.actors import remember
from accounts.backends import is_organization_admin, standings, team_allows
from accounts.models import Team, User
from accounts.permissions import Role, TeamPermission
from registries.models import Artifact, Project, Registry, RegistryMember, Version
from registries.permissions import GRANTS, NOT_IN_CORE, OF_TRASH, Permission

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PERMISSIONS = frozenset(Permission)
TEAM_PERMISSIONS = frozenset(TeamPermission)


def given_roles(user: User) -> dict[int, list[Role]]:
    """The roles given to the user, or to teams of theirs, by registry id; one query a
    request.
    """
    return remember(user, "given_roles", _given_roles)


def _given_roles(user: User) -> dict[int, list[Role]]:
    roles: dict[int, list[Role]] = {}
    rows = RegistryMember.objects.held_by(user).values_list("registry", "role")
    for registry, role in rows.distinct():
        roles.setdefault(registry, []).append(Role(role))
    return roles


def role_in(registry: Registry, user: User | AnonymousUser) -> Role | None:
    """Return the user's effective role in the registry, None where they have none."""
    if not isinstance(user, User) or not user.is_active:
        return None
    standing = standings(user).get(registry.organization_id)
    if standing is None:
        return None
    if registry.owner_id == standing.pk:
        return Role.OWNER
    is_open = not registry.is_restricted
    roles = list(given_roles(user).get(registry.pk, []))
    if is_open and standing.role == Role.ADMIN:
        roles.append(Role.ADMIN)
    if not roles and is_open:
        return Role(standing.organization.default_role)
    return Role.strongest(roles)


class RegistryBackend(BaseBackend):
    """Answer for everything in a registry or project."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether the user has the permission on the object."""
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is None:
            return False
        if isinstance(obj, Artifact):
            return _in_any_home(user_obj, perm, obj)
        if perm in PERMISSIONS:
            return _in_registry(user_obj, Permission(perm), obj)
        if perm in TEAM_PERMISSIONS:
            return _in_project(user_obj, TeamPermission(perm), obj)
        return False


def _in_registry(user: User, permission: Permission, obj: Any) -> bool:
    registry = getattr(obj, "registry", None)
    if registry is None or not _reachable(permission, obj, registry):
        return False
    if registry.is_core and permission in NOT_IN_CORE:
        return False
    if user.is_superuser:
        return True
    if registry.is_core and permission is Permission.EDIT_REGISTRY:
        return is_organization_admin(user, registry.organization_id)
    role = role_in(registry, user)
    if permission is Permission.MOVE_OWNERSHIP and role is Role.ADMIN:
        return is_organization_admin(user, registry.organization_id)
    return role is not None and permission in GRANTS[role]


def _reachable(permission: Permission, obj: Any, registry: Registry) -> bool:
    """Whether the object is not in the trash; what restores asks about the trashed row
    itself.
    """
    if permission in OF_TRASH:
        return obj is registry or registry.is_live
    return getattr(obj, "is_live", registry.is_live)


def _in_project(user: User, permission: TeamPermission, obj: Any) -> bool:
    project = obj if isinstance(obj, Project) else getattr(obj, "project", None)
    if project is None or not getattr(obj, "is_live", project.is_live):
        return False
    if user.is_superuser or project.entity_id == user.entity_id:
        return True
    team = _team_of(project)
    return team is not None and team_allows(user, permission, team)


def _team_of(project: Project) -> Team | None:
    return Team.objects.filter(entity=project.entity_id).first()


def _in_any_home(user: User, permission: str, artifact: Artifact) -> bool:
    """Allowed if any home of the committed artifact allows it (rules.md, section 4)."""
    if artifact.state != Artifact.State.COMMITTED:
        return False
    homes = Version.objects.filter(artifact=artifact).select_related(
        "collection__registry__organization", "collection__project"
    )
    return any(user.has_perm(permission, version) for version in homes)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in a registry, and the rule that decided."""

    role: Role | None
    origin: str


def explain(registry: Registry, user: User) -> Standing:
    """Return the user's effective role in the registry with the rule that it comes from."""
    role = role_in(registry, user)
    if role is None:
        return Standing(None, "no role here")
    if role is Role.OWNER:
        return Standing(role, "owner of this registry")
    held = RegistryMember.objects.held_by(user).filter(registry=registry, role=role)
    grants = list(held.select_related("team__entity").order_by("team_id"))
    if any(grant.team is None for grant in grants):
        return Standing(role, "given here")
    if is_organization_admin(user, registry.organization_id) and role is Role.ADMIN:
        return Standing(role, "as organization Admin")
    if grants:
        return Standing(role, f"through team {grants[0].team}")
    return Standing(role, "organization default")
