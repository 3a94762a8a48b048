"""Who was given a role in a registry, and which types it accepts."""

from __future__ import annotations

from typing import Any

from accounts.permissions import Role
from registries.models import Registry
from registries.operations.contents import types_there
from registries.wire.fields import Asking
from registries.wire.ids import encode
from registries.wire.resolvers.people import EntityNode
from registries.wire.resolvers.team_members import members


def people_in(registry: Registry) -> list[dict[str, Any]]:
    """Return the Owner, and everybody who was given a role, as members of the registry."""
    rows = registry.members.in_force().filter(team=None, membership__user__is_active=True)
    given = rows.select_related("membership__user__entity").order_by("pk")
    found = [(row.membership, row.role) for row in given if row.membership is not None]
    if registry.owner is not None:
        found.insert(0, (registry.owner, Role.OWNER))
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


def types_of(registry: Registry) -> dict[str, Any]:
    """Return the types it accepts; those saved or in use, where it accepts all."""
    names = [accepted.name for accepted in registry.accepted_types.all()]
    if registry.accepts_all_types:
        names = sorted(types_there(registry))
    known = {"description": None, "created_at": registry.created_at}
    edges = [{"node": {"id": name, "name": name, **known}} for name in names]
    return {"edges": edges, "page_info": {"has_next_page": False, "end_cursor": None}}
