"""Collections: making, describing, tagging, deleting, restoring.

In a registry and in a project alike; what differs says why.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Denied, Invalid, authorize
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Collection, Registry, Tag, UploadSession, Version
from registries.operations import members
from registries.operations.aliases import (
    authorize_edit,
    lock,
    locked,
    locked_version,
    touch,
)
from registries.operations.figures import count_collection
from registries.operations.keeping import refuse_linked
from registries.operations.numbers import carry_numbers
from registries.operations.seen import refuse_stale
from registries.permissions import Permission
from registries.search import index_collection, index_tag

MOST_TAGS = 50
"""How many tags are added at once."""


@transaction.atomic
def create_collection(
    registry: Registry,
    name: str,
    *,
    artifact_type: str,
    description: str = "",
    by: Actor,
) -> Collection:
    """Make an empty collection of one accepted type. Writes collection.create."""
    registry = members.locked(registry)
    authorize(by, Permission.CREATE_COLLECTION, registry)
    return add_collection(
        registry, text.collection_name(name), artifact_type, text.text(description), by=by
    )


def add_collection(
    registry: Registry, name: str, artifact_type: str, description: str = "", *, by: Actor
) -> Collection:
    """Make a collection in a locked registry; the caller has authorized."""
    artifact_type = text.artifact_type(artifact_type)
    check_accepted(registry, artifact_type)
    collection = Collection(
        registry=registry,
        kind=Collection.Kind.LINKED,
        name=name,
        key=name.lower(),
        type=artifact_type,
        description=description,
        created_by=by.user,
        updated_by=by.user,
    )
    _save_named(collection)
    index_collection(collection)
    count_collection(collection, added=1)
    record("collection.create", collection, by=by, after={"type": artifact_type})
    return collection


@transaction.atomic
def edit_collection(
    collection: Collection,
    *,
    name: str | None = None,
    artifact_type: str | None = None,
    by: Actor,
) -> Collection:
    """Change what is given of name and type; the type stays once there is a version.

    The old name is free at once; uploads under way follow. Writes collection.rename and
    collection.change_type.
    """
    _lock_registry(collection)
    collection = locked(collection)
    authorize_edit(by, Permission.EDIT_CARD, collection)
    if artifact_type not in {None, collection.type}:
        _change_type(collection, text.artifact_type(artifact_type), by=by)
    if name not in {None, collection.name}:
        _rename(collection, text.collection_name(name), by=by)
    return collection


@transaction.atomic
def edit_card(
    collection: Collection, description: str, *, seen: str | None = None, by: Actor
) -> Collection:
    """Replace the collection's description, in Markdown. Writes collection.edit_card.

    With the mark of the text that was seen, a card that changed meanwhile is a Conflict.
    """
    collection = locked(collection)
    authorize_edit(by, Permission.EDIT_CARD, collection)
    card = text.text(description)
    if card != collection.description:
        refuse_stale("card", collection.description, seen)
    before, collection.description = collection.description, card
    if before == card:
        return collection
    collection.save(update_fields=["description"])
    touch(collection, by=by)
    record("collection.edit_card", collection, by=by, before=before, after=card)
    return collection


@transaction.atomic
def add_tag(subject: Collection | Version, name: str, *, by: Actor) -> Tag:
    """Put a tag on a collection or version.

    Writes collection.add_tag or version.add_tag.
    """
    subject = locked_version(subject) if isinstance(subject, Version) else locked(subject)
    authorize_edit(by, Permission.EDIT_TAGS, subject)
    tag, is_new = subject.tags.get_or_create(name=text.tag(name))
    if is_new:
        collection = subject.collection if isinstance(subject, Version) else subject
        index_tag(collection, tag.name)
        kind = "collection" if subject is collection else "version"
        record(f"{kind}.add_tag", subject, by=by, after=tag.name)
    return tag


@transaction.atomic
def add_tags(
    subject: Collection | Version, names: Sequence[str], *, by: Actor
) -> list[Tag]:
    """Put all of some tags on a collection or version, or none of them.

    Writes collection.add_tag or version.add_tag for each new one.
    """
    authorize_edit(by, Permission.EDIT_TAGS, subject)
    if not 0 < len(names) <= MOST_TAGS:
        raise Invalid("tag", f"Name 1 to {MOST_TAGS} tags.")
    return [add_tag(subject, name, by=by) for name in names]


@transaction.atomic
def remove_tag(subject: Collection | Version, name: str, *, by: Actor) -> None:
    """Take a tag off a collection or version.

    Writes collection.remove_tag or version.remove_tag.
    """
    subject = locked_version(subject) if isinstance(subject, Version) else locked(subject)
    authorize_edit(by, Permission.EDIT_TAGS, subject)
    name = text.tag(name)
    deleted, _ = subject.tags.filter(name=name).delete()
    if not deleted:
        raise Invalid("tag", f"{subject} has no tag {name}.")
    collection = subject.collection if isinstance(subject, Version) else subject
    index_tag(collection, name)
    kind = "collection" if subject is collection else "version"
    record(f"{kind}.remove_tag", subject, by=by, before=name)


@transaction.atomic
def remove_tags(subject: Collection | Version, names: Sequence[str], *, by: Actor) -> None:
    """Take all of some tags off a collection or version, or none of them.

    Writes collection.remove_tag or version.remove_tag for each.
    """
    authorize_edit(by, Permission.EDIT_TAGS, subject)
    if not names:
        raise Invalid("tags", "Name at least one tag.")
    for name in text.some(names, "tags"):
        remove_tag(subject, name, by=by)


@transaction.atomic
def delete_collection(collection: Collection, *, by: Actor) -> Collection:
    """Put a collection into the trash. Writes collection.delete.

    While a protected alias is on one of its versions, only Admins may; and nobody may
    while something that was logged into it is linked.
    """
    _lock_registry(collection)
    collection = lock(collection)
    _authorize_delete(by, collection)
    if not collection.is_live:
        raise Conflict(f"{collection} is in the trash already.")
    if collection.project is not None:
        logged = Version.objects.filter(artifact__source=collection)
        refuse_linked(logged, str(collection), by=by)
    names = list(collection.aliases.values_list("name", flat=True))
    refuse_protected(collection, names, by=by)
    collection.deleted_at = timezone.now()
    collection.save(update_fields=["deleted_at"])
    count_collection(collection, added=-1)
    record("collection.delete", collection, by=by)
    return collection


@transaction.atomic
def restore_collection(collection: Collection, *, by: Actor) -> Collection:
    """Take a collection out of the trash, where its name is still free.

    Writes collection.restore.
    """
    _lock_registry(collection)
    collection = lock(collection)
    _authorize_delete(by, collection)
    if collection.is_live:
        raise Conflict(f"{collection} is not in the trash.")
    collection.deleted_at = None
    _save_named(collection)
    count_collection(collection, added=1)
    record("collection.restore", collection, by=by)
    return collection


def refuse_protected(place: Collection | Version, names: list[str], *, by: Actor) -> None:
    """Raise Denied where one of the aliases is protected and the actor is no Admin."""
    held = (
        place.registry.protected_aliases.filter(name__in=names) if place.registry else None
    )
    if held is None or (alias := held.first()) is None:
        return
    try:
        authorize(by, Permission.PROTECT_ALIAS, place)
    except Denied as denied:
        message = f"{place} holds the protected alias {alias}: this needs the role Admin."
        raise Denied(message, denied.permission, denied.obj) from None


def check_accepted(registry: Registry, artifact_type: str) -> None:
    """Raise Invalid, naming the accepted types, unless the registry takes the type."""
    if not registry.accepts(artifact_type):
        accepted = ", ".join(registry.accepted_types.values_list("name", flat=True))
        message = (
            f"{registry} does not accept the type {artifact_type}; it accepts {accepted}."
        )
        raise Invalid("type", message)


def _lock_registry(collection: Collection) -> None:
    """Lock the live registry first, which counts its collections; a project does not."""
    if collection.registry is not None:
        members.locked(collection.registry)


def _authorize_delete(by: Actor, collection: Collection) -> None:
    """Authorize deleting and restoring. Of what is in the trash, a project is asked."""
    if collection.project is not None:
        authorize(by, TeamPermission.DELETE, collection.project)
    else:
        authorize(by, Permission.DELETE_COLLECTION, collection)


def _change_type(collection: Collection, artifact_type: str, *, by: Actor) -> None:
    if collection.versions.exists():
        raise Conflict(f"{collection} has versions: its type stays {collection.type}.")
    if collection.registry is not None:
        check_accepted(collection.registry, artifact_type)
    before, collection.type = collection.type, artifact_type
    collection.save(update_fields=["type"])
    touch(collection, by=by)
    record(
        "collection.change_type",
        collection,
        by=by,
        before={"type": before},
        after={"type": artifact_type},
    )


def _rename(collection: Collection, name: str, *, by: Actor) -> None:
    before, collection.name = collection.name, name
    carry_numbers(collection, name.lower())
    _save_named(collection)
    if collection.registry is not None:
        sessions = UploadSession.objects.filter(registry=collection.registry)
        sessions.into(before).update(collection=name)
    index_collection(collection)
    touch(collection, by=by)
    record("collection.rename", collection, by=by, before=before, after=name)


def _save_named(collection: Collection) -> None:
    """Save a collection whose name may be taken by another one of its home."""
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError:
        message = f"{collection.home} has a collection named {collection.name} already."
        raise Conflict(message) from None
