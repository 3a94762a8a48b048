"""Files of drafts that arrive: compared with what was promised, kept many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, Conflict, Invalid
from registries.models import Artifact, Draft, Entry, Multipart
from registries.operations.artifacts import check_pending, lock_pending
from registries.operations.blobs import SMALL, check_room, claim
from registries.operations.together import Together, Wish, judged
from registries.storage import Staged, staging, store

QUIET = timedelta(minutes=5)
"""How often it is noted that something of a draft comes."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A promised file of which all bytes have come."""

    entry: Entry
    staged: Staged
    by: Actor


def receive_promised(
    entry: Entry, chunks: Iterable[bytes], *, size: int, md5: str, by: Actor
) -> Entry:
    """Keep the bytes of a promised file; the same bytes again change nothing.

    `size` is how many bytes the sender says will come, `md5` which ones (base64), where it
    says so. What was promised is recorded already.
    """
    if size > SMALL:
        check_pending(entry.artifact, by=by)
    check_room(size)
    with staging(chunks, limit=size) as staged:
        if fault := _fault(entry, staged, size, md5):
            check_pending(entry.artifact, by=by)  # who may send nothing, learns that first
            raise fault
        return keep_file(entry, staged, by=by)


def _fault(entry: Entry, staged: Staged, size: int, md5: str) -> Invalid | None:
    """Return what is wrong with the bytes that came."""
    if staged.size != size:
        came = f"{staged.size:,} bytes came"
        return Invalid("size", f"{entry.path} was cut short: {came}.")
    if md5 not in {"", staged.md5} or entry.digest not in {staged.md5, staged.xxh128}:
        return Invalid("digest", f"{entry.path} arrived with other bytes than were sent.")
    return None


def keep_file(entry: Entry, staged: Staged, *, by: Actor) -> Entry:
    """Put a staged file where it was promised; what was promised is recorded already."""
    return _arrivals.do(Arrival(entry, staged, by))


@transaction.atomic
def _keep_all(wishes: Sequence[Wish[Arrival, Entry]]) -> None:
    """Put staged files where they were promised, judged anew: reading them took its time.

    One that is refused leaves the others alone.
    """
    for artifact, _ in judged(wishes, _lock):
        note_activity(artifact)
    keys = [wish.value.entry.pk for wish in wishes]
    present = Entry.objects.select_related("blob", "multipart").in_bulk(keys)
    arrived = [wish for wish in wishes if wish.error is None and _compare(wish, present)]
    blobs = claim([wish.value.staged for wish in arrived])
    entries = []
    for wish in arrived:
        assert wish.result
        wish.result.blob = blobs[wish.value.staged.sha256]
        wish.result.size = wish.value.staged.size
        entries.append(wish.result)
    Entry.objects.bulk_update(entries, ["blob", "size"])
    in_parts = [entry for entry in entries if hasattr(entry, "multipart")]
    Multipart.objects.filter(entry__in=in_parts).delete()


def _lock(sent: Arrival, by: Actor) -> Artifact:
    return lock_pending(sent.entry.artifact, by=by)


def _compare(wish: Wish[Arrival, Entry], entries: dict[Any, Entry]) -> bool:
    """Say whether the staged bytes are still to be kept: they are wanted, and not here."""
    entry, staged = wish.value.entry, wish.value.staged
    present = entries.get(entry.pk)
    if present is None or present.digest not in {staged.md5, staged.xxh128}:
        wish.error = Conflict(f"{entry.path} was promised with other bytes since.")
        return False
    wish.result = present
    if present.blob and present.blob.sha256 == staged.sha256:
        store().discard([staged])
        return False
    return True


_arrivals = Together(_keep_all, place=lambda sent: sent.entry.artifact_id)


def note_activity(artifact: Artifact) -> None:
    """Note that something of a locked draft came, not at every file; part of taking it
    in.
    """
    now, draft = timezone.now(), getattr(artifact, "draft", None)
    if draft is not None and draft.active_at < now - QUIET:
        Draft.objects.filter(artifact=artifact).update(active_at=now)
