"""What identifies the content of an artifact: digests over its entries, and the shape of
paths.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import batched

from accounts.actors import Invalid
from registries.models import Artifact, Entry
from registries.models.ordering import by_bytes

ENTRY_LIMIT = 1_000_000
"""The most entries of an artifact (rules.md, section 6)."""
BATCH = 500


class Manifest:
    """The digests, size and file count of an artifact, computed in one pass over its
    entries.
    """

    def __init__(self, artifact: Artifact) -> None:
        self.size = 0
        self.file_count = 0
        self._md5 = hashlib.md5(b"wandb-artifact-manifest-v1\n", usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        folders: set[str] = set()
        for entry in _by_path(artifact):
            self._take(entry)
            folders.update(_folders(entry.path))
        _refuse_files_that_are_folders(artifact, folders)

    def _take(self, entry: Entry) -> None:
        self._md5.update(f"{entry.path}:{entry.digest}\n".encode())
        content = entry.blob.sha256 if entry.blob else f"reference {entry.reference}"
        for part in (entry.path, content, str(entry.size)):
            self._sha256.update(f"{len(part.encode())}:{part}".encode())
        self.size += entry.size
        self.file_count += 1

    @property
    def digest(self) -> str:
        """MD5 in hexadecimal over sorted paths and digests, as the `wandb` SDK has it."""
        return self._md5.hexdigest()

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal over sorted paths, content and sizes: no collision can be
        made.
        """
        return self._sha256.hexdigest()


def _by_path(artifact: Artifact) -> Iterator[Entry]:
    """The entries in the order of their paths' bytes, on both databases."""
    entries = artifact.entries.select_related("blob").order_by(by_bytes("path"))
    return entries.iterator(chunk_size=2000)


def _folders(path: str) -> Iterator[str]:
    position = path.find("/")
    while position != -1:
        yield path[:position]
        position = path.find("/", position + 1)


def _refuse_files_that_are_folders(artifact: Artifact, folders: set[str]) -> None:
    for some in batched(sorted(folders), BATCH, strict=False):
        if clash := artifact.entries.filter(path__in=some).first():
            raise Invalid("path", f"{clash.path} is both a file and a folder.")
