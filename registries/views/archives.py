"""Many files of a version as one zip, made while it is sent.

Nothing is packed or kept: every size is known, so the whole one is announced, and a browser
that gets less knows that it was cut off.
"""

from __future__ import annotations

import errno
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from zipstream import ZipStream

from accounts.actors import TooLarge, require
from accounts.text import BIDI, is_askable
from registries.backends import downloading
from registries.models import Blob, Entry, Version
from registries.models.ordering import by_bytes
from registries.storage import store
from registries.storage.ranges import Part
from registries.storage.serving import guard, open_blob, release_database
from registries.views.lookups import in_version

if TYPE_CHECKING:
    from accounts.requests import Request

MOST_FILES = 20_000
"""How many files one archive holds: its list of contents is kept in memory."""
UNSAFE = re.compile(rf'[\\:*?"<>|]|{BIDI.pattern}')
"""What separates folders, is no name, or reads as another, where archives may be opened."""
UNKEPT = re.compile(r"((?:con|prn|aux|nul|com\d|lpt\d)(?![^.])|.*[. ]$).*", re.IGNORECASE)
"""What Windows takes for a device, or for a shorter name."""


@require_safe
@in_version
def archive(request: Request, version: Version) -> HttpResponseBase:
    """Send the version, or the folder of it that the address names, as a zip."""
    folder = request.GET.get("folder", "").strip("/")
    require(request.actor, downloading(version, whole=not folder), version)
    packed = _packed(_entries(version, folder), inside=folder)
    content = () if request.method == "HEAD" else _stream(packed)
    response = StreamingHttpResponse(content, headers={"Content-Length": len(packed)})
    name = folder.rpartition("/")[2] or f"{version.collection}-v{version.number}"
    return guard(response, version, f"{name}.zip")


def _entries(version: Version, folder: str) -> Sequence[Entry]:
    """Return the files below the folder, in the order of their paths."""
    entries = version.artifact.entries.exclude(blob=None).select_related("blob")
    entries = entries.annotate(sort_path=by_bytes("path")).order_by("sort_path")
    if not is_askable(folder):
        raise Http404
    if folder:  # by bytes, for SQLite compares the beginning without regard to case
        below = {"sort_path__gt": f"{folder}/", "sort_path__lt": f"{folder}0"}
        entries = entries.filter(**below)
    found = list(
        entries.only("path", "size", "blob__sha256", "blob__size")[: MOST_FILES + 1]
    )
    if not found:
        raise Http404
    if len(found) > MOST_FILES:
        raise TooLarge(
            f"A zip holds at most {MOST_FILES:,} files: fetch this version with a command."
        )
    return found


def _packed(entries: Sequence[Entry], *, inside: str) -> ZipStream:
    """Return the archive of the files, under names that no system misreads."""
    packed = ZipStream(sized=True)
    beginning = f"{inside}/" if inside else ""
    paths = [entry.path.removeprefix(beginning).split("/") for entry in entries]
    names = _apart(["/".join(map(_harmless, parts)) for parts in paths])
    for entry, name in zip(entries, names, strict=True):
        assert entry.blob
        if not store().exists(entry.blob.sha256):
            raise OSError(errno.EIO, f"The bytes of {entry.blob} are missing")
        packed.add(_bytes(entry.blob), name, size=entry.blob.size)
    return packed


def _apart(names: Sequence[str]) -> Iterator[str]:
    """Number the names that some system takes for one before, or for that of a folder."""
    known = sorted(map(_read, names))
    taken: dict[str, int] = {}
    for name in names:
        path, kept, plain = PurePosixPath(name), name, _read(name)
        while (key := _read(kept)) in taken or _is_folder(key, known):
            taken[plain] = taken.get(plain, 1) + 1
            kept = str(path.with_stem(f"{path.stem} ({taken[plain]})"))
        taken[key] = 1
        yield kept


def _read(name: str) -> str:
    """Return what a name is to systems that heed neither case nor how accents are coded."""
    return unicodedata.normalize("NFD", name.casefold())


def _is_folder(name: str, known: Sequence[str]) -> bool:
    """Whether some of the names, which are in order, are below this one."""
    return bisect_left(known, f"{name}/") < bisect_left(known, f"{name}0")


def _harmless(part: str) -> str:
    """Return a part of a path as one that every system keeps as it is."""
    name = UNSAFE.sub("_", part)
    return f"_{name}_" if UNKEPT.fullmatch(name) else name


def _stream(packed: ZipStream) -> Iterator[bytes]:
    release_database()
    yield from packed


def _bytes(blob: Blob) -> Iterator[bytes]:
    """The bytes of a blob, opened when it is their turn."""
    with closing(Part(open_blob(blob), 0, blob.size, before=None)) as content:
        yield from content
