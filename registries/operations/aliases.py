"""Aliases of versions: adding, moving, taking off; each move is in the history."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Invalid, Missing, authorize
from accounts.operations.locks import hold
from accounts.operations.memberships import keep_members
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Alias, AliasMove, Collection, Version
from registries.models.collection import LATEST
from registries.permissions import Permission
from registries.search import index_alias


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
    authorize(by, permission if place.registry else TeamPermission.LOG, place)


@transaction.atomic
def set_alias(version: Version, name: str, *, reason: str = "", by: Actor) -> Alias | None:
    """Put an alias on a version, taking it off another one. Writes alias.add or alias.move.

    `latest` is ignored: it follows the newest version by itself.
    """
    version = locked_version(version)
    name, reason = text.alias(name), text.reason(reason)
    authorize_aliases(version, [name], by=by)
    return None if name == LATEST else put(version, name, reason=reason, by=by)


@transaction.atomic
def remove_alias(collection: Collection, name: str, *, reason: str = "", by: Actor) -> None:
    """Take an alias off its version; `latest` stays. Writes alias.remove."""
    collection = locked(collection)
    name, reason = text.alias(name), text.reason(reason)
    authorize_aliases(collection, [name], by=by)
    if name == LATEST:
        return
    alias = collection.aliases.filter(name=name).select_related("version").first()
    if alias is None:
        raise Invalid("alias", f"{collection} has no alias {name}.")
    alias.version.collection = collection
    take_off(alias, reason=reason, by=by)


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
