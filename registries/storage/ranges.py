"""Parts of a file: reading the Range header (RFC 9110, section 14), and the bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

CHUNK = 1 << 18
"""How much of a file is in memory at a time, in bytes."""
SINGLE = re.compile(r"bytes\s*=\s*([0-9]{0,4000})-([0-9]{0,4000})\s*", re.IGNORECASE)


class UnsatisfiableRange(Exception):
    """The range begins behind the end of the file."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first position and the one after the last.

    None where there is no range that we serve, as for several at once: the whole file is
    the right answer then.
    """
    match = SINGLE.fullmatch(header)
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), size
        if match[2]:
            if int(match[2]) < start:
                return None
            stop = min(size, int(match[2]) + 1)
    if start >= stop:
        raise UnsatisfiableRange
    return start, stop


class Part:
    """Some bytes of an open file, a chunk at a time. Closing it closes the file."""

    def __init__(
        self, file: BinaryIO, start: int, stop: int, *, before: Callable[[], None] | None
    ) -> None:
        file.seek(start)
        self._file = file
        self._left = stop - start
        self._before = before

    def __iter__(self) -> Part:
        return self

    def __next__(self) -> bytes:
        if self._before:
            self._before()
            self._before = None
        chunk = self._file.read(min(CHUNK, self._left))
        self._left -= len(chunk)
        if not chunk:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Close the file."""
        self._file.close()
