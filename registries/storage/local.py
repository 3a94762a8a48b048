"""Blobs as files: temporary file, fsync, rename to the sha256 name, fsync of the folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from accounts.actors import TooLarge
from registries.storage.base import Hashing, Staged, Stored


class LocalStore:
    """A folder of files named by their content; every file under a final name hashes to it.

    The temporary folder is on the same file system, so that a rename is atomic.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "tmp"

    def stage(self, chunks: Iterable[bytes], *, limit: int | None = None) -> Staged:
        """Write the chunks to a temporary file, hashing on the way, and fsync it.

        Raise TooLarge, and leave nothing, when they are more than `limit` bytes.
        """
        if not self.temporary.exists():
            self.temporary.mkdir(parents=True, exist_ok=True)
            _fsync_folder(self.folder.parent)
        path = self.temporary / secrets.token_hex(16)
        hashing = Hashing()
        try:
            with path.open("xb") as file:
                for chunk in chunks:
                    hashing.update(chunk)
                    if limit is not None and hashing.size > limit:
                        raise TooLarge(
                            f"The file is larger than the {limit:,} bytes declared."
                        )
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Staged(path, hashing.sha256, hashing.md5, hashing.size)

    def promote(self, staged: Iterable[Staged]) -> None:
        """Rename staged files to their final names, then fsync each folder once."""
        folders = {self.folder}
        for item in staged:
            final = self._path(item.sha256)
            final.parent.mkdir(exist_ok=True)
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

    def exists(self, sha256: str) -> bool:
        """Say whether a file stands under that name."""
        return self._path(sha256).is_file()

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


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
