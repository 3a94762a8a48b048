"""The files of a version, with addresses from which they can be fetched."""

from __future__ import annotations

import mimetypes
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from accounts.actors import Invalid, require
from accounts.text import is_askable
from registries.backends import downloading
from registries.models import Artifact, Entry, Version
from registries.wire.fields import Asking, Info, shaped
from registries.wire.ids import encode
from registries.wire.signing import sign

USUAL, MOST = 50, 10_000
"""How many files a page has; the SDK asks for 5,000 when it downloads."""


class FileNode:
    """A file of a version, or a reference to bytes elsewhere."""

    typename = "File"
    upload_url = None
    upload_headers: Sequence[str] = ()
    upload_multipart_urls = None

    def __init__(self, asking: Asking, entry: Entry, version: Version) -> None:
        self._version = version
        self.id = encode("File", entry.pk)
        self.name = self.display_name = entry.path
        self.size_bytes = entry.size
        self.storage_path = f"wandb_artifacts/{entry.artifact_id}/{entry.pk}"
        self.mimetype = mimetypes.guess_type(entry.path)[0]
        self.updated_at = version.created_at
        self.digest = entry.digest
        self.md5 = entry.blob.md5 if entry.blob else None
        self.direct_url = entry.reference or sign(asking, "file", e=entry.pk, v=version.pk)

    def url(self, info: Any, *, upload: bool | None = None) -> str:
        """Return where its bytes are."""
        return self.direct_url

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
) -> dict[str, Any]:
    """Return a page of the files, to whoever may download them here."""
    require(asking.actor, downloading(version, whole=True), version)
    entries = artifact.entries.select_related("blob").order_by("pk")
    if names:
        entries = entries.filter(path__in=[name for name in names if is_askable(name)])
    if after:
        entries = entries.filter(pk__gt=_position(after))
    size = USUAL if first is None else max(0, min(first, MOST))
    found = list(entries[: size + 1])
    edges = [
        {"node": FileNode(asking, entry, version), "cursor": _cursor(entry)}
        for entry in found[:size]
    ]
    page = {
        "has_next_page": len(found) > size,
        "end_cursor": edges[-1]["cursor"] if edges else None,
    }
    return {"total_count": artifact.file_count, "page_info": page, "edges": edges}


def _cursor(entry: Entry) -> str:
    return b64encode(f"entry:{entry.pk}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(b64decode(cursor, validate=True).decode().removeprefix("entry:"))
    except ValueError:
        raise Invalid("after", "This is no cursor of ours.") from None
