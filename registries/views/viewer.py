"""The page of one file of a version, and its image. The bytes come from `raw`."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actors import require
from registries.backends import downloading
from registries.models import Blob, Entry, Version
from registries.storage.ranges import Part
from registries.storage.serving import guard, open_blob, release_database
from registries.views.commands import missing_for_download
from registries.views.files import checked_at
from registries.views.images import media_type
from registries.views.lookups import in_version
from registries.views.previews import IMAGE_BYTES, Preview, preview

if TYPE_CHECKING:
    from accounts.requests import SignedIn

HEADER = 64
"""How many bytes tell what an image is."""


@require_safe
@in_version
def file(request: SignedIn, version: Version, path: str) -> HttpResponse:
    """Show a file: its facts, and what is in it to whoever may download files."""
    entry = _entry(version, path)
    missing = missing_for_download(request, version)
    context = {
        "version": version,
        "collection": version.collection,
        "registry": version.registry,
        "project": version.project,
        "entry": entry,
        "checked_at": entry.blob and checked_at(entry.blob, version.artifact),
        "missing": missing,
        "preview": None if missing else _preview(entry),
    }
    return render(request, "registries/file.html", context)


@require_safe
@in_version
def image(request: SignedIn, version: Version, path: str) -> HttpResponseBase:
    """Send an image as what it is, for the page of its file to show it."""
    require(request.actor, downloading(version), version)
    entry = _entry(version, path)
    if entry.blob is None or entry.size > IMAGE_BYTES:
        raise Http404
    kind, content = _drawable(entry.blob)
    response = StreamingHttpResponse(content)
    guard(response, version, entry.path)
    response["Content-Type"] = kind
    response["Content-Disposition"] = "inline"
    return response


def _entry(version: Version, path: str) -> Entry:
    entry = version.artifact.entries.select_related("blob").filter(path=path).first()
    if entry is None:
        raise Http404
    return entry


def _drawable(blob: Blob) -> tuple[str, Part]:
    """Return the media type and bytes of an image; anything else is not found."""
    file = open_blob(blob)
    file.seek(0)
    kind = media_type(file.read(HEADER))
    if not kind:
        file.close()
        raise Http404
    return kind, Part(file, 0, blob.size, before=release_database)


def _preview(entry: Entry) -> Preview:
    if entry.blob is None:
        return Preview(
            why_not="Its bytes are kept elsewhere: nothing is fetched from there."
        )
    with closing(open_blob(entry.blob)) as file:
        file.seek(0)
        return preview(entry.path, file, entry.size)
