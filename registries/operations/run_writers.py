"""Where the lines of several processes stand in the run that all of them write.

Each numbers its own from 0 on. They stand behind each other as they came; of the console's,
which are written over, it is noted where the last ones are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from registries.models import Run, RunWriter
from registries.models.run import Stream
from registries.streams import Lines, parsed

PLACES = 50
"""Where so many pieces of a console stand is known; the SDK changes its last 32 lines."""


def placed_lines(run: Run, writer: RunWriter, written: Lines) -> list[Lines]:
    """Return the lines of one process with their numbers in the locked run.

    What it sent before is left out, but for lines of the console.
    """
    if written.stream is Stream.CONSOLE:
        placed = [*_known(writer, written), *_new(run, writer, written)]
    else:
        placed = [_behind(run, writer, written)]
    writer.save()
    return placed


def _behind(run: Run, writer: RunWriter, written: Lines) -> Lines:
    """The lines that are new, behind all others; a line of history has a step."""
    counter = written.stream.counter
    sent = getattr(writer, counter)
    lines = written.lines[max(0, sent - written.start) :]
    setattr(writer, counter, max(sent, written.stop))
    if written.stream is Stream.HISTORY:
        lines = list(_stepped(lines, -1 if run.last_step is None else run.last_step))
    return Lines(written.stream, getattr(run, counter), lines)


def _stepped(lines: Sequence[str], last: int) -> Iterator[str]:
    for step, line in enumerate(lines, last + 1):
        row = parsed(line)
        yield json.dumps(row | {"_step": step}, ensure_ascii=False) if row else line


def _known(writer: RunWriter, written: Lines) -> Iterator[Lines]:
    """The lines that take the place of others."""
    for own, start, count in writer.printed:
        first, stop = max(written.start, own), min(written.stop, own + count)
        if first < stop:
            lines = written.lines[first - written.start : stop - written.start]
            yield Lines(written.stream, start + first - own, lines)


def _new(run: Run, writer: RunWriter, written: Lines) -> Iterator[Lines]:
    """The lines behind all that it printed, behind all that others printed."""
    last = writer.printed[-1] if writer.printed else [0, 0, 0]
    own = max(last[0] + last[2], written.start)
    if lines := written.lines[own - written.start :]:
        start = run.console_count
        if (last[0] + last[2], last[1] + last[2]) == (own, start) and last[2]:
            last[2] += len(lines)
        else:
            place = [own, start, len(lines)]
            writer.printed = [*writer.printed[1 - PLACES :], place]
        yield Lines(written.stream, start, lines)
