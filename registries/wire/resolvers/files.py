"""The files of a version, with addresses from which they can be fetched."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.actors import require
from accounts.text import is_askable
from registries.backends import downloading
from registries.models import Artifact, Entry, Version
from registries.wire.fields import Asking, Info, shaped
from registries.wire.ids import encode
from registries.wire.orders import BY_AGE
from registries.wire.paging import Connection, connection
from registries.wire.signing import sign


class FileNode:
    """A file, of a version or beside a run."""

    typename = "File"
    storage_path: str | None = None
    size_bytes = 0
    updated_at: datetime | None = None
    digest: str | None = None
    md5: str | None = None
    direct_url: Any = ""
    """Where its bytes are; nowhere, while they are on their way."""
    upload_url: Any = None
    upload_headers: Sequence[str] = ()
    upload_multipart_urls: Any = None
    artifact: Any = None

    def __init__(self, file_id: str, path: str) -> None:
        self.id = file_id
        self.name = self.display_name = path
        self.mimetype = mimetypes.guess_type(path)[0]

    def url(self, info: Info, *, upload: bool = False) -> Any:
        """Return where its bytes are, or where they go."""
        return (upload and self.upload_url) or self.direct_url


class EntryNode(FileNode):
    """A file of a version, or a reference to bytes elsewhere."""

    def __init__(self, asking: Asking, entry: Entry, version: Version) -> None:
        super().__init__(encode("File", entry.pk), entry.path)
        self._version = version
        self.size_bytes = entry.size
        self.storage_path = storage_path(entry)
        self.updated_at = version.created_at
        self.digest = entry.digest
        self.md5 = entry.blob.md5 if entry.blob else None
        self.direct_url = entry.reference or sign(asking, "file", e=entry.pk, v=version.pk)

    def artifact(self, info: Info) -> Any:
        """Return the artifact that it is of."""
        return shaped(info.context, self._version.artifact)


def files_of(
    asking: Asking,
    artifact: Artifact,
    version: Version,
    *,
    names: Sequence[str] | None = None,
    after: str | None = None,
    first: int | None = None,
) -> Connection[Entry]:
    """Return a page of the files, to whoever may download them here."""
    require(asking.actor, downloading(version, whole=True), version)
    entries = artifact.entries.select_related("blob")
    if names is not None:
        entries = entries.filter(path__in=filter(is_askable, names))
    return connection(
        entries,
        BY_AGE,
        lambda entry: EntryNode(asking, entry, version),
        first=first,
        after=after,
    )


def storage_path(entry: Entry) -> str:
    """Return what the SDK knows the place of a file by."""
    return f"wandb_artifacts/{entry.artifact_id}/{entry.pk}"
