"""Bodies of requests that are files: how long they are, and their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from registries.storage.base import CHUNK

if TYPE_CHECKING:
    from accounts.requests import Request


def length_of(request: Request) -> int | None:
    """How many bytes the body has; chunked ones do not say, and arrive as none."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if "Transfer-Encoding" in request.headers or not (
        length.isascii() and length.isdigit() and len(length) < 20
    ):
        return None
    return int(length)


def body_of(request: Request) -> Iterator[bytes]:
    """The body, a chunk at a time."""
    return iter(lambda: request.read(CHUNK), b"")
