"""What differs between the files of two artifacts, asked of the database by path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from registries.models import Artifact, Entry

MOST_FILES = 200_000
"""How many files two artifacts may have together to be compared while somebody waits."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files there are of each kind."""

    changed: int
    added: int
    removed: int
    equal: int

    @property
    def different(self) -> int:
        """How many are not equal."""
        return self.changed + self.added + self.removed

    @property
    def total(self) -> int:
        """How many paths there are in both together."""
        return self.different + self.equal


@dataclass(frozen=True, slots=True)
class Difference:
    """A path with what was there and what is there, None where nothing."""

    before: Entry | None
    after: Entry | None

    @property
    def kind(self) -> str:
        """What became of the file."""
        if self.before is None:
            return "added"
        return "changed" if self.after else "removed"

    @property
    def path(self) -> str:
        """The path in both."""
        entry = self.after or self.before
        assert entry
        return entry.path


def count_files(before: Artifact, after: Artifact) -> Counts:
    """Count the files by what became of them."""
    if before.fingerprint == after.fingerprint:
        return Counts(0, 0, 0, after.file_count)
    entries = after.entries.order_by()
    common = entries.filter(Exists(_there(before))).count()
    equal = entries.filter(Exists(_same(before))).count()
    return Counts(
        changed=common - equal,
        added=after.file_count - common,
        removed=before.file_count - common,
        equal=equal,
    )


def different_entries(before: Artifact, after: Artifact) -> QuerySet[Entry]:
    """Select what differs: as it is now, or as it was where it is no more."""
    is_new = Q(artifact=after) & ~Exists(_same(before))
    is_gone = Q(artifact=before) & ~Exists(_there(after))
    if before.fingerprint == after.fingerprint:
        return Entry.objects.none()
    return Entry.objects.filter(is_new | is_gone)


def with_former(
    entries: Sequence[Entry], before: Artifact, after: Artifact
) -> list[Difference]:
    """Put what was there before beside each of some such entries."""
    paths = [entry.path for entry in entries]
    former = before.entries.filter(path__in=paths).select_related("blob")
    were = {entry.path: entry for entry in former}
    return [
        Difference(were.get(entry.path), entry if entry.artifact_id == after.pk else None)
        for entry in entries
    ]


def _there(artifact: Artifact) -> QuerySet[Entry]:
    """The artifact's entry of the same path."""
    return Entry.objects.filter(artifact=artifact, path=OuterRef("path"))


def _same(artifact: Artifact) -> QuerySet[Entry]:
    """The artifact's entry of the same path, if it leads to the same content."""
    outer = {name: OuterRef(name) for name in ("reference", "digest", "size")}
    return _there(artifact).filter(Q(blob=OuterRef("blob")) | Q(blob=None, **outer))
