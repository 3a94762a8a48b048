"""Bytes as files: whole or not at all, under the name of their content, for good."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from xxhash import xxh3_128

from accounts.actors import TooLarge
from registries.storage.base import CHUNK, WORTH_A_THREAD, chunks
from registries.storage.local import FLUSHED, LocalStore

CONTENT = [b"some ", b"", b"weights"]
SHA256 = hashlib.sha256(b"".join(CONTENT)).hexdigest()


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data" / "blobs")


def files(local: LocalStore) -> dict[str, bytes]:
    return {file.sha256: read(local, file.sha256) for file in local.stored()}


def read(local: LocalStore, name: str) -> bytes:
    with local.open(name) as stream:
        return stream.read()


def temporary(local: LocalStore) -> list[Path]:
    return list(local.temporary.glob("*"))


# Staging


def test_what_is_staged_is_hashed_and_under_no_final_name(local):
    staged = local.stage(CONTENT)

    assert (staged.sha256, staged.size) == (SHA256, 12)
    assert staged.md5 == b64encode(hashlib.md5(b"some weights").digest()).decode()
    assert staged.path.read_bytes() == b"some weights"
    assert files(local) == {}
    assert not local.exists(SHA256)


def test_large_chunks_are_hashed_in_order_while_more_come(local):
    content = [
        os.urandom(size) for size in (CHUNK, 1, CHUNK, 7, WORTH_A_THREAD, 0, FLUSHED)
    ]
    whole = b"".join(content)

    staged = local.stage(content)

    assert staged.path.read_bytes() == whole
    assert staged.sha256 == hashlib.sha256(whole).hexdigest()
    assert staged.md5 == b64encode(hashlib.md5(whole).digest()).decode()
    assert staged.xxh128 == b64encode(xxh3_128(whole).digest()).decode()


def test_no_more_than_two_chunks_are_in_memory(local):
    def coming() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(CHUNK)
            held.append(tracemalloc.get_traced_memory()[0])

    held: list[int] = []
    tracemalloc.start()
    try:
        local.stage(coming())
    finally:
        tracemalloc.stop()

    assert max(held) < 4 * CHUNK


def test_what_comes_a_chunk_at_a_time_is_staged_or_aborted(local):
    staging, left = local.begin(), local.begin(limit=3)
    for chunk in CONTENT:
        staging.write(chunk)
    with pytest.raises(TooLarge):
        left.write(b"more")
    left.abort()
    left.abort()

    staged = staging.finish()

    assert (staged.sha256, staged.size) == (SHA256, 12)
    assert temporary(local) == [staged.path]


def test_bytes_of_another_size_are_not_those(local):
    local.promote([local.stage(CONTENT)])

    assert local.exists(SHA256, size=12)
    assert not local.exists(SHA256, size=11)
    assert not local.exists("0" * 64, size=12)


def test_what_is_free_is_known_before_the_first_file(local):
    assert not local.folder.exists()
    assert local.free() > 0


def test_nothing_is_content_too(local):
    staged = local.stage([])
    local.promote([staged])

    assert files(local) == {hashlib.sha256(b"").hexdigest(): b""}


def test_the_limit_is_exact_and_leaves_nothing(local):
    assert local.stage(CONTENT, limit=12).size == 12
    before = temporary(local)

    for limit in (11, 0):
        with pytest.raises(TooLarge):
            local.stage(CONTENT, limit=limit)

    assert temporary(local) == before


def test_no_more_is_read_than_the_limit_needs(local):
    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield bytes(1000)

    read: list[int] = []

    with pytest.raises(TooLarge):
        local.stage(endless(), limit=5000)

    assert len(read) == 6


def test_a_sender_that_breaks_off_leaves_nothing(local):
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        local.stage(broken())

    assert temporary(local) == []


def test_what_is_discarded_is_gone_and_may_be_discarded_again(local):
    staged = local.stage(CONTENT)

    local.discard([staged])
    local.discard([staged])

    assert temporary(local) == []


# Promoting


def test_promoted_bytes_stand_under_the_hash_of_their_content(local):
    local.promote([local.stage(CONTENT), local.stage([b"other"])])

    assert {
        hashlib.sha256(content).hexdigest(): content for content in files(local).values()
    } == files(local)
    assert read(local, SHA256) == b"some weights"
    assert local.exists(SHA256)
    assert temporary(local) == []


def test_promoting_is_idempotent(local):
    once = local.stage(CONTENT)
    local.promote([once])

    local.promote([once])
    local.promote([local.stage(CONTENT)])

    assert files(local) == {SHA256: b"some weights"}
    assert temporary(local) == []


def test_promoting_heals_a_file_that_has_rotted(local):
    local.promote([local.stage(CONTENT)])
    (local.folder / SHA256[:2] / SHA256).write_bytes(b"rotten")

    local.promote([local.stage(CONTENT)])

    assert files(local) == {SHA256: b"some weights"}


def test_what_was_neither_staged_nor_stored_cannot_be_promoted(local):
    staged = local.stage(CONTENT)
    local.discard([staged])

    with pytest.raises(FileNotFoundError):
        local.promote([staged])


def test_a_reader_keeps_its_bytes_while_they_are_replaced_or_deleted(local):
    local.promote([local.stage(CONTENT)])

    with local.open(SHA256) as reader:
        local.promote([local.stage(CONTENT)])
        local.delete(SHA256)
        assert reader.read() == b"some weights"
    with pytest.raises(FileNotFoundError):
        local.open(SHA256)


@pytest.fixture
def calls(monkeypatch) -> list[tuple[str, str]]:
    """What is asked of the operating system, in order: fsync and rename, with the place."""
    asked: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def spy_fsync(descriptor: int) -> None:
        asked.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        fsync(descriptor)

    def spy_replace(source: object, target: object, **options: int) -> None:
        asked.append(("rename", str(target)))
        replace(source, target, **options)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(os, "replace", spy_replace)
    return asked


def test_the_file_is_safe_before_its_name_and_the_name_before_the_answer(local, calls):
    staged = local.stage(CONTENT)
    assert ("fsync", str(staged.path)) in calls
    calls.clear()

    local.promote([staged])

    folder = local.folder / SHA256[:2]
    assert calls == [
        ("rename", str(folder / SHA256)),
        ("fsync", str(folder)),
        ("fsync", str(local.folder)),
    ]


def test_many_files_cost_one_fsync_a_folder(local, calls):
    staged = [local.stage([bytes([number])]) for number in range(20)]
    calls.clear()

    local.promote(staged)

    kinds = [kind for kind, _ in calls]
    assert kinds == ["rename"] * 20 + ["fsync"] * (len(kinds) - 20)
    synced = [place for kind, place in calls if kind == "fsync"]
    assert len(synced) == len(set(synced))
    assert {str(local.folder / item.sha256[:2]) for item in staged} < set(synced)


def test_the_store_itself_is_safe_in_its_folder(local, calls):
    local.folder.parent.mkdir()

    local.stage(CONTENT)

    assert ("fsync", str(local.folder.parent)) in calls


# Deleting and listing


def test_deleting_what_is_not_there_is_harmless(local):
    local.delete(SHA256)
    local.promote([local.stage(CONTENT)])
    local.delete(SHA256)
    local.delete(SHA256)

    assert files(local) == {}


def test_an_empty_store_holds_nothing(local):
    assert list(local.stored()) == []
    assert local.clear_staged(datetime.now(tz=UTC)) == 0


def test_files_are_listed_with_size_and_time(local):
    local.promote([local.stage(CONTENT)])

    (file,) = local.stored()

    assert (file.sha256, file.size) == (SHA256, 12)
    assert abs(datetime.now(tz=UTC) - file.modified_at) < timedelta(minutes=1)


def test_what_vanishes_while_it_is_listed_is_left_out(local, monkeypatch):
    local.promote([local.stage(CONTENT), local.stage([b"other"])])
    listing = local.stored()
    first = next(listing)

    for name in (SHA256, hashlib.sha256(b"other").hexdigest()):
        if name != first.sha256:
            local.delete(name)

    assert list(listing) == []


def test_only_old_staged_files_are_cleared(local):
    old, new = local.stage([b"old"]), local.stage([b"new"])
    two_days_ago = datetime.now(tz=UTC) - timedelta(days=2)
    os.utime(old.path, (two_days_ago.timestamp(), two_days_ago.timestamp()))

    cleared = local.clear_staged(datetime.now(tz=UTC) - timedelta(days=1))

    assert cleared == 1
    assert temporary(local) == [new.path]


def test_what_is_promoted_while_staged_files_are_cleared_is_left_out(local, monkeypatch):
    staged = [local.stage([bytes([number])]) for number in range(3)]
    glob = Path.glob

    def and_then_promote(self: Path, pattern: str) -> list[Path]:
        found = list(glob(self, pattern))
        monkeypatch.setattr(Path, "glob", glob)
        local.promote(staged[:2])
        return found

    monkeypatch.setattr(Path, "glob", and_then_promote)

    assert local.clear_staged(datetime.now(tz=UTC) + timedelta(days=1)) == 1
    assert len(files(local)) == 2


def test_streams_are_read_in_bounded_chunks(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(bytes(CHUNK * 2 + 1))

    with path.open("rb") as stream:
        assert [len(chunk) for chunk in chunks(stream)] == [CHUNK, CHUNK, 1]
