"""Blobs as files: temporary file, fsync, rename to the sha256 name, fsync of the folder."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from accounts.actors import TooLarge
from registries.storage.base import Hashing, Staged, Stored

FLUSHED = 8 << 20
"""After how many bytes of a file the disk is told to begin writing them."""


class LocalStore:
    """A folder of files named by their content; every file under a final name hashes to it.

    The temporary folder is on the same file system, so that a rename is atomic.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "tmp"

    def begin(self, *, limit: int | None = None) -> LocalStaging:
        """Open a temporary file, hashed while it is written."""
        if not self.temporary.exists():
            self.temporary.mkdir(parents=True, exist_ok=True)
            _fsync_folder(self.folder.parent)
        return LocalStaging(self.temporary / secrets.token_hex(16), limit)

    def stage(self, chunks: Iterable[bytes], *, limit: int | None = None) -> Staged:
        """Write the chunks to a temporary file, and fsync it.

        Raise TooLarge, and leave nothing, when they are more than `limit` bytes.
        """
        staging = self.begin(limit=limit)
        try:
            for chunk in chunks:
                staging.write(chunk)
            return staging.finish()
        except BaseException:
            staging.abort()
            raise

    def promote(self, staged: Iterable[Staged]) -> None:
        """Rename staged files to their final names, then fsync each folder once."""
        folders = set()
        for item in staged:
            final = self._path(item.sha256)
            if not final.parent.is_dir():
                final.parent.mkdir(exist_ok=True)
                folders.add(self.folder)
            if item.path.exists() or not final.exists():
                item.path.replace(final)
            folders.add(final.parent)
        for folder in sorted(folders, reverse=True):
            _fsync_folder(folder)

    def discard(self, staged: Iterable[Staged]) -> None:
        """Remove staged files."""
        for item in staged:
            item.path.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading; raise FileNotFoundError where there are none."""
        return self._path(sha256).open("rb")

    def exists(self, sha256: str, *, size: int | None = None) -> bool:
        """Say whether a file stands under that name, and has that size."""
        path = self._path(sha256)
        return path.is_file() and size in {None, path.stat().st_size}

    def free(self) -> int:
        """How many bytes the file system has left for us."""
        there = (
            folder for folder in (self.folder, *self.folder.parents) if folder.exists()
        )
        return shutil.disk_usage(next(there)).free

    def delete(self, sha256: str) -> None:
        """Remove the file of that name, if there is one."""
        self._path(sha256).unlink(missing_ok=True)

    def stored(self) -> Iterator[Stored]:
        """All files under final names."""
        for path in self.folder.glob(f"??/{'[0-9a-f]' * 64}"):
            with suppress(FileNotFoundError):  # deleted since it was listed
                status = path.stat()
                modified_at = datetime.fromtimestamp(status.st_mtime, tz=UTC)
                yield Stored(path.name, status.st_size, modified_at)

    def clear_staged(self, before: datetime) -> int:
        """Remove temporary files last written before that moment; return how many."""
        count = 0
        for path in self.temporary.glob("*"):
            with suppress(FileNotFoundError):  # promoted since it was listed
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    count += 1
        return count

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


class LocalStaging:
    """A temporary file that is being written."""

    def __init__(self, path: Path, limit: int | None) -> None:
        self._path = path
        self._limit = limit
        self._hashing = Hashing()
        self._file = path.open("xb")
        self._flushed = 0

    def write(self, chunk: bytes) -> None:
        """Append the bytes, unless they would be more than the limit."""
        self._hashing.update(chunk)
        size = self._hashing.size
        if self._limit is not None and size > self._limit:
            raise TooLarge(f"The file is larger than the {self._limit:,} bytes declared.")
        self._file.write(chunk)
        if size >= self._flushed + FLUSHED:
            self._flush_early(size)

    def _flush_early(self, size: int) -> None:
        """Let the disk begin while more is coming, so that the end waits for little.

        That the pages are not needed is advice: they are written, and those that are not
        written yet stay.
        """
        latest = self._flushed, size - self._flushed
        os.posix_fadvise(self._file.fileno(), *latest, os.POSIX_FADV_DONTNEED)
        self._flushed = size

    def finish(self) -> Staged:
        """Write out and fsync the file."""
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        hashing = self._hashing
        digests = hashing.sha256, hashing.md5, hashing.xxh128
        return Staged(self._path, *digests, hashing.size)

    def abort(self) -> None:
        """Remove the file."""
        with suppress(OSError):  # what is not written out yet may find the disk full
            self._file.close()
        self._path.unlink(missing_ok=True)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
