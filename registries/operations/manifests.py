"""Taking in the manifest of a draft: references become entries, files are compared."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Min

from accounts import text
from accounts.actors import Actor, Conflict, Invalid, Refusal, may
from accounts.operations.locks import hold
from accounts.permissions import TeamPermission
from registries.manifests import BATCH, Line, read_manifest
from registries.models import Artifact, Blob, Draft, Entry
from registries.operations.artifacts import check_pending, lock_pending
from registries.operations.drafts import mark_manifest
from registries.permissions import Permission

FULL = "FULL"
INCREMENTAL = "INCREMENTAL"


class Births:
    """Finds the bytes of files that came with an artifact which the actor may read."""

    def __init__(self, by: Actor, numbers: Any) -> None:
        self._by = by
        self._numbers = numbers
        self._readable: dict[str, Artifact | None] = {}

    def blobs(self, lines: Iterable[Line]) -> dict[str, Blob]:
        """Return the bytes of each line of which they came, by path."""
        by_birth: dict[str, list[Line]] = {}
        for line in lines:
            by_birth.setdefault(line.birth, []).append(line)
        found: dict[str, Blob] = {}
        for birth, some in by_birth.items():
            if birth not in self._readable:
                self._readable[birth] = self._find(birth)
            if artifact := self._readable[birth]:
                found |= _born(artifact, some)
        return found

    def _find(self, birth: str) -> Artifact | None:
        found = Artifact.objects.committed().filter(pk=self._numbers(birth)).first()
        if found and (
            may(self._by, TeamPermission.VIEW, found)
            or may(self._by, Permission.DOWNLOAD_ARTIFACT, found)
        ):
            return found
        return None


def _born(artifact: Artifact, lines: list[Line]) -> dict[str, Blob]:
    """Return the bytes that an artifact has of these lines: at their paths, or any."""
    kept = artifact.entries.select_related("blob").exclude(blob=None)
    digests = {line.path: line.digest for line in lines}
    there = kept.filter(path__in=list(digests))
    found = {e.path: e.blob for e in there if e.blob and e.digest == digests[e.path]}
    moved = {p: digest for p, digest in digests.items() if p not in found}
    same = kept.filter(digest__in=set(moved.values())).order_by().values("digest")
    firsts = Entry.objects.filter(pk__in=same.annotate(first=Min("pk")).values("first"))
    blobs = {e.digest: e.blob for e in firsts.select_related("blob") if e.blob}
    return found | {p: blobs[digest] for p, digest in moved.items() if digest in blobs}


def take_manifest(
    artifact: Artifact, stream: BinaryIO, *, kind: str, numbers: Any, by: Actor
) -> None:
    """Make the entries of a draft what a manifest says; `numbers` reads ids of artifacts.

    A full one names every file; a patch adds to what others send; an incremental one adds
    to what the base has. Files are taken in some hundreds at a time: until the last one
    nothing is committed. Writes no event: the commit does.
    """
    check_pending(artifact, by=by)
    births, count, added = Births(by, numbers), 0, array("q")
    try:
        for lines in batched(read_manifest(stream), BATCH, strict=False):
            count += len(lines)
            added.extend(_take(artifact, lines, births, by=by))
        if kind == FULL and artifact.entries.count() != count:
            message = "The manifest does not name every file that was announced."
            raise Invalid("manifest", message)
    except Refusal:
        _take_back(artifact, added)
        raise
    if kind == INCREMENTAL:
        _add_base(artifact, by=by)
    mark_manifest(artifact)


@transaction.atomic
def _take(
    artifact: Artifact, lines: Sequence[Line], births: Births, *, by: Actor
) -> list[int]:
    """Take in some lines; return the keys of the entries that are new."""
    artifact = lock_pending(artifact, by=by)
    paths = [line.path for line in lines]
    if len(set(paths)) < len(paths):
        raise Invalid("manifest", "The manifest names a path twice.")
    known = {e.path: e for e in artifact.entries.filter(path__in=paths)}
    sent = (line for line in lines if not line.reference and line.path not in known)
    blobs = births.blobs(sent)
    new: list[Entry] = []
    changed: list[Entry] = []
    for line in lines:
        entry = known.get(line.path) or Entry(artifact=artifact, path=line.path, size=0)
        _describe(entry, line, blobs.get(line.path))
        (changed if entry.pk else new).append(entry)
    Entry.objects.bulk_create(new)
    fields = ["digest", "reference", "blob", "size", "extra"]
    Entry.objects.bulk_update(changed, fields)
    return [entry.pk for entry in new]


def _take_back(artifact: Artifact, added: Iterable[int]) -> None:
    """Delete the entries that a refused manifest added, unless they count by now."""
    pending = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.PENDING)
    for some in batched(added, BATCH, strict=False):
        with transaction.atomic():
            if hold(pending).first():  # locked: nobody commits it meanwhile
                Entry.objects.filter(pk__in=some).delete()


def _describe(entry: Entry, line: Line, born: Blob | None) -> None:
    """Make an entry what the manifest says of its path."""
    if line.reference:
        entry.reference, entry.blob = line.reference, None
        entry.digest = text.printable(line.digest, "digest", most=4096)
    elif entry.pk and entry.digest != line.digest:
        raise Invalid("manifest", f"{line.path} was announced with another digest.")
    elif not entry.pk:
        if born is None:
            raise Invalid("manifest", f"{line.path} was never sent.")
        entry.blob, entry.digest = born, line.digest
    entry.size, entry.extra = line.size, line.extra


def _add_base(artifact: Artifact, *, by: Actor) -> None:
    """Add what the base has and the manifest does not name."""
    draft = Draft.objects.select_related("base").get(artifact=artifact)
    if draft.base is None:
        return
    for some in batched(draft.base.entries.iterator(), BATCH, strict=False):
        with transaction.atomic():
            lock_pending(artifact, by=by)
            _refuse_deleted(draft.base)
            Entry.objects.bulk_create(
                (
                    Entry(
                        artifact=artifact,
                        path=entry.path,
                        blob_id=entry.blob_id,
                        reference=entry.reference,
                        digest=entry.digest,
                        size=entry.size,
                        extra=entry.extra,
                    )
                    for entry in some
                ),
                ignore_conflicts=True,
            )
    _refuse_deleted(draft.base)  # perhaps before they were read


def _refuse_deleted(base: Artifact) -> None:
    """Raise Conflict where the base went meanwhile, and its entries with it."""
    if not Artifact.objects.committed().filter(pk=base.pk).exists():
        raise Conflict("The version that this one builds on has been deleted.")
