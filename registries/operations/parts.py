"""Files of drafts that come in parts, because they are large: received, put together.

Parts are kept as blobs, so that what keeps and sweeps those does it for them too.
"""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, Busy, Conflict, Invalid, Missing, TooLarge, authorize
from accounts.operations.locks import hold
from accounts.permissions import TeamPermission
from registries.models import Artifact, Entry, Multipart, Part
from registries.operations.arrivals import keep_file, note_activity
from registries.operations.artifacts import check_pending, lock_pending
from registries.operations.blobs import check_room, claim
from registries.storage import Staged, staging, store
from registries.storage.base import chunks

PARTS = 10_000
LARGEST = 1 << 30
"""How many parts a file has at most, and bytes a part: the SDK cuts 5 TiB into 525 MiB."""
LEASE = timedelta(minutes=1)
RENEWED = 10
"""How long somebody is believed to be at it, and how many seconds until that is said."""
GIB = 1 << 30


@transaction.atomic
def promise_parts(entry: Entry, numbers: Iterable[int], *, by: Actor) -> Multipart:
    """Note that a file will come in parts; again, the same. promise_files recorded it."""
    lock_pending(entry.artifact, by=by)
    for number in numbers:
        if not 1 <= number <= PARTS:
            raise Invalid("number", f"Parts have numbers from 1 to {PARTS:,}.")
    return Multipart.objects.get_or_create(entry=entry)[0]


def receive_part(
    entry: Entry, number: int, stream: Iterable[bytes], *, size: int, md5: str, by: Actor
) -> Part:
    """Keep a part of a file; the same again changes nothing. promise_files recorded it."""
    check_pending(entry.artifact, by=by)
    if size > LARGEST:
        raise TooLarge(f"A part has at most {LARGEST:,} bytes.")
    check_room(size)
    with staging(stream, limit=size) as staged:
        if staged.size != size:
            raise Invalid("size", f"Part {number} of {entry.path} was cut short.")
        if staged.md5 != md5:
            raise Invalid("digest", f"Part {number} of {entry.path} has other bytes.")
        return _keep_part(entry, number, staged, by=by)


@transaction.atomic
def _keep_part(entry: Entry, number: int, staged: Staged, *, by: Actor) -> Part:
    artifact = lock_pending(entry.artifact, by=by)
    multipart = Multipart.objects.filter(entry=entry).first()
    if multipart is None:
        raise Conflict(f"{entry.path} comes in no parts any more.")
    note_activity(artifact)
    blob = claim([staged])[staged.sha256]
    defaults = {"blob": blob}
    return multipart.parts.update_or_create(number=number, defaults=defaults)[0]


def assemble(entry: Entry, claimed: Mapping[int, str], *, by: Actor) -> Entry:
    """Put a file together of its parts, whose MD5 (hexadecimal) its sender claims.

    Done before, nothing is done; raise Busy while somebody else is at it. promise_files
    recorded it.
    """
    parts = _take(entry, claimed, by=by)
    if not parts:
        return Entry.objects.select_related("blob").get(pk=entry.pk)
    try:
        with staging(_joined(entry, parts)) as staged:
            if entry.digest not in {staged.md5, staged.xxh128}:
                raise Invalid("digest", f"The parts of {entry.path} make another file.")
            return keep_file(entry, staged, by=by)
    finally:
        Multipart.objects.filter(entry=entry).update(leased_until=None)


@transaction.atomic
def abort_parts(entry: Entry, *, by: Actor) -> None:
    """Give up the parts of a file that is still to come. promise_files recorded it."""
    lock_pending(entry.artifact, by=by)
    Multipart.objects.filter(entry=entry).delete()


@transaction.atomic
def _take(entry: Entry, claimed: Mapping[int, str], *, by: Actor) -> list[Part]:
    """Take the lease on a file, and return its parts; none where it has come whole."""
    authorize(by, TeamPermission.LOG, entry.artifact.source)
    hold(Artifact.objects.all()).get(pk=entry.artifact_id)  # first, as all others do
    multipart = hold(Multipart.objects.all()).filter(entry=entry).first()
    if multipart is None:
        if Entry.objects.filter(pk=entry.pk).exclude(blob=None).exists():
            return []
        raise Missing("There is no such upload.")
    lock_pending(entry.artifact, by=by)
    parts = list(multipart.parts.select_related("blob").order_by("number"))
    size = sum(part.blob.size for part in parts)
    now = timezone.now()
    if multipart.leased_until and multipart.leased_until > now:
        raise Busy(f"{entry.path} is being put together.", seconds=2 + size // GIB)
    _refuse_others(entry, parts, claimed)
    check_room(size)
    multipart.leased_until = now + LEASE
    multipart.save(update_fields=["leased_until"])
    return parts


def _refuse_others(entry: Entry, parts: list[Part], claimed: Mapping[int, str]) -> None:
    """Raise Invalid unless these are all parts, and as their sender has them."""
    here = {part.number: b64decode(part.blob.md5).hex() for part in parts}
    if not claimed or list(here) != list(range(1, len(here) + 1)) or here != claimed:
        raise Invalid("parts", f"These are not the parts that came of {entry.path}.")


def _joined(entry: Entry, parts: list[Part]) -> Iterator[bytes]:
    """The bytes of all parts; while they are read, the lease goes on."""
    renewed = time.monotonic()
    for part in parts:
        with store().open(part.blob.sha256) as stream:
            for chunk in chunks(stream):
                if time.monotonic() - renewed > RENEWED:
                    renewed = time.monotonic()
                    until = timezone.now() + LEASE
                    Multipart.objects.filter(entry=entry).update(leased_until=until)
                yield chunk
