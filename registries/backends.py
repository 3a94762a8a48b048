"""What one may do in registries and projects: `user.has_perm(permission, obj)` (rules.md,
4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q

from accounts.actors import remember
from accounts.backends import is_organization_admin, standings, team_allows
from accounts.models import Membership, Team, User
from accounts.permissions import Role, TeamPermission
from registries.models import (
    Alias,
    AliasMove,
    Artifact,
    Collection,
    Project,
    Registry,
    RegistryMember,
    Tag,
    Version,
)
from registries.permissions import GRANTS, NOT_IN_CORE, Permission

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
        if isinstance(obj, Alias | AliasMove | Tag):
            obj = getattr(obj, "version", None) or obj.collection
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
    """Whether the object is not in the trash, but for the permission that restores it."""
    if isinstance(obj, Registry) and permission is Permission.DELETE_REGISTRY:
        return True
    if isinstance(obj, Collection) and permission is Permission.DELETE_COLLECTION:
        return registry.is_live
    return getattr(obj, "is_live", registry.is_live)


def _in_project(user: User, permission: TeamPermission, obj: Any) -> bool:
    project = obj if isinstance(obj, Project) else getattr(obj, "project", None)
    if project is None or not getattr(obj, "is_live", project.is_live):
        return False
    if user.is_superuser or project.entity_id == user.entity_id:
        return True
    team: Team | None = getattr(project.entity, "team", None)
    return team is not None and team_allows(user, permission, team)


def _in_any_home(user: User, permission: str, artifact: Artifact) -> bool:
    """Allowed if any home of the committed artifact allows it (rules.md, section 4)."""
    if artifact.state != Artifact.State.COMMITTED:
        return False
    homes = Version.objects.filter(artifact=artifact).select_related(
        "collection__registry__organization", "collection__project__entity__team"
    )
    return any(user.has_perm(permission, version) for version in homes)


def downloading(
    place: Collection | Version, *, whole: bool = False
) -> Permission | TeamPermission:
    """Return the permission that its files take, in the home where they are asked for."""
    if place.registry is None:
        return TeamPermission.VIEW
    return Permission.DOWNLOAD_ARTIFACT if whole else Permission.DOWNLOAD_FILE


class Reason(NamedTuple):
    """One role that somebody has, the rule that it comes from, and what the giver said."""

    role: Role
    origin: str
    words: str = ""

    @property
    def why(self) -> str:
        """The rule, with the words."""
        return f"{self.origin}, “{self.words}”" if self.words else self.origin


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in a registry, and the rule that decided."""

    role: Role | None
    origin: str
    given: Role | None = None
    """The role given to themselves there, whatever the effective one is."""
    reasons: tuple[Reason, ...] = ()
    """All roles that they have there, the strongest first: it counts."""

    @property
    def rule(self) -> str:
        """What decided between the reasons."""
        if self.role is Role.OWNER:
            return "The Owner has every permission of an Admin, whatever else was given."
        if len(self.reasons) > 1:
            return "The strongest role counts."
        return RULES.get(self.origin, "Nothing stronger was given here.")


GIVEN, DEFAULT = "given here", "organization default"
RULES = {
    GIVEN: "A given role replaces the default.",
    DEFAULT: "Nobody gave another role here, so the organization's default counts.",
    "no role here": "No rule gives a role here.",
}
"""What "Why?" adds to the only reason that there is."""
NOBODY = Standing(None, "no role here")


def explain(registry: Registry, user: User) -> Standing:
    """Return the user's effective role in the registry with the rule that it comes from."""
    membership = standings(user).get(registry.organization_id)
    if membership is None:
        return NOBODY
    membership.user = user
    return explain_all(registry, [membership])[membership.pk]


def explain_all(
    registry: Registry, memberships: Sequence[Membership]
) -> dict[int, Standing]:
    """Return how each of these members of the organization stands, by membership id.

    One query for all of them; the memberships come with their users.
    """
    grants = _grants(registry, [membership.pk for membership in memberships])
    return {m.pk: _standing(registry, m, grants.get(m.pk, [])) for m in memberships}


class Grant(NamedTuple):
    """A role given, the team through which, None where to themselves, and the reason."""

    role: Role
    team: str | None
    words: str


def _grants(registry: Registry, memberships: list[int]) -> dict[int, list[Grant]]:
    found: dict[int, list[Grant]] = {}
    rows = (
        RegistryMember.objects.in_force()
        .filter(registry=registry)
        .filter(
            Q(membership__in=memberships)
            | Q(team__memberships__membership__in=memberships, team__deleted_at=None)
        )
        .order_by("team_id")
        .values_list(
            "membership",
            "team__memberships__membership",
            "role",
            "team__entity__name",
            "reason",
        )
    )
    for membership, through, role, team, words in rows:
        grant = Grant(Role(role), team, words)
        found.setdefault(membership or through, []).append(grant)
    return found


def _standing(registry: Registry, membership: Membership, grants: list[Grant]) -> Standing:
    """Decide as `role_in` does; of equally strong reasons the most personal is named."""
    given = next((grant for grant in grants if grant.team is None), None)
    own_role = given.role if given else None
    if not membership.user.is_active:
        return NOBODY
    if registry.owner_id == membership.pk:
        owns = Reason(Role.OWNER, "owner of this registry")
        return Standing(owns.role, owns.origin, own_role, (owns,))
    reasons = [Reason(given.role, GIVEN, given.words)] if given else []
    if membership.role == Role.ADMIN and not registry.is_restricted:
        reasons.append(Reason(Role.ADMIN, "as organization Admin"))
    reasons += [
        Reason(grant.role, f"through team {grant.team}", grant.words)
        for grant in grants
        if grant.team
    ]
    if not reasons and not registry.is_restricted:
        reasons = [Reason(Role(registry.organization.default_role), DEFAULT)]
    if not reasons:
        return NOBODY
    reasons.sort(key=lambda reason: -reason.role.rank)
    return Standing(reasons[0].role, reasons[0].origin, own_role, tuple(reasons))
