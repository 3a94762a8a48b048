"""Collections of a registry: making, describing, tagging, deleting, restoring."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Denied, Invalid, authorize
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
    _save_named(registry, collection)
    index_collection(collection)
    count_collection(registry, collection, added=1)
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
    registry = members.locked(_registry(collection))
    collection = locked(collection)
    authorize(by, Permission.EDIT_CARD, collection)
    if artifact_type not in {None, collection.type}:
        _change_type(registry, collection, text.artifact_type(artifact_type), by=by)
    if name not in {None, collection.name}:
        _rename(registry, collection, text.collection_name(name), by=by)
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
def delete_collection(collection: Collection, *, by: Actor) -> Collection:
    """Put a collection into the trash. Writes collection.delete.

    While a protected alias is on one of its versions, only Admins may.
    """
    registry = members.locked(_registry(collection))
    collection = lock(collection)
    authorize(by, Permission.DELETE_COLLECTION, collection)
    if not collection.is_live:
        raise Conflict(f"{collection} is in the trash already.")
    refuse_protected(
        collection, list(collection.aliases.values_list("name", flat=True)), by=by
    )
    collection.deleted_at = timezone.now()
    collection.save(update_fields=["deleted_at"])
    count_collection(registry, collection, added=-1)
    record("collection.delete", collection, by=by)
    return collection


@transaction.atomic
def restore_collection(collection: Collection, *, by: Actor) -> Collection:
    """Take a collection out of the trash, where its name is still free.

    Writes collection.restore.
    """
    registry = members.locked(_registry(collection))
    collection = lock(collection)
    authorize(by, Permission.DELETE_COLLECTION, collection)
    if collection.is_live:
        raise Conflict(f"{collection} is not in the trash.")
    collection.deleted_at = None
    _save_named(registry, collection)
    count_collection(registry, collection, added=1)
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


def _change_type(
    registry: Registry, collection: Collection, artifact_type: str, *, by: Actor
) -> None:
    if collection.versions.exists():
        raise Conflict(f"{collection} has versions: its type stays {collection.type}.")
    check_accepted(registry, artifact_type)
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


def _rename(registry: Registry, collection: Collection, name: str, *, by: Actor) -> None:
    before, collection.name = collection.name, name
    carry_numbers(collection, name.lower())
    _save_named(registry, collection)
    UploadSession.objects.filter(registry=registry).into(before).update(collection=name)
    index_collection(collection)
    touch(collection, by=by)
    record("collection.rename", collection, by=by, before=before, after=name)


def _save_named(registry: Registry, collection: Collection) -> None:
    """Save a collection whose name may be taken by another one of the registry."""
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError:
        message = f"{registry} has a collection named {collection.name} already."
        raise Conflict(message) from None


def _registry(collection: Collection) -> Registry:
    if collection.registry is None:
        raise Invalid("collection", f"{collection} is not in a registry.")
    return collection.registry
