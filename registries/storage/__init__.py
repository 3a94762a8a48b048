"""Where bytes are kept."""

from django.conf import settings

from registries.storage.base import BlobStore, Staged, Staging, chunks
from registries.storage.local import LocalStore

__all__ = ["BlobStore", "Staged", "Staging", "chunks", "store"]


def store() -> BlobStore:
    """Return the store that the settings name."""
    return LocalStore(settings.BLOB_DIR)
