"""A progress bar for transfers, on a terminal only."""

from __future__ import annotations

import time
from typing import Self

from django.core.management.base import OutputWrapper

WIDTH = 28
INTERVAL = 0.1
"""Seconds between two drawings."""


class Progress:
    """Shows how many bytes are done; silent where standard error is no terminal."""

    def __init__(self, stream: OutputWrapper, label: str, total: int) -> None:
        self.label = label
        self.total = total
        self.done = 0
        self._stream = stream if stream.isatty() else None
        self._started = time.monotonic()
        self._drawn = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None and self._drawn:
            self._draw(ending="\n")

    def advance(self, count: int) -> None:
        """Take note of bytes done."""
        self.done += count
        now = time.monotonic()
        if self._stream is not None and now - self._drawn >= INTERVAL:
            self._drawn = now
            self._draw()

    def _draw(self, ending: str = "") -> None:
        assert self._stream is not None
        share = min(self.done / self.total, 1.0) if self.total else 1.0
        bar = ("#" * round(share * WIDTH)).ljust(WIDTH, ".")
        rate = self.done / max(time.monotonic() - self._started, 0.001)
        line = f"{self.label} [{bar}] {share:4.0%}  {size(self.done)}, {size(rate)}/s"
        self._stream.write(f"\r{line:<79}", style_func=str, ending=ending)
        self._stream.flush()


def size(count: float) -> str:
    """Say a number of bytes as pages do, in powers of a thousand."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
