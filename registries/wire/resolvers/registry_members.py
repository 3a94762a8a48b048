"""Who was given a role in a registry, and which types it accepts."""

from __future__ import annotations

from typing import Any

from accounts.models import Membership
from accounts.permissions import Role
from registries.models import AcceptedType, Collection, Registry
from registries.wire.fields import Asking
from registries.wire.ids import encode
from registries.wire.paging import whole
from registries.wire.resolvers.people import EntityNode
from registries.wire.resolvers.team_members import members


def people_in(registry: Registry) -> list[dict[str, Any]]:
    """Return the Owner, and everybody who was given a role, as members of the registry."""
    rows = registry.members.in_force().filter(team=None, membership__user__is_active=True)
    given = rows.select_related("membership__user__entity").order_by("pk")
    found = [(row.membership, row.role) for row in given if row.membership is not None]
    owner = Membership.objects.filter(owned_registries=registry)
    for membership in owner.select_related("user__entity"):
        found.insert(0, (membership, Role.OWNER))
    return [
        {
            "id": encode("User", membership.user_id),
            "name": membership.user.display_name,
            "username": membership.user.username,
            "email": membership.user.email or "",
            "role": {"name": role},
        }
        for membership, role in found
    ]


def teams_in(asking: Asking, registry: Registry) -> list[dict[str, Any]]:
    """Return the teams that were given a role, with those who are in them."""
    rows = registry.members.in_force().filter(team__deleted_at=None).exclude(team=None)
    given = rows.select_related("team__entity").order_by("pk")
    found = [(row.team.entity, row.role) for row in given if row.team is not None]
    for entity, _ in found:
        asking.expect(members, entity.pk)
    return [
        {"team": EntityNode(asking, entity), "role": {"name": role}}
        for entity, role in found
    ]


def types_of(asking: Asking, registry: Registry) -> dict[str, Any]:
    """Return the types it accepts; those saved or in use, where it accepts all."""
    names = asking.load(types_there, registry.pk) or []
    known = {"description": None, "created_at": registry.created_at}
    return whole({"id": name, "name": name, **known} for name in names)


def types_there(asking: Asking, registries: list[int]) -> dict[int, list[str]]:
    """Return the types saved for each registry, and behind them those that are in use.

    Where only the saved ones are accepted, no other is in use.
    """
    found: dict[int, dict[str, None]] = {pk: {} for pk in registries}
    saved = AcceptedType.objects.filter(registry__in=registries).order_by("pk")
    live = Collection.objects.live().filter(
        registry__in=registries, registry__accepts_all_types=True
    )
    in_use = live.order_by("registry", "type").values_list("registry_id", "type")
    for pk, name in (*saved.values_list("registry_id", "name"), *in_use.distinct()):
        found[pk or 0][name] = None
    return {pk: list(names) for pk, names in found.items()}
