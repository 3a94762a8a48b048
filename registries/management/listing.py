"""What `list` shows of each kind of row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.actors import Actor, may
from accounts.management.finding import find_organization, visible
from accounts.models import Organization, User
from accounts.permissions import Role
from registries.backends import explain
from registries.management.finding import find_collection, find_registry
from registries.management.names import Name
from registries.management.progress import size
from registries.models import Collection, Registry
from registries.permissions import Permission

Row = dict[str, Any]


def rows_of(place: Name, *, by: Actor) -> list[Row]:
    """Return what is in the place, one level down, by name; versions newest first."""
    if place.collection:
        return _versions(find_collection(place, by=by))
    if place.registry:
        return _collections(find_registry(place, by=by))
    if place.organization:
        return _registries(find_organization(place.organization, by=by), by=by)
    return _organizations(by=by)


def _organizations(*, by: Actor) -> list[Row]:
    organizations = visible(Organization.objects.select_related("entity"), by)
    return [
        {"name": each.name, "display_name": each.display_name}
        for each in organizations.order_by("entity__name")
    ]


def _registries(organization: Organization, *, by: Actor) -> list[Row]:
    registries = visible(Registry.objects.live(), by).filter(organization=organization)
    found = registries.select_related("organization__entity", "owner__user__entity")
    return [
        {
            "name": each.name,
            "visibility": each.visibility,
            "types": [accepted.name for accepted in each.accepted_types.all()] or "all",
            "owner": each.owner.user.username if each.owner else None,
            "collections": each.collection_count,
            "versions": each.version_count,
            "bytes": each.logical_bytes,
        }
        for each in found.prefetch_related("accepted_types").order_by("-is_core", "name")
    ]


def _collections(registry: Registry) -> list[Row]:
    collections = registry.collections.live().prefetch_related("aliases__version", "tags")
    return [
        {
            "name": each.name,
            "type": each.type,
            "versions": each.version_count,
            "bytes": each.logical_bytes,
            "aliases": {alias.name: alias.version.number for alias in each.aliases.all()},
            "tags": [tag.name for tag in each.tags.all()],
            "updated": each.updated_at,
        }
        for each in collections.order_by("name")
    ]


def _versions(collection: Collection) -> list[Row]:
    versions = collection.versions.filter(artifact__state="committed")
    found = versions.select_related("artifact", "created_by__entity")
    return [
        {
            "version": f"v{each.number}",
            "aliases": [alias.name for alias in each.aliases.all()],
            "files": each.artifact.file_count,
            "bytes": each.artifact.size,
            "digest": each.artifact.digest,
            "linked": each.created_at,
            "by": each.created_by.username if each.created_by else None,
        }
        for each in found.prefetch_related("aliases").order_by("-number")
    ]


def standing_of(registry: Registry, user: User) -> Row:
    """Return somebody's effective role in a registry, why, and what it allows."""
    standing = explain(registry, user)
    actor = Actor(user=user, via="command")
    return {
        "user": user.username,
        "registry": registry.full_name,
        "role": standing.role,
        "reasons": [
            {"role": reason.role, "why": reason.why} for reason in standing.reasons
        ],
        "rule": standing.rule,
        "administers_installation": user.is_active and user.is_superuser,
        "permissions": [
            {
                "number": permission.row.number,
                "permission": permission.value.removeprefix("registries."),
                "allowed": may(actor, permission, registry),
                "wording": permission.row.wording,
            }
            for permission in Permission
        ],
    }


def sentences(standing: Row) -> str:
    """Return the role and why, in the words of "Why?" on the page, and the permissions."""
    role = Role(standing["role"]).label if standing["role"] else "no role"
    lines = [f"{standing['user']} has {role} in {standing['registry']}."]
    lines += [
        f"{Role(reason['role']).label}: {reason['why']}." for reason in standing["reasons"]
    ]
    lines.append(standing["rule"])
    if standing["administers_installation"]:
        lines.append("An installation administrator passes every check.")
    return "\n".join([*lines, "", table(standing["permissions"])])


def table(rows: list[Row]) -> str:
    """Return the rows as columns under their names."""
    if not rows:
        return "Nothing here yet."
    lines = [[key.replace("_", " ").upper() for key in rows[0]]]
    lines += [[_cell(key, value) for key, value in row.items()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Iterable[str], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cell(key: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "-", True: "yes", False: "no"}[value]
    if key == "bytes":
        return size(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}=v{number}" for name, number in value.items())
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)
