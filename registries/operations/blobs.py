"""Bytes and their rows: claimed under a lock, condemned first, deleted later, checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import batched, islice

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.actors import Actor, Denied, TooLarge, refuse_read_only
from accounts.events import record
from registries.models import Blob, Entry, Multipart, Part, RunFile, Upload
from registries.storage import Staged, store
from registries.storage.base import Hashing, chunks

GRACE = timedelta(hours=26)
"""How long a condemned blob, and bytes that nobody claimed, are kept."""
SMALL = 1 << 16
"""Up to how many bytes a file is taken before it is asked who sends it: once is enough."""
BATCH = 500
FAILING = 1000
"""So many that are wrong or missing are looked at again beside those whose turn it is."""


def claim(staged: Sequence[Staged]) -> dict[str, Blob]:
    """Return the blob of each staged file by sha256, inside the transaction that refers to
    it.

    The rows are locked first, in one order for everybody; then the bytes go to their final
    names; the caller commits last. A sweep that wants one of them waits, and then finds it
    in use.
    """
    by_name = {item.sha256: item for item in staged}
    blobs = _lock(by_name)
    while len(blobs) < len(by_name):
        blobs = _lock(by_name)  # a sweep deleted a row between insert and lock
    condemned = [blob.pk for blob in blobs.values() if blob.condemned_at]
    Blob.objects.filter(pk__in=condemned).update(condemned_at=None)
    store().promote(by_name.values())
    store().discard(item for item in staged if by_name[item.sha256] is not item)
    return blobs


def _lock(by_name: dict[str, Staged]) -> dict[str, Blob]:
    Blob.objects.bulk_create(
        [
            Blob(sha256=name, md5=by_name[name].md5, size=by_name[name].size)
            for name in sorted(by_name)
        ],
        ignore_conflicts=True,
    )
    locked = Blob.objects.select_for_update().filter(sha256__in=by_name).order_by("sha256")
    return {blob.sha256: blob for blob in locked}


def release(entries: QuerySet[Entry]) -> None:
    """Delete entries of artifacts, which hold the blobs; of a million none is read."""
    Multipart.objects.filter(entry__in=entries).delete()  # all that points to them
    entries._raw_delete(entries.db)  # noqa: SLF001 - else all are read for what may point


def check_room(size: int) -> None:
    """Raise TooLarge where so many bytes more would take of what is kept free."""
    room = store().free() - settings.FREE_SPACE_RESERVE
    if size > room:
        raise TooLarge(
            f"The server has no room for {size:,} bytes more, only for {max(0, room):,}. "
            "Its administrator can make some."
        )


@dataclass(slots=True)
class SweepReceipt:
    """What a sweep did: numbers of blobs and files, and bytes."""

    condemned: int = 0
    spared: int = 0
    deleted: int = 0
    deleted_bytes: int = 0
    orphans: int = 0
    abandoned: int = 0


def sweep_blobs(*, by: Actor, now: datetime | None = None) -> SweepReceipt:
    """Condemn what nothing refers to, and delete what was condemned 26 hours ago and still
    is.

    Bytes without a row, and bytes staged but never claimed, go after the same time. Writes
    blobs.sweep when something was done.
    """
    _authorize(by)
    now = now or timezone.now()
    receipt = SweepReceipt()
    _condemn(now, receipt)
    _spare(receipt)
    _delete(now - GRACE, receipt)
    _delete_orphans(now - GRACE, receipt)
    receipt.abandoned = store().clear_staged(now - GRACE)
    if any(asdict(receipt).values()):
        record("blobs.sweep", Blob(), by=by, after=asdict(receipt))
    return receipt


def _authorize(by: Actor) -> None:
    refuse_read_only(by)
    if not by.is_system and not (by.user and by.user.is_active and by.user.is_superuser):
        raise Denied("This needs the installation administrator.")


def _referred() -> Q:
    return (
        Q(Exists(Entry.objects.filter(blob=OuterRef("pk"))))
        | Q(Exists(Upload.objects.filter(blob=OuterRef("pk"))))
        | Q(Exists(Part.objects.filter(blob=OuterRef("pk"))))
        | Q(Exists(RunFile.objects.filter(blob=OuterRef("pk"))))
    )


@transaction.atomic
def _condemn(now: datetime, receipt: SweepReceipt) -> None:
    lonely = Blob.objects.filter(~_referred(), condemned_at=None, created_at__lte=now)
    receipt.condemned = lonely.update(condemned_at=now)


@transaction.atomic
def _spare(receipt: SweepReceipt) -> None:
    in_use = Blob.objects.filter(_referred()).exclude(condemned_at=None)
    receipt.spared = in_use.update(condemned_at=None)


def _delete(before: datetime, receipt: SweepReceipt) -> None:
    names = Blob.objects.filter(condemned_at__lte=before).values_list("sha256", flat=True)
    for name in names.iterator(chunk_size=BATCH):
        _delete_one(name, before, receipt)


@transaction.atomic
def _delete_one(name: str, before: datetime, receipt: SweepReceipt) -> None:
    """Delete a blob under its lock; what refers to it is asked once the lock is held.

    The bytes go first: dying in between leaves a condemned row without bytes, which the
    next sweep removes; whoever claims it in the meantime brings the bytes.
    """
    condemned = Blob.objects.select_for_update().filter(
        sha256=name, condemned_at__lte=before
    )
    blob = condemned.first()
    if blob is None or Blob.objects.filter(_referred(), pk=blob.pk).exists():
        return
    store().delete(name)
    blob.delete()
    receipt.deleted += 1
    receipt.deleted_bytes += blob.size


def _delete_orphans(before: datetime, receipt: SweepReceipt) -> None:
    old = (file.sha256 for file in store().stored() if file.modified_at <= before)
    for names in batched(old, BATCH, strict=False):
        known = Blob.objects.filter(sha256__in=names).values_list("sha256", flat=True)
        receipt.orphans += sum(map(_delete_orphan, set(names) - set(known)))


def _delete_orphan(name: str) -> bool:
    """Delete bytes that have no row, while holding their name against whoever claims."""
    with transaction.atomic():
        blob, is_orphan = Blob.objects.get_or_create(sha256=name, defaults={"size": 0})
        if is_orphan:
            store().delete(name)
            blob.delete()
        return is_orphan


@dataclass(slots=True)
class VerifyReceipt:
    """What a check of the bytes found."""

    checked: int = 0
    checked_bytes: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def verify_blobs(*, by: Actor, limit: int | None = None) -> VerifyReceipt:
    """Read stored bytes again, those checked longest ago first, and compare each digest.

    At most `limit` blobs that are whole. One that is wrong or missing loses its date, is
    checked first the next time, and takes no other's turn. Writes blobs.verify when
    something is wrong or missing.
    """
    _authorize(by)
    receipt, whole = VerifyReceipt(), 0
    most = None if limit is None else limit + FAILING
    for blob in islice(_oldest(timezone.now()), most):
        if whole == limit:
            break
        is_whole = _verify(blob, receipt)
        whole += is_whole
        checked_at = timezone.now() if is_whole else None
        Blob.objects.filter(pk=blob.pk).update(checked_at=checked_at)
    if receipt.wrong or receipt.missing:
        record("blobs.verify", Blob(), by=by, after=asdict(receipt))
    return receipt


def _oldest(before: datetime) -> Iterator[Blob]:
    """Those without a date, then those checked before that moment, longest ago first.

    Reading all bytes takes hours, in which no cursor is open: whoever takes a blob gives it
    another date, or none, before the next.
    """
    blobs, last = Blob.objects.filter(condemned_at=None), 0
    while some := list(blobs.filter(checked_at=None, pk__gt=last).order_by("pk")[:BATCH]):
        yield from some
        last = some[-1].pk
    checked = blobs.filter(checked_at__lt=before).order_by("checked_at", "pk")
    while some := list(checked[:BATCH]):
        yield from some


def _verify(blob: Blob, receipt: VerifyReceipt) -> bool:
    """Say whether the stored bytes are those of the blob, and note it."""
    hashing = Hashing()
    try:
        with store().open(blob.sha256) as stream:
            for chunk in chunks(stream):
                hashing.update(chunk)
    except FileNotFoundError:
        receipt.missing.append(blob.sha256)
        return False
    except OSError:
        receipt.wrong.append(blob.sha256)
        return False
    receipt.checked += 1
    receipt.checked_bytes += hashing.size
    if hashing.sha256 != blob.sha256:
        receipt.wrong.append(blob.sha256)
    return hashing.sha256 == blob.sha256
