"""What a refusal page says beyond the sentence: roles, and who can give the missing one."""

from __future__ import annotations

from typing import Any, NamedTuple

from accounts.actors import Denied, Refusal
from accounts.models import Membership
from accounts.permissions import Role
from registries.backends import role_in
from registries.models import Registry
from registries.permissions import Permission

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
    """One role of the ladder; state is "have", "need" or empty."""

    role: str
    state: str
    words: str


def context(refusal: Refusal, user: Any) -> dict[str, Any]:
    """Return what the refusal page shows, for a person who may see the object."""
    if not isinstance(refusal, Denied):
        return {}
    permission, registry = refusal.permission, getattr(refusal.obj, "registry", None)
    if not isinstance(permission, Permission) or not isinstance(registry, Registry):
        return {}
    least = permission.row.minimum
    return {
        "heading": f"{permission.label} needs the role {least.label}",
        "ladder": _ladder(role_in(registry, user), least),
        "grantors": grantors(registry),
        "owner_id": registry.owner_id,
        "back": registry.get_absolute_url(),
    }


def _ladder(have: Role | None, need: Role) -> list[Step]:
    states = {have: "have", need: "need"}
    return [Step(role.label, states.get(role, ""), words) for role, words in WORDS.items()]


def grantors(registry: Registry) -> list[Membership]:
    """The Owner and Admins of a registry, the Owner first; at most 8."""
    members = Membership.objects.select_related("user__entity").filter(
        organization=registry.organization_id, user__is_active=True
    )
    people = members.filter(user__is_service_account=False)
    given = people.filter(
        registry_roles__in=registry.members.in_force().filter(role=Role.ADMIN)
    )
    admins = people.filter(role=Role.ADMIN) if not registry.is_restricted else people.none()
    owner = people.filter(owned_registries=registry)
    found = {
        member.pk: member for some in (owner, given, admins) for member in some[:GRANTORS]
    }
    return list(found.values())[:GRANTORS]
