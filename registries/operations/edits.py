"""Changing several things at once, as programs do: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import text
from accounts.actors import Actor, Denied, Missing, may
from accounts.permissions import TeamPermission
from registries.models import Artifact, Collection, Version
from registries.operations.aliases import edit_permission, in_order, locked
from registries.operations.collections import (
    add_tag,
    edit_card,
    edit_collection,
    remove_tag,
)
from registries.operations.descriptions import edit_description, edit_metadata
from registries.operations.keeping import keep_for, ttl_seconds
from registries.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to change of an artifact; None leaves what is there."""

    description: str | None = None
    metadata: dict[str, Any] | None = None
    ttl_seconds: int | None = None
    """In seconds; -1 is what is usual, -2 for ever."""
    tags_to_add: Sequence[str] = ()
    tags_to_remove: Sequence[str] = ()


@transaction.atomic
def change_collection(
    collection: Collection,
    *,
    name: str | None = None,
    description: str | None = None,
    artifact_type: str | None = None,
    by: Actor,
) -> Collection:
    """Change what is given of a collection.

    Writes collection.rename, collection.change_type and collection.edit_card.
    """
    # First what locks the registry: whoever links into the collection does, too.
    collection = edit_collection(collection, name=name, artifact_type=artifact_type, by=by)
    if description is not None:
        collection = edit_card(collection, description, by=by)
    return collection


@transaction.atomic
def edit_artifact(artifact: Artifact, changes: Changes, *, by: Actor) -> None:
    """Change an artifact through whichever of its homes allows it.

    Its tags change in every home where the actor may change them. Writes
    version.edit_description and version.edit_metadata for each home, artifact.change_ttl,
    version.add_tag and version.remove_tag.
    """
    homes = _homes(artifact, by=by)
    if changes.tags_to_add or changes.tags_to_remove:
        _tag(homes, changes, by=by)
    if changes.description is not None:
        edit_description(homes[0], changes.description, by=by)
    if changes.metadata is not None:
        edit_metadata(homes[0], changes.metadata, by=by)
    if changes.ttl_seconds is not None:
        _keep(homes, changes.ttl_seconds, by=by)


def _homes(artifact: Artifact, *, by: Actor) -> list[Version]:
    """Return the artifact's versions that the actor sees; raise Missing without one."""
    versions = Version.objects.with_homes().filter(artifact=artifact).order_by("pk")
    if by.user is not None:
        versions = versions.visible_to(by.user)
    if not (homes := list(versions)):
        raise Missing("There is no such artifact.")
    return homes


def _keep(homes: Sequence[Version], given: int, *, by: Actor) -> None:
    source = next((home for home in homes if home.project), None)
    if source is None:
        raise Denied("How long an artifact is kept is for members of its project to say.")
    keep_for(source, ttl_seconds(given), by=by)


def _tag(homes: Sequence[Version], changes: Changes, *, by: Actor) -> None:
    for home in sorted(homes, key=in_order):
        locked(home.collection)
    allowed = [home for home in homes if may(by, _tagging(home), home)]
    for home in allowed or homes[:1]:  # where none is, the first one refuses
        for name in text.some(changes.tags_to_add, "tags"):
            add_tag(home, name, by=by)
        held = set(home.tags.values_list("name", flat=True))
        for name in text.some(changes.tags_to_remove, "tags"):
            if name in held or not allowed:
                remove_tag(home, name, by=by)


def _tagging(home: Version) -> Permission | TeamPermission:
    return edit_permission(Permission.EDIT_TAGS, home)
