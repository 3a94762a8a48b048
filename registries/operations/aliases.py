"""Aliases of versions: adding, moving, taking off; each move is in the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Invalid, Missing, authorize
from accounts.operations.locks import hold
from accounts.operations.memberships import keep_members
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Alias, AliasMove, Collection, Version
from registries.models.collection import LATEST
from registries.permissions import Permission
from registries.search import index_alias

UNDONE = "undone"
"""The reason that an undone move is kept with."""


def locked(collection: Collection) -> Collection:
    """Lock the live collection against everybody who moves its aliases, and return it."""
    found = lock(collection)
    if not found.is_live:
        raise Missing(f"There is no collection {collection}.")
    return found


def lock(collection: Collection) -> Collection:
    """Lock the collection, be it in the trash, and return it."""
    if collection.registry is not None:
        keep_members(collection.registry.organization_id)
    found = hold(Collection.objects.all()).select_related(
        "registry__organization__entity", "project__entity__team"
    )
    if (present := found.filter(pk=collection.pk).first()) is None:
        raise Missing(f"There is no collection {collection}.")
    return present


def locked_version(version: Version) -> Version:
    """Lock the live collection of the version, and return the version as it is now."""
    collection = locked(version.collection)
    if (present := collection.versions.filter(pk=version.pk).first()) is None:
        raise Missing(f"There is no version {version}.")
    present.collection = collection
    return present


def authorize_edit(by: Actor, permission: Permission, place: Collection | Version) -> None:
    """Authorize a change in a registry; in a project it takes a Member of the team."""
    authorize(by, edit_permission(permission, place), place)


def edit_permission(
    permission: Permission, place: Collection | Version
) -> Permission | TeamPermission:
    """Return what a change takes: in a project it is a Member of the team who may."""
    return permission if place.registry else TeamPermission.LOG


@transaction.atomic
def set_alias(
    version: Version,
    name: str,
    *,
    reason: str = "",
    instead_of: str | None = None,
    by: Actor,
) -> Alias | None:
    """Put an alias on a version, taking it off another one. Writes alias.add or alias.move.

    `latest` is ignored: it follows the newest version by itself. With where the alias was
    seen, `v<number>` or empty for nowhere, one that is elsewhere by now is a Conflict.
    """
    version = locked_version(version)
    name, reason = text.alias(name), text.reason(reason)
    authorize_aliases(version, [name], by=by)
    if name == LATEST:
        return None
    _refuse_moved(version, name, instead_of)
    return put(version, name, reason=reason, by=by)


@transaction.atomic
def set_aliases(places: Sequence[tuple[Version, str]], *, by: Actor) -> None:
    """Put all of some aliases on versions, or none.

    Writes alias.add or alias.move for each.
    """
    for version, name in _in_order(text.some(places, "aliases")):
        set_alias(version, name, by=by)


@transaction.atomic
def remove_aliases(places: Sequence[tuple[Version, str]], *, by: Actor) -> None:
    """Take all of some aliases off versions, or none; one that is not on its version stays.

    Writes alias.remove for each.
    """
    for version, name in _in_order(text.some(places, "aliases")):
        authorize_aliases(version, [name], by=by)
        if version.aliases.filter(name=name).exists():
            seen = f"v{version.number}"
            remove_alias(version.collection, name, instead_of=seen, by=by)


def _in_order(places: Iterable[tuple[Version, str]]) -> list[tuple[Version, str]]:
    return sorted(places, key=lambda place: in_order(place[0]))


def in_order(version: Version) -> tuple[bool, int]:
    """Return where its collection stands in the one order in which all lock several.

    Sources come first: linking locks where something comes from, then where it goes.
    """
    return version.collection.registry_id is not None, version.collection_id


@transaction.atomic
def remove_alias(
    collection: Collection,
    name: str,
    *,
    reason: str = "",
    instead_of: str | None = None,
    by: Actor,
) -> None:
    """Take an alias off its version; `latest` stays. Writes alias.remove.

    With the version that it was seen on, one that is elsewhere by now is a Conflict.
    """
    collection = locked(collection)
    name, reason = text.alias(name), text.reason(reason)
    authorize_aliases(collection, [name], by=by)
    if name == LATEST:
        return
    alias = collection.aliases.filter(name=name).select_related("version").first()
    if alias is None:
        raise Invalid("alias", f"{collection} has no alias {name}.")
    if instead_of not in {None, f"v{alias.version.number}"}:
        raise Conflict(f"{name} is on v{alias.version.number} by now.")
    alias.version.collection = collection
    take_off(alias, reason=reason, by=by)


@transaction.atomic
def undo_move(move: AliasMove, *, by: Actor) -> None:
    """Put an alias back to where it was before its last move.

    Writes alias.add, alias.move or alias.remove, with the reason "undone".
    """
    collection = locked(move.collection)
    authorize_aliases(collection, [move.name], by=by)
    last = collection.alias_moves.filter(name=move.name).order_by("-pk").first()
    if last != move or move.name == LATEST:
        raise Conflict(f"{move.name} was moved again meanwhile: look where it is now.")
    if move.from_number is None:
        alias = collection.aliases.select_related("version").get(name=move.name)
        alias.version.collection = collection
        take_off(alias, reason=UNDONE, by=by)
        return
    before = collection.versions.committed().filter(number=move.from_number).first()
    if before is None:
        raise Conflict(f"v{move.from_number} is not there any more.")
    before.collection = collection
    put(before, move.name, reason=UNDONE, by=by)


def authorize_aliases(
    place: Collection | Version, names: Iterable[str], *, by: Actor
) -> None:
    """Raise Denied unless the actor may set these aliases here; protected ones take an
    Admin.
    """
    authorize_edit(by, Permission.EDIT_ALIASES, place)
    registry = place.registry
    if registry and registry.protected_aliases.filter(name__in=list(names)).exists():
        authorize(by, Permission.PROTECT_ALIAS, place)


def put(version: Version, name: str, *, reason: str = "", by: Actor) -> Alias:
    """Move an alias to a version of a locked collection, and keep the move."""
    collection = version.collection
    alias = collection.aliases.filter(name=name).select_related("version").first()
    before = alias.version.number if alias else None
    if alias is None:
        alias = Alias(collection=collection, name=name)
    elif alias.version_id == version.pk:
        return alias
    alias.version = version
    alias.updated_at = timezone.now()
    alias.save()
    if before is None:
        index_alias(collection, name)
    _keep(version, name, before, version.number, reason=reason, by=by)
    return alias


def take_off(alias: Alias, *, reason: str = "", by: Actor) -> None:
    """Remove an alias of a locked collection, and keep the move."""
    version = alias.version
    alias.delete()
    index_alias(version.collection, alias.name)
    _keep(version, alias.name, version.number, None, reason=reason, by=by)


def _refuse_moved(version: Version, name: str, instead_of: str | None) -> None:
    """Raise Conflict where the alias would be moved from elsewhere than was seen."""
    held = Version.objects.filter(collection=version.collection, aliases__name=name)
    at = "".join(f"v{other.number}" for other in held.exclude(pk=version.pk))
    if instead_of is not None and at not in {"", instead_of}:
        raise Conflict(f"{name} is on {at}: it would move to v{version.number}.")


def _keep(
    version: Version,
    name: str,
    before: int | None,
    after: int | None,
    *,
    reason: str,
    by: Actor,
) -> None:
    """Write the history and, but for `latest`, which nobody moves, the event."""
    AliasMove.objects.create(
        collection=version.collection,
        name=name,
        from_number=before,
        to_number=after,
        by=by.user,
        reason=reason,
    )
    if name == LATEST:
        return
    verb = "remove" if after is None else "add" if before is None else "move"
    record(
        f"alias.{verb}",
        version,
        by=by,
        before=None if before is None else {"alias": name, "version": before},
        after={"alias": name, "version": after},
        reason=reason,
    )
    touch(version.collection, by=by)


def touch(collection: Collection, *, by: Actor) -> None:
    """Note when and by whom the collection was last changed."""
    collection.updated_at = timezone.now()
    collection.updated_by = by.user
    collection.save(update_fields=["updated_at", "updated_by"])
