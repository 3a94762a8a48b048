"""Where bytes are kept."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings

from registries.storage.base import BlobStore, Staged, Staging, chunks
from registries.storage.local import LocalStore

__all__ = ["BlobStore", "Staged", "Staging", "chunks", "staging", "store"]


def store() -> BlobStore:
    """Return the store that the settings name."""
    return LocalStore(settings.BLOB_DIR)


@contextmanager
def staging(stream: Iterable[bytes], *, limit: int | None = None) -> Iterator[Staged]:
    """Stage bytes for what follows; where that fails, they go again."""
    staged = store().stage(stream, limit=limit)
    try:
        yield staged
    except BaseException:
        store().discard([staged])
        raise
