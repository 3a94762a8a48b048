"""Version numbers: dense, in order, never given twice in the life of their home."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.operations.locks import hold
from registries.models import Collection, CollectionNumber, Version
from registries.models.artifact import Artifact
from registries.models.collection import LATEST
from registries.operations.aliases import put, touch
from registries.operations.figures import count_version


def lock_numbers(collection: Collection) -> CollectionNumber:
    """Lock the row that counts for the name of a locked collection in its home.

    Not before the collection: until it is locked, somebody may give it another name.
    """
    return _lock(collection, collection.key)


def carry_numbers(collection: Collection, key: str) -> None:
    """Rename the key of a locked collection; counting goes on from the larger of both
    numbers.
    """
    both = sorted({collection.key, key})  # in one order for everybody
    numbers = {each: _lock(collection, each) for each in both}
    collection.key = key
    numbers[key].next = max(number.next for number in numbers.values())
    numbers[key].save(update_fields=["next"])


def _lock(collection: Collection, key: str) -> CollectionNumber:
    place: dict[str, Any] = {
        "registry": collection.registry,
        "project": collection.project,
        "key": key,
    }
    number, _ = CollectionNumber.objects.get_or_create(**place)
    return hold(CollectionNumber.objects.all()).get(pk=number.pk)


def add_version(
    collection: Collection, artifact: Artifact, numbers: CollectionNumber, *, by: Actor
) -> Version:
    """Give the artifact the next number in the collection, and `latest` with it."""
    version = Version.objects.create(
        collection=collection, artifact=artifact, number=numbers.next, created_by=by.user
    )
    numbers.next += 1
    numbers.save(update_fields=["next"])
    count_version(collection, artifact, added=1)
    put(version, LATEST, by=by)
    touch(collection, by=by)
    return version
