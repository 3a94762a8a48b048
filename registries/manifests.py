"""What identifies the content of an artifact, and the document that describes it.

The document is the SDK's: paths with digest, size, and a reference where the bytes are not
ours (sdk-protocol.md, section 8.5). It is read and written an entry at a time.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

import ijson
from xxhash import xxh3_128

from accounts import text
from accounts.actors import Invalid, TooLarge
from registries.models import Artifact, Entry
from registries.models.ordering import by_bytes

ENTRY_LIMIT = 1_000_000
"""The most entries of an artifact (rules.md, section 6)."""
BATCH = 500
HASHES: dict[str, Any] = {
    Artifact.Algorithm.MD5: partial(hashlib.md5, usedforsecurity=False),
    Artifact.Algorithm.XXH128: xxh3_128,
}


class Manifest:
    """The digests, size and file count of an artifact, computed in one pass over its
    entries.
    """

    def __init__(self, artifact: Artifact) -> None:
        self.size = 0
        self.file_count = 0
        self._digest = HASHES[artifact.digest_algorithm](b"wandb-artifact-manifest-v1\n")
        self._sha256 = hashlib.sha256()
        with closing(_by_path(artifact)) as entries:
            for entry in _without_folders(entries):
                self._take(entry)

    def _take(self, entry: Entry) -> None:
        self._digest.update(f"{entry.path}:{entry.digest}\n".encode())
        content = entry.blob.sha256 if entry.blob else _said_of_bytes_elsewhere(entry)
        for part in (entry.path, content, str(entry.size)):
            self._sha256.update(f"{len(part.encode())}:{part}".encode())
        self.size += entry.size
        self.file_count += 1

    @property
    def digest(self) -> str:
        """In hexadecimal, over sorted paths and digests, as the `wandb` SDK has it."""
        return str(self._digest.hexdigest())

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal over sorted paths, content and sizes: no collision can be
        made.
        """
        return self._sha256.hexdigest()


def _by_path(artifact: Artifact) -> Generator[Entry]:
    """The entries in the order of their paths' bytes, on both databases."""
    entries = artifact.entries.select_related("blob").order_by(by_bytes("path"))
    yield from entries.iterator(chunk_size=2000)


def _without_folders(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The same; the first whose path is below that of a file is Invalid.

    What begins with a path comes right after it. Of those that a path begins with only the
    longest can be its folder: the others are no folders of that one.
    """
    above: list[str] = []
    for entry in entries:
        while above and not entry.path.startswith(above[-1]):
            above.pop()
        if above and entry.path[len(above[-1])] == "/":
            raise Invalid("path", f"{above[-1]} is both a file and a folder.")
        above.append(entry.path)
        yield entry


def _said_of_bytes_elsewhere(entry: Entry) -> str:
    return f"reference {entry.digest} {entry.reference}"


POLICY = "wandb-storage-policy-v1"
LONGEST = 4096
"""How long a digest or a reference may be, in characters."""
MOST = 1 << 21
"""How many bytes a manifest may say of a file, which are read into memory at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a manifest says of one path. `size` is in bytes."""

    path: str
    digest: str
    size: int
    reference: str
    birth: str
    """The id of the artifact that brought the bytes, as the wire writes it."""
    extra: dict[str, Any] | None


def read_manifest(stream: BinaryIO) -> Iterator[Line]:
    """Yield what the document says of each path; raise Invalid where it is none of ours.

    What it tells of its sender's machine is left out.
    """
    try:
        _check_head(_Sparing(stream))
        stream.seek(0)
        sparing = _Sparing(stream)
        lines = ijson.kvitems(sparing, "contents", use_float=True)
        for count, (path, values) in enumerate(lines, 1):
            sparing.since = 0
            if count > ENTRY_LIMIT:
                raise TooLarge(f"An artifact has at most {ENTRY_LIMIT:,} files.")
            yield _line(path, values)
    except (ijson.JSONError, ValueError) as error:
        raise Invalid("manifest", f"The manifest is not JSON: {error}.") from None


class _Sparing:
    """A document that is given up where one thing that it says does not end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.since = 0
        """How many bytes were read since the last thing was understood."""

    def read(self, size: int) -> bytes:
        """Return the next bytes; raise TooLarge where they are too many at once."""
        if self.since > MOST:
            raise TooLarge(f"The manifest says over {MOST:,} bytes of one file.")
        some = self._stream.read(size)
        self.since += len(some)
        return some


def _check_head(stream: _Sparing) -> None:
    """Read as far as both are seen: they stand before the contents."""
    expected: dict[str, Any] = {"version": 1, "storagePolicy": POLICY}
    for prefix, _, value in ijson.parse(stream):
        if prefix in expected:
            if value != expected.pop(prefix):
                raise Invalid("manifest", f"The manifest has another {prefix} than ours.")
            if not expected:
                return
    raise Invalid("manifest", f"The manifest has no {' and no '.join(expected)}.")


def _line(path: str, values: Any) -> Line:
    path = text.entry_path(path)
    if not isinstance(values, dict):
        raise Invalid("manifest", f"The manifest says nothing of {path}.")
    digest = _word(values.get("digest"), f"digest of {path}")
    reference = _word(values.get("ref") or "", f"reference of {path}")
    birth = _word(values.get("birthArtifactID") or "", f"birthArtifactID of {path}")
    if extra := values.get("extra") or None:
        text.metadata(extra, "manifest")
    size = text.size(values.get("size") or 0, "manifest")
    return Line(path, digest, size, reference, birth, extra)


def _word(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Invalid("manifest", f"The manifest says no {name}.")
    if len(value) > LONGEST:
        raise Invalid("manifest", f"The {name} has more than {LONGEST:,} characters.")
    if text.BROKEN.search(value):
        raise Invalid("manifest", f"The {name} has a character that cannot be kept.")
    return value


def write_manifest(artifact: Artifact, *, own_id: str) -> Iterator[bytes]:
    """Yield the document of a committed artifact, a few hundred entries at a time.

    `own_id` is the artifact's id on the wire: through it every entry's bytes are found.
    Raise OSError in the end where the artifact was deleted meanwhile.
    """
    config = {"storageLayout": "V2"}
    if artifact.storage_region:
        config["storageRegion"] = artifact.storage_region
    head = {"version": 1, "storagePolicy": POLICY, "storagePolicyConfig": config}
    yield f'{json.dumps(head)[:-1]}, "contents": {{'.encode()
    separator, missing = "", artifact.file_count
    for some in _pages(artifact):
        missing -= len(some)
        parts = [f"{json.dumps(e.path)}: {json.dumps(_said(e, own_id))}" for e in some]
        yield (separator + ", ".join(parts)).encode()
        separator = ", "
    if missing:
        raise OSError(errno.EIO, f"{artifact} was deleted while its manifest was sent")
    yield b"}}"


def _pages(artifact: Artifact) -> Iterator[list[Entry]]:
    """The entries, some at a time: no cursor waits for somebody who reads slowly."""
    entries, last = artifact.entries.order_by("path"), ""
    while some := list(entries.filter(path__gt=last)[:BATCH]):
        yield some
        last = some[-1].path


def _said(entry: Entry, own_id: str) -> dict[str, Any]:
    said: dict[str, Any] = {"digest": entry.digest, "size": entry.size}
    if entry.reference:
        said["ref"] = entry.reference
    else:
        said["birthArtifactID"] = own_id
    return said | ({"extra": entry.extra} if entry.extra else {})
