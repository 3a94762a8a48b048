"""Small but genuine files: safetensors, CSV, JSON and PNG, made without libraries."""

from __future__ import annotations

import csv
import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from io import StringIO
from math import prod
from random import Random
from typing import Any

Files = dict[str, bytes]

BLOCK = 2048
"""Random numbers of a tensor before they repeat: making them is what takes time."""
WORDS = (
    "aan",
    "afspraak",
    "bedrag",
    "betaling",
    "contract",
    "datum",
    "de",
    "factuur",
    "fout",
    "geld",
    "het",
    "hulp",
    "klant",
    "korting",
    "levering",
    "maand",
    "naam",
    "nieuw",
    "niet",
    "offerte",
)


def dice(*seed: object) -> Random:
    """Return randomness that is the same at every call, so that files are too."""
    return Random(" ".join(map(str, seed)))  # noqa: S311 - not for secrets


def document(value: Any) -> bytes:
    """Return a value as a JSON file."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV file."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def safetensors(shapes: dict[str, tuple[int, ...]], random: Random) -> bytes:
    """Return a safetensors file of 32-bit floats: length, JSON header, tensors."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = bytearray()
    for name, shape in shapes.items():
        start = len(body)
        body += _floats(prod(shape), random)
        offsets = [start, len(body)]
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": offsets}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(body)


def _floats(count: int, random: Random) -> bytes:
    block = array("f", (random.gauss(0, 0.05) for _ in range(min(count, BLOCK))))
    numbers = (block * (count // len(block) + 1))[:count]
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def png(rows: Sequence[bytes]) -> bytes:
    """Return a greyscale PNG image, one byte a pixel."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = (b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def photo(random: Random, width: int = 96, height: int = 72) -> bytes:
    """Return a picture of sheet metal with a scratch."""
    grain = random.randbytes(width * height)
    start, slope = random.randrange(width), random.uniform(-1, 1)
    rows = []
    for y in range(height):
        row = bytearray(150 + pixel // 8 + y // 3 for pixel in grain[y * width :][:width])
        scratch = int(start + slope * y) % width
        row[scratch : scratch + 2] = b"\x28\x28"[: width - scratch]
        rows.append(bytes(row))
    return png(rows)


def curve(values: Sequence[float], size: int = 96) -> bytes:
    """Return a plot of values between 0 and 1 over equal steps, with axes."""
    rows = [bytearray(b"\xfa" * size) for _ in range(size)]
    for x in range(size):
        value = values[x * len(values) // size]
        rows[size - 1 - int(value * (size - 1))][x] = 0x20
        rows[-1][x] = 0x90
        rows[x][0] = 0x90
    return png([bytes(row) for row in rows])


def sentence(random: Random) -> str:
    """Return a few Dutch words, as a message of a customer."""
    return " ".join(random.choices(WORDS, k=random.randint(4, 9))).capitalize() + "."
