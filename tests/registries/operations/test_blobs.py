"""Condemned first, deleted 26 hours later, spared when used again; checked byte by byte."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from itertools import permutations
from pathlib import Path
from typing import BinaryIO

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Event
from registries.models import Artifact, Blob, Entry, Upload
from registries.operations import blobs
from registries.operations.artifacts import abandon_artifact, attach_files, begin_artifact
from registries.operations.blobs import GRACE, claim, sweep_blobs, verify_blobs
from registries.operations.projects import ensure_project
from registries.storage import Staged, chunks, store
from tests.factories import SYSTEM, TeamFactory

pytestmark = pytest.mark.django_db

NAME = hashlib.sha256(b"bytes").hexdigest()
HOURS = timedelta(hours=1)


def staged(content: bytes = b"bytes") -> Staged:
    return store().stage(chunks(BytesIO(content)))


def artifact() -> Artifact:
    project = ensure_project(TeamFactory(), "uploads", by=SYSTEM)
    return begin_artifact(project, "c", artifact_type="model", by=SYSTEM)


def used(content: bytes = b"bytes") -> Artifact:
    """An artifact with one file of that content."""
    made = artifact()
    attach_files(made, [("file", staged(content))], by=SYSTEM)
    return made


def lonely(content: bytes = b"bytes") -> None:
    """A blob that nothing refers to any more."""
    abandon_artifact(used(content), by=SYSTEM)


def later(**hours: int) -> datetime:
    return timezone.now() + timedelta(**hours)


def file(name: str = NAME) -> Path:
    return store().folder / name[:2] / name


def age(path: Path, by: timedelta) -> None:
    moment = (timezone.now() - by).timestamp()
    os.utime(path, (moment, moment))


# Claiming


def test_a_claim_stores_each_content_once_and_leaves_nothing_staged():
    with transaction.atomic():
        claimed = claim([staged(), staged(), staged(b"other")])

    assert set(claimed) == {NAME, hashlib.sha256(b"other").hexdigest()}
    assert Blob.objects.count() == 2
    assert (claimed[NAME].size, claimed[NAME].md5) == (5, "SzpiGLs+OnMD6KFxpg/Pkg==")
    assert not list(store().temporary.glob("*"))
    assert file().read_bytes() == b"bytes"


def test_claiming_a_condemned_blob_spares_it_and_brings_the_bytes_again():
    lonely()
    sweep_blobs(by=SYSTEM)
    file().unlink()  # as a sweep leaves it that died between the bytes and the row

    used()

    assert Blob.objects.get().condemned_at is None
    assert file().read_bytes() == b"bytes"


def test_a_claim_that_is_rolled_back_leaves_an_orphan_for_the_sweep():
    with transaction.atomic():
        claim([staged()])
        transaction.set_rollback(True)

    assert not Blob.objects.exists()
    assert file().exists()
    age(file(), GRACE + HOURS)
    assert sweep_blobs(by=SYSTEM).orphans == 1
    assert not file().exists()


# Sweeping


def test_a_blob_is_condemned_first_and_deleted_after_26_hours():
    lonely()

    first = sweep_blobs(by=SYSTEM)
    assert (first.condemned, first.deleted) == (1, 0)
    assert file().exists()
    early = sweep_blobs(by=SYSTEM, now=later(hours=25))
    assert (early.condemned, early.deleted) == (0, 0)
    late = sweep_blobs(by=SYSTEM, now=later(hours=27))

    assert (late.deleted, late.deleted_bytes) == (1, 5)
    assert not file().exists()
    assert not Blob.objects.exists()


def test_what_is_referred_to_is_never_condemned():
    used()
    Upload.objects.create(
        artifact=artifact(),
        path="promised",
        size=5,
        md5="m",
        blob=claim([staged(b"upload")])[hashlib.sha256(b"upload").hexdigest()],
    )

    for hours in (0, 27, 54, 1000):
        receipt = sweep_blobs(by=SYSTEM, now=later(hours=hours))
        assert (receipt.condemned, receipt.deleted) == (0, 0)
    assert Blob.objects.count() == len(list(store().stored())) == 2


def test_what_is_used_again_before_its_time_is_spared():
    lonely()
    sweep_blobs(by=SYSTEM)
    made = artifact()
    Entry.objects.create(
        artifact=made, path="a", blob=Blob.objects.get(), digest="d", size=5
    )

    receipt = sweep_blobs(by=SYSTEM, now=later(hours=27))

    assert (receipt.spared, receipt.deleted) == (1, 0)
    assert Blob.objects.get().condemned_at is None
    assert file().exists()


def test_used_and_left_again_the_time_begins_anew():
    lonely()
    sweep_blobs(by=SYSTEM)
    lonely()

    receipt = sweep_blobs(by=SYSTEM, now=later(hours=27))
    assert (receipt.condemned, receipt.deleted) == (1, 0)
    assert sweep_blobs(by=SYSTEM, now=later(hours=54)).deleted == 1


def test_orphans_and_abandoned_uploads_have_26_hours_too():
    old, new = staged(b"old"), staged(b"new")
    store().promote([staged(b"old orphan"), staged(b"new orphan")])
    age(old.path, GRACE + HOURS)
    age(file(hashlib.sha256(b"old orphan").hexdigest()), GRACE + HOURS)

    receipt = sweep_blobs(by=SYSTEM)

    assert (receipt.orphans, receipt.abandoned) == (1, 1)
    assert [each.sha256 for each in store().stored()] == [
        hashlib.sha256(b"new orphan").hexdigest()
    ]
    assert list(store().temporary.glob("*")) == [new.path]


def test_a_file_with_a_row_is_no_orphan_however_old():
    used()
    age(file(), timedelta(days=1000))

    assert sweep_blobs(by=SYSTEM).orphans == 0
    assert file().exists()


def test_a_foreign_file_in_the_store_is_left_alone():
    used()
    foreign = file().parent / "README"
    foreign.write_text("not ours")
    age(foreign, timedelta(days=1000))

    assert sweep_blobs(by=SYSTEM).orphans == 0
    assert foreign.exists()


def test_a_sweep_that_died_before_the_row_was_gone_is_finished_by_the_next(monkeypatch):
    lonely()
    sweep_blobs(by=SYSTEM)
    delete = Blob.delete
    monkeypatch.setattr(
        Blob, "delete", lambda self: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        sweep_blobs(by=SYSTEM, now=later(hours=27))
    assert Blob.objects.exists()
    assert not file().exists()

    monkeypatch.setattr(Blob, "delete", delete)

    assert sweep_blobs(by=SYSTEM, now=later(hours=27)).deleted == 1
    assert not Blob.objects.exists()


def test_a_sweep_says_what_it_did_and_nothing_when_it_did_nothing(unchanged):
    lonely()

    sweep_blobs(by=SYSTEM)

    event = Event.objects.get(kind="blobs.sweep")
    assert event.after["condemned"] == 1
    with unchanged():
        sweep_blobs(by=SYSTEM)


def test_many_are_swept_in_batches(monkeypatch):
    monkeypatch.setattr(blobs, "BATCH", 2)
    for number in range(7):
        lonely(bytes([number]))
    store().promote([staged(bytes([number, 0])) for number in range(5)])
    for each in store().stored():
        age(file(each.sha256), GRACE + HOURS)

    first = sweep_blobs(by=SYSTEM)
    last = sweep_blobs(by=SYSTEM, now=later(hours=27))

    assert (first.condemned, first.orphans, last.deleted) == (7, 5, 7)
    assert list(store().stored()) == []


# Interleavings


STEPS: dict[str, Callable[[], object]] = {
    "condemn": lambda: blobs._condemn(timezone.now(), blobs.SweepReceipt()),
    "delete": lambda: blobs._delete(later(hours=27), blobs.SweepReceipt()),
    "orphans": lambda: blobs._delete_orphans(later(hours=27), blobs.SweepReceipt()),
    "use": used,
}


@pytest.mark.parametrize("order", ["-".join(order) for order in permutations(STEPS)])
def test_in_every_order_what_is_used_has_its_bytes(order):
    lonely()

    for step in order.split("-"):
        STEPS[step]()

    assert file().read_bytes() == b"bytes"
    blob = Entry.objects.get().blob
    assert blob.sha256 == NAME
    sweep_blobs(by=SYSTEM, now=later(hours=54))
    assert file().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", ["before the claim", "while claimed", "while deleting"])
def test_a_claim_and_a_sweep_at_once_wait_for_each_other(stage, monkeypatch):
    """Whoever has the row's lock goes first; the other sees what it did."""
    lonely()
    sweep_blobs(by=SYSTEM)
    Blob.objects.update(condemned_at=timezone.now() - GRACE - HOURS)
    made = artifact()
    reached, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        reached.set()
        go_on.wait(10)

    def sweep() -> None:
        sweep_blobs(by=SYSTEM)

    def use() -> None:
        attach_files(made, [("file", staged())], by=SYSTEM)

    local = type(store())
    if stage == "while claimed":
        first, second = use, sweep
        promote = local.promote
        monkeypatch.setattr(local, "promote", lambda *a: (pause(), promote(*a)))
    elif stage == "while deleting":
        first, second = sweep, use
        delete = local.delete
        monkeypatch.setattr(local, "delete", lambda *a: (pause(), delete(*a)))
    else:
        first, second = sweep, use
        go_on.set()
        monkeypatch.setattr(blobs, "_delete", lambda *a: pause())

    threads = [in_thread(first)]
    reached.wait(10)
    threads.append(in_thread(second))
    threads[1].join(0.3)
    go_on.set()
    for thread in threads:
        thread.join(20)

    assert file().read_bytes() == b"bytes"
    blob = Entry.objects.get().blob
    blob.refresh_from_db()
    sweep_blobs(by=SYSTEM)
    assert Blob.objects.get().condemned_at is None


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


# Verifying


def test_whole_bytes_are_checked_and_dated(unchanged):
    used()

    receipt = verify_blobs(by=SYSTEM)

    assert (receipt.checked, receipt.checked_bytes) == (1, 5)
    assert not receipt.wrong
    assert Blob.objects.get().checked_at
    assert not Event.objects.filter(kind="blobs.verify").exists()


@pytest.mark.parametrize("rotten", [b"bytet", b"byte", b"bytes ", b""])
def test_a_flipped_bit_a_short_file_and_a_long_one_are_found(rotten):
    used()
    file().write_bytes(rotten)

    assert verify_blobs(by=SYSTEM).wrong == [NAME]
    assert Event.objects.get(kind="blobs.verify").after["wrong"] == [NAME]


def test_a_missing_file_is_found():
    used()
    file().unlink()

    assert verify_blobs(by=SYSTEM).missing == [NAME]


def test_a_file_that_cannot_be_read_is_wrong_and_the_others_are_checked():
    used()
    used(b"other")
    file().unlink()
    file().mkdir()

    receipt = verify_blobs(by=SYSTEM)

    assert (receipt.wrong, receipt.checked) == ([NAME], 1)


def test_the_condemned_are_not_checked():
    lonely()
    sweep_blobs(by=SYSTEM)
    file().unlink()

    receipt = verify_blobs(by=SYSTEM)

    assert (receipt.checked, receipt.missing) == (0, [])


def test_those_checked_longest_ago_come_first():
    for content in (b"1", b"22", b"333"):
        used(content)

    receipts = [verify_blobs(by=SYSTEM, limit=1) for _ in range(4)]

    assert [receipt.checked_bytes for receipt in receipts] == [1, 2, 3, 1]


def test_what_stays_wrong_or_missing_takes_no_turn_of_the_others():
    for content in (b"1", b"22", b"333", b"4444"):
        used(content)
    file(hashlib.sha256(b"1").hexdigest()).unlink()
    file(hashlib.sha256(b"22").hexdigest()).write_bytes(b"20")

    receipts = [verify_blobs(by=SYSTEM, limit=1) for _ in range(3)]

    found = [(len(r.missing), len(r.wrong), r.checked_bytes - 2) for r in receipts]
    assert found == [(1, 1, 3), (1, 1, 4), (1, 1, 3)]


def test_what_has_rotted_loses_its_date_until_it_is_whole_again():
    used()
    verify_blobs(by=SYSTEM)
    file().write_bytes(b"rotten")

    verify_blobs(by=SYSTEM)
    assert Blob.objects.get().checked_at is None
    used()  # whoever logs the same bytes brings them

    assert verify_blobs(by=SYSTEM).wrong == []
    assert Blob.objects.get().checked_at


def test_no_cursor_is_open_while_bytes_are_read(monkeypatch, open_cursors):
    for content in (b"1", b"22"):
        used(content)
    verify_blobs(by=SYSTEM, limit=1)
    read: list[int] = []

    def read_all(stream: BinaryIO) -> Iterator[bytes]:
        read.append(len(open_cursors))
        return chunks(stream)

    monkeypatch.setattr(blobs, "chunks", read_all)
    verify_blobs(by=SYSTEM)

    assert read == [0, 0]


def test_each_is_checked_once_also_in_batches(monkeypatch):
    monkeypatch.setattr(blobs, "BATCH", 2)
    for number in range(7):
        used(bytes([number]))

    for _ in range(2):
        assert verify_blobs(by=SYSTEM).checked == 7
    assert verify_blobs(by=SYSTEM, limit=3).checked == 3
    assert verify_blobs(by=SYSTEM, limit=0).checked == 0
