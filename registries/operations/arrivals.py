"""Files of drafts that arrive: compared with what was promised, kept many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, Conflict, Invalid, Refusal
from registries.models import Artifact, Draft, Entry, Multipart
from registries.operations.artifacts import check_pending, lock_pending
from registries.operations.blobs import check_room, claim
from registries.operations.together import Together, Wish
from registries.storage import Staged, store

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
    check_pending(entry.artifact, by=by)
    check_room(size)
    staged = store().stage(chunks, limit=size)
    try:
        if staged.size != size:
            raise Invalid(
                "size", f"{entry.path} was cut short: {staged.size:,} bytes came."
            )
        if md5 not in {"", staged.md5} or entry.digest not in {staged.md5, staged.xxh128}:
            raise Invalid(
                "digest", f"{entry.path} arrived with other bytes than were sent."
            )
        return keep_file(entry, staged, by=by)
    except BaseException:
        store().discard([staged])
        raise


def keep_file(entry: Entry, staged: Staged, *, by: Actor) -> Entry:
    """Put a staged file where it was promised; what was promised is recorded already."""
    return _arrivals.do(Arrival(entry, staged, by))


@transaction.atomic
def _keep_all(wishes: Sequence[Wish[Arrival, Entry]]) -> None:
    """Put staged files where they were promised, judged anew: reading them took its time.

    One that is refused leaves the others alone.
    """
    for artifact, some in _by_artifact(wishes):
        try:
            lock_pending(artifact, by=some[0].value.by)
            note_activity(artifact)
        except Refusal as refusal:
            for wish in some:
                wish.error = refusal
    keys = [wish.value.entry.pk for wish in wishes]
    present = Entry.objects.select_related("blob").in_bulk(keys)
    arrived = [wish for wish in wishes if wish.error is None and _compare(wish, present)]
    blobs = claim([wish.value.staged for wish in arrived])
    entries = []
    for wish in arrived:
        assert wish.result
        wish.result.blob = blobs[wish.value.staged.sha256]
        wish.result.size = wish.value.staged.size
        entries.append(wish.result)
    Entry.objects.bulk_update(entries, ["blob", "size"])
    Multipart.objects.filter(entry__in=entries).delete()


def _by_artifact(
    wishes: Sequence[Wish[Arrival, Entry]],
) -> Iterator[tuple[Artifact, list[Wish[Arrival, Entry]]]]:
    """Group by artifact and actor, in the one order in which all lock them."""
    groups: dict[tuple[int, Any], list[Wish[Arrival, Entry]]] = {}
    for wish in wishes:
        by = wish.value.by
        who = (by.user and by.user.pk, by.key and by.key.pk)
        groups.setdefault((wish.value.entry.artifact_id, who), []).append(wish)
    for key in sorted(groups, key=lambda key: key[0]):
        yield groups[key][0].value.entry.artifact, groups[key]


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


_arrivals = Together(_keep_all)


def note_activity(artifact: Artifact) -> None:
    """Note that something of a draft came, not at every file; part of taking it in."""
    now = timezone.now()
    quiet = Draft.objects.filter(artifact=artifact, active_at__lt=now - QUIET)
    quiet.update(active_at=now)
