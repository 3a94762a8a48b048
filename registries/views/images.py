"""Which images a page may show, and how large they say they are: read from the header only.

Own code, for the known library for it also fetches addresses and parses XML.
"""

from __future__ import annotations

import re
import struct

FRAME = re.compile(rb"[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]")
"""The markers of a JPEG behind which its height and width stand."""


def media_type(beginning: bytes) -> str:
    """Return the media type of an image that every browser draws, "" for anything else.

    Raster images only: what can hold scripts, as SVG does, is not among them.
    """
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if beginning.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if beginning.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return ""


def dimensions(beginning: bytes) -> tuple[int, int]:
    """Return width and height in pixels, as the header has them; 0, 0 if it is cut off."""
    try:
        match media_type(beginning):
            case "image/png":
                width, height = struct.unpack_from(">II", beginning, 16)
            case "image/gif":
                width, height = struct.unpack_from("<HH", beginning, 6)
            case "image/jpeg":
                width, height = _jpeg(beginning)
            case "image/webp":
                width, height = _webp(beginning)
            case _:
                width, height = 0, 0
    except struct.error:
        return 0, 0
    return width, height


def _jpeg(beginning: bytes) -> tuple[int, int]:
    position = 2
    while True:
        marker, length = struct.unpack_from(">xcH", beginning, position)
        if FRAME.fullmatch(marker):
            height, width = struct.unpack_from(">HH", beginning, position + 5)
            return width, height
        position += 2 + max(length, 2)


def _webp(beginning: bytes) -> tuple[int, int]:
    match beginning[12:16]:
        case b"VP8X":
            low_width, high_width, low_height, high_height = struct.unpack_from(
                "<HBHB", beginning, 24
            )
            return (high_width << 16) + low_width + 1, (high_height << 16) + low_height + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", beginning, 21)
            return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        case _:
            width, height = struct.unpack_from("<HH", beginning, 26)
            return width & 0x3FFF, height & 0x3FFF
