"""What collections and registries hold, in figures: kept by each change, not by pages."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from accounts.jobs import enqueue_once
from registries.models import Artifact, Blob, Collection, Entry, Registry, Version

SOON = timedelta(seconds=30)
"""How long unique bytes wait to be counted: all changes of that time at once."""


def count_version(collection: Collection, artifact: Artifact, *, added: int) -> None:
    """Add what a version holds to its locked collection and registry (1), or take it off
    (-1).
    """
    changes = {
        "version_count": added,
        "file_count": added * artifact.file_count,
        "logical_bytes": added * artifact.size,
    }
    for field, change in changes.items():
        setattr(collection, field, getattr(collection, field) + change)
    sizes = collection.versions.order_by("-number").values_list("artifact__size", flat=True)
    collection.newest_size = sizes.first() or 0
    collection.save(update_fields=[*changes, "newest_size"])
    if artifact.size:
        enqueue_once("count_unique_bytes", after=SOON, collection=collection.pk)
    if collection.registry is not None:
        _count(collection.registry, changes)


def count_collection(collection: Collection, *, added: int) -> None:
    """Add what a collection holds to its locked registry (1), or take it off (-1)."""
    if collection.registry is None:
        return
    changes = {
        "collection_count": added,
        "version_count": added * collection.version_count,
        "file_count": added * collection.file_count,
        "logical_bytes": added * collection.logical_bytes,
    }
    _count(collection.registry, changes)


def _count(registry: Registry, changes: dict[str, int]) -> None:
    changed = {field: F(field) + change for field, change in changes.items()}
    Registry.objects.filter(pk=registry.pk).update(updated_at=timezone.now(), **changed)
    if changes["logical_bytes"]:
        enqueue_once("count_unique_bytes", after=SOON, registry=registry.pk)


def count_unique_bytes(place: Collection | Registry) -> None:
    """Note how many bytes are kept for what is in a place, each content once."""
    began = timezone.now()
    versions = Version.objects.filter(collection__in=_lines(place).values("pk"))
    entries = Entry.objects.filter(artifact__in=versions.values("artifact"))
    kept = Blob.objects.filter(pk__in=entries.values("blob"))
    total = kept.aggregate(total=Sum("size"))["total"] or 0
    rows = type(place).objects.filter(pk=place.pk)
    rows.update(unique_bytes=total, unique_counted_at=began)


def _lines(place: Collection | Registry) -> QuerySet[Collection]:
    if isinstance(place, Registry):
        return place.collections.live()
    return Collection.objects.filter(pk=place.pk)
