"""Bytes of the store as an answer: whole or in part, and never what a browser runs."""

from __future__ import annotations

import errno
import os
import re
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date

from accounts.text import BIDI
from registries.models import Blob, Version
from registries.storage import store
from registries.storage.ranges import CHUNK, Part, UnsatisfiableRange, parse_range

if TYPE_CHECKING:
    from accounts.requests import Request


def serve(request: Request, version: Version, blob: Blob) -> HttpResponseBase:
    """Answer with the bytes of a file of a version.

    They are as old as the version: that somebody had the same bytes before is not told.
    """
    return serve_blob(request, blob, since=version.created_at)


def serve_blob(request: Request, blob: Blob, *, since: datetime) -> HttpResponseBase:
    """Answer conditions first, then the range, then the whole."""
    etag, modified = f'"{blob.sha256}"', int(since.timestamp())
    response: HttpResponseBase | None = get_conditional_response(request, etag, modified)
    if response is None:
        response = _content(request, blob, etag, http_date(modified))
    response["ETag"], response["Last-Modified"] = etag, http_date(modified)
    response["Accept-Ranges"] = "bytes"
    return response


def _content(request: Request, blob: Blob, etag: str, modified: str) -> HttpResponseBase:
    ranges = request.headers.get("Range", "") if request.method == "GET" else ""
    if request.headers.get("If-Range", etag) not in {etag, modified}:
        ranges = ""
    try:
        part = parse_range(ranges, blob.size)
    except UnsatisfiableRange:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
    start, stop = part or (0, blob.size)
    response = _stream(request, blob, start, stop)
    response["Content-Length"] = stop - start
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{blob.size}"
    return response


def _stream(request: Request, blob: Blob, start: int, stop: int) -> HttpResponseBase:
    file = open_blob(blob)
    if request.method == "HEAD":
        file.close()
        return HttpResponse()
    before = release_database if stop - start > CHUNK else None
    return StreamingHttpResponse(Part(file, start, stop, before=before))


def open_blob(blob: Blob) -> BinaryIO:
    """Open the bytes; gone or cut, the store is at fault: 503, and a line in the log."""
    try:
        file = store().open(blob.sha256)
    except FileNotFoundError as error:
        raise OSError(errno.EIO, f"The bytes of {blob} are missing") from error
    if file.seek(0, os.SEEK_END) != blob.size:
        file.close()
        raise OSError(errno.EIO, f"The bytes of {blob} are cut short")
    return file


def release_database() -> None:
    """Hold no connection while a slow reader takes gigabytes."""
    if not connection.in_atomic_block:
        connection.close()


def guard(response: HttpResponseBase, version: Version, path: str) -> HttpResponseBase:
    """Guard a file of a version; browsers may keep those that the organization sees."""
    keep = version.registry is not None and not version.registry.is_restricted
    return guard_bytes(response, path, keep=keep)


def guard_bytes(
    response: HttpResponseBase, path: str, *, keep: bool = False
) -> HttpResponseBase:
    """Let no browser guess, run, embed or share what somebody uploaded."""
    name = BIDI.sub("_", re.split(r"[/\\]", path)[-1]) or "file"
    response["Content-Type"] = "application/octet-stream"
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache" if keep else "private, no-store"
    return response
