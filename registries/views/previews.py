"""What a page shows of a file: its beginning, as what it is, parsed in bounded time.

Nothing is unpacked, run or fetched (security.md, T47 to T50): text is decoded and escaped,
Markdown is sanitised, JSON and CSV are read by the standard library from at most 1 MiB, and
an image is left to the browser, once its header says how large it is.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from typing import BinaryIO

from registries.views.images import dimensions, media_type
from registries.views.markdown import LONGEST as MARKDOWN_LIMIT
from registries.views.outline import Value, outline

LIMIT = 1 << 20
"""How much of a file is read, in bytes."""
TEXT = 1 << 17
"""How much of a text is shown, in characters."""
ROWS, COLUMNS, CELL = 100, 50, 200
"""How much of a table is shown; a cell in characters."""
VALUES = 500
"""How many values of a JSON document are shown."""
IMAGE_BYTES = 20 << 20
PIXELS = 40_000_000
"""The largest image that a browser is asked to draw."""
UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
"""What moves, hides or reorders other characters, or is none: shown as U+FFFD."""


@dataclass(slots=True)
class Preview:
    """What is shown of a file; `kind` says which of the others is filled."""

    kind: str = ""
    text: str = ""
    values: list[Value] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    is_cut: bool = False
    why_not: str = ""


def preview(path: str, file: BinaryIO, size: int) -> Preview:
    """Return what a page shows of the open file; its name says what to try."""
    if size == 0:
        return Preview(why_not="This file is empty.")
    beginning = file.read(LIMIT)
    if media_type(beginning):
        return _image(beginning, size)
    text = _decoded(beginning)
    if text is None:
        return Preview(why_not="This is not text, and no image that browsers draw.")
    shown = _structured(path.rpartition(".")[2].lower(), text, is_whole=size <= LIMIT)
    return shown or _text(text, is_whole=size <= LIMIT)


def _image(beginning: bytes, size: int) -> Preview:
    width, height = dimensions(beginning)
    if size > IMAGE_BYTES or width * height > PIXELS:
        return Preview(why_not="This image is too large to be shown.")
    if min(width, height) < 1:
        return Preview(why_not="This image does not say how large it is.")
    return Preview("image", text=f"{width} by {height} pixels")


def _decoded(beginning: bytes) -> str | None:
    """Return the text, None for what is none; a character cut at the end is left out."""
    encoding = "utf-16" if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    text = beginning.decode(encoding, "replace").removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    strange = text.count("\0") + text[:-1].count("\ufffd")
    return None if strange > len(text) // 100 else _visible(text)


def _visible(text: str) -> str:
    return UNSEEN.sub("\ufffd", text)


def _structured(suffix: str, text: str, *, is_whole: bool) -> Preview | None:
    """Return what is more than text, None where it is not what its name says."""
    if suffix in {"md", "markdown"} and len(text) <= MARKDOWN_LIMIT:
        return Preview("markdown", text=text)
    if suffix in {"json", "ipynb"} and is_whole:
        return _json(text)
    if suffix in {"csv", "tsv"}:
        return _table(text, "\t" if suffix == "tsv" else ",", is_whole=is_whole)
    return None


def _json(text: str) -> Preview | None:
    try:
        document = json.loads(text)
        values = outline(document, VALUES + 1)
    except (ValueError, RecursionError):
        return None
    shown = [
        Value(tuple(map(_visible, value.keys)), _visible(value.text), value.is_text)
        for value in values[:VALUES]
    ]
    return Preview("json", values=shown, is_cut=len(values) > VALUES)


def _table(text: str, delimiter: str, *, is_whole: bool) -> Preview | None:
    try:
        lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        rows = [[cell[:CELL] for cell in row[:COLUMNS]] for row in islice(lines, ROWS + 2)]
    except csv.Error:
        return None
    if len(rows) < 2:
        return None
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    is_cut = not is_whole or len(rows) > ROWS + 1 or width == COLUMNS
    return Preview("table", head=rows[0], rows=rows[1 : ROWS + 1], is_cut=is_cut)


def _text(text: str, *, is_whole: bool) -> Preview:
    return Preview("text", text=text[:TEXT], is_cut=not is_whole or len(text) > TEXT)
