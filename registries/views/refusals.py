"""What a refusal page says beyond the sentence: roles, and who can give the missing one."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.actors import Denied, Refusal
from accounts.models import Membership, Organization, User
from accounts.permissions import OrganizationPermission, Role
from registries.backends import explain
from registries.models import Registry
from registries.permissions import GIVEN_ROLES, Permission
from registries.views.requests import asking

GRANTORS = 8
"""How many people the page names."""

WORDS = {
    Role.RESTRICTED_VIEWER: "See names, details and metadata.",
    Role.VIEWER: "Also use, open and download files.",
    Role.MEMBER: "Also link versions, move aliases, edit cards and tags.",
    Role.ADMIN: "Also visibility, members, roles and protected aliases.",
    Role.OWNER: "The one accountable Admin: also moves ownership.",
}


class Step(NamedTuple):
    """One role of the ladder; state is "have", "need" or "beyond"."""

    role: str
    state: str
    words: str


class Grantor(NamedTuple):
    """Somebody who can give the missing role, and as what."""

    user: User
    role: str


def context(refusal: Refusal, user: Any) -> dict[str, Any]:
    """Return what the refusal page shows, for a person who may see the object."""
    if not isinstance(refusal, Denied):
        return {}
    permission, obj = refusal.permission, refusal.obj
    registry = getattr(obj, "registry", None)
    if isinstance(permission, Permission) and isinstance(registry, Registry):
        return _in_registry(permission, registry, obj, user)
    if isinstance(permission, OrganizationPermission) and isinstance(obj, Organization):
        return _in_organization(permission, obj)
    return {}


def _in_registry(
    permission: Permission, registry: Registry, obj: Any, user: User
) -> dict[str, Any]:
    least, standing = permission.row.minimum, explain(registry, user)
    if standing.role is None or standing.role.rank >= least.rank:
        return {}  # a role would not help: the sentence says what would
    return {
        "heading": f"{permission.label} needs the role {least.label}",
        "permission": permission.value.removeprefix("registries."),
        "seen": obj,
        "registry": registry,
        "organization": registry.organization,
        "around": registry.organization,
        "ladder": _ladder(standing.role, least),
        "origin": standing.origin,
        "grantors": grantors(registry),
        **asking(registry, user, need=least),
    }


def _in_organization(
    permission: OrganizationPermission, organization: Organization
) -> dict[str, Any]:
    admins = _people(organization).filter(role=Role.ADMIN)[:GRANTORS]
    return {
        "heading": f"{permission.label} needs another role",
        "permission": permission.value.removeprefix("accounts."),
        "organization": organization,
        "around": organization,
        "grantors": [Grantor(admin.user, "Organization Admin") for admin in admins],
    }


def _ladder(have: Role, need: Role) -> list[Step]:
    states = {have: "have", need: "need"}
    roles = [*GIVEN_ROLES, Role.OWNER] if need is Role.OWNER else GIVEN_ROLES
    return [Step(role.label, states.get(role, "beyond"), WORDS[role]) for role in roles]


def grantors(registry: Registry) -> list[Grantor]:
    """The Owner and Admins of a registry, the Owner first; at most 8."""
    people = _people(registry.organization)
    given = people.filter(
        registry_roles__in=registry.members.in_force().filter(role=Role.ADMIN)
    )
    admins = people.none() if registry.is_restricted else people.filter(role=Role.ADMIN)
    found: dict[int, Grantor] = {}
    for role, some in (
        ("Owner", people.filter(owned_registries=registry)),
        ("Admin", given),
        ("Organization Admin", admins),
    ):
        for membership in some[:GRANTORS]:
            found.setdefault(membership.pk, Grantor(membership.user, role))
    return list(found.values())[:GRANTORS]


def _people(organization: Organization) -> QuerySet[Membership]:
    return Membership.objects.select_related("user__entity").filter(
        organization=organization, user__is_active=True, user__is_service_account=False
    )
