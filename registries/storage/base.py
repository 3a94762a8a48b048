"""What a store of blobs does. Names are sha256 in hexadecimal; sizes are bytes."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from xxhash import xxh3_128

CHUNK = 1 << 20
"""How much is read at a time, in bytes."""


WORTH_A_THREAD = 1 << 18
"""From how many bytes on hashes are computed while others are read and written."""
_hashers = ThreadPoolExecutor(16, thread_name_prefix="hash")


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes that are safe on the store's disk, but not yet under their final name."""

    path: Path
    sha256: str
    md5: str
    xxh128: str
    size: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that stands under its final name."""

    sha256: str
    size: int
    modified_at: datetime


class Staging(Protocol):
    """Bytes on their way to a temporary place: to be finished, or aborted."""

    def write(self, chunk: bytes) -> None:
        """Take in the next bytes; raise TooLarge where they are more than the limit."""

    def finish(self) -> Staged:
        """Make the bytes durable."""

    def abort(self) -> None:
        """Leave nothing of them."""


class BlobStore(Protocol):
    """Keeps bytes under the sha256 that the server computed."""

    def begin(self, *, limit: int | None = None) -> Staging:
        """Open a temporary place for bytes that come a chunk at a time."""

    def stage(self, chunks: Iterable[bytes], *, limit: int | None = None) -> Staged:
        """Write all chunks to a temporary place; they are durable after it."""

    def promote(self, staged: Iterable[Staged]) -> None:
        """Put staged bytes under their final names, durably; harmless where they stand
        already.
        """

    def discard(self, staged: Iterable[Staged]) -> None:
        """Forget staged bytes."""

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading; raise FileNotFoundError where there are none."""

    def exists(self, sha256: str, *, size: int | None = None) -> bool:
        """Say whether bytes stand under that name, and are as many."""

    def free(self) -> int:
        """How many bytes more the store can take."""

    def delete(self, sha256: str) -> None:
        """Remove the bytes of that name, if there are any."""

    def stored(self) -> Iterator[Stored]:
        """All files under final names, in no order."""

    def clear_staged(self, before: datetime) -> int:
        """Remove what was staged before that moment and never promoted; return how many."""


class Hashing:
    """SHA-256, MD5 and XXH128 of a stream, in one pass.

    One chunk at a time is hashed while the next comes: no more of a stream is in memory.
    """

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._xxh128 = xxh3_128()
        self._under_way: list[Future[None]] = []
        self.size = 0

    def update(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        self._catch_up()
        self.size += len(chunk)
        if len(chunk) < WORTH_A_THREAD:
            self._md5.update(chunk)
            self._others(chunk)
        else:  # none of them holds the interpreter's lock meanwhile; MD5 is the slowest
            works = self._md5.update, self._others
            self._under_way = [_hashers.submit(work, chunk) for work in works]

    def _others(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._xxh128.update(chunk)

    def _catch_up(self) -> None:
        for work in self._under_way:
            work.result()
        self._under_way = []

    @property
    def sha256(self) -> str:
        """In hexadecimal: the name in the store."""
        self._catch_up()
        return self._sha256.hexdigest()

    @property
    def md5(self) -> str:
        """In base64: the entry's digest in a manifest."""
        self._catch_up()
        return b64encode(self._md5.digest()).decode()

    @property
    def xxh128(self) -> str:
        """In base64: the entry's digest where the sender chose the quicker algorithm."""
        self._catch_up()
        return b64encode(self._xxh128.digest()).decode()


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream, a chunk at a time."""
    while chunk := stream.read(CHUNK):
        yield chunk
