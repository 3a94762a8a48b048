"""What runs log line by line: the lines read back, and the curves drawn of them."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts import text
from accounts.actors import Invalid
from registries.models import Run, RunChunk, RunMetric
from registries.models.run import Stream

POINTS = 256
"""At most so many points has the curve of a metric."""
KEY_LIMIT = 400
LARGE = 4096
"""A last value of more characters is not kept beside the history."""
DEPTH = 5
MOST_CHUNKS = 4
"""So many chunks are read for the last lines."""
FEW_CHUNKS = 10
"""So many chunks are in memory at a time."""
LAST_STEP = 2**53
NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
PRINTED = re.compile(
    r"(?:(?P<level>ERROR) )?(?P<timestamp>\d{4}-\d\d-\d\dT[\d:.]+) ?(?P<text>.*)",
    re.DOTALL,
)
"""A line of the console as the SDK writes it."""

type Point = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a stream, and the number of the first."""

    stream: Stream
    start: int
    lines: Sequence[str]

    @property
    def stop(self) -> int:
        """The number after the last."""
        return self.start + len(self.lines)


def read(
    run: Run, stream: Stream, start: int = 0, stop: int | None = None
) -> Iterator[str]:
    """The lines of a stream from one number to before another, a chunk at a time."""
    return (line for _, line in numbered(run, stream, start, stop))


def numbered(
    run: Run, stream: Stream, start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, str]]:
    """The same, with their numbers: where lines never came, some are left out."""
    chunks = RunChunk.objects.filter(run=run, stream=stream, stop__gt=start)
    if stop is not None:
        chunks = chunks.filter(start__lt=stop)
    for chunk in _few_at_a_time(chunks.order_by("start")):
        first = max(start, chunk.start)
        last = chunk.stop if stop is None else stop
        lines = chunk.lines[first - chunk.start : last - chunk.start]
        yield from enumerate(lines, first)


def _few_at_a_time(chunks: QuerySet[RunChunk]) -> Iterator[RunChunk]:
    # No cursor is open meanwhile: whoever reads lines may stop anywhere, as when refused.
    last = -1
    while True:
        some = list(chunks.filter(start__gt=last)[:FEW_CHUNKS])
        yield from some
        if len(some) < FEW_CHUNKS:
            return
        last = some[-1].start


def tail(run: Run, stream: Stream, most: int) -> list[str]:
    """The last lines of a stream, as far as they fit into few chunks."""
    found: list[str] = []
    chunks = RunChunk.objects.filter(run=run, stream=stream).order_by("-start")
    for chunk in chunks[:MOST_CHUNKS].iterator(chunk_size=1):
        found = chunk.lines + found
        if len(found) >= most:
            break
    return found[-most:]


def sample(run: Run, stream: Stream, most: int) -> Iterator[str]:
    """At most so many lines of a stream, at even distances, and the last one."""
    count = getattr(run, stream.counter)
    stride = max(1, -(-count // max(1, most)))
    for number, line in numbered(run, stream):
        if number % stride == 0 or number == count - 1:
            yield line


def between(run: Run, first: int, stop: int) -> Iterator[str]:
    """The lines of the history, of the steps from one to before another."""
    # With more lines than steps the run was begun anew: steps came again, anywhere.
    grows = run.history_count <= (run.last_step or 0) + 1
    begin = _chunk_of(run, first) if grows else 0
    for number, line in numbered(run, Stream.HISTORY, begin):
        step = position(parsed(line), Stream.HISTORY, number)
        if first <= step < stop:
            yield line
        elif grows and step >= stop:
            break


def _chunk_of(run: Run, step: int) -> int:
    """Where the chunk starts in which a step is, or would be, where steps only grow."""
    chunks = run.chunks.filter(stream=Stream.HISTORY).order_by("start")
    starts = list(chunks.values_list("start", flat=True))

    def begins(start: int) -> int:
        line = chunks.get(start=start).lines[0]
        return int(position(parsed(line), Stream.HISTORY, start))

    at = bisect_left(starts, step, key=begins)
    return starts[max(0, at - 1)] if starts else 0


def parsed(line: str) -> dict[str, Any]:
    """Return a line of history or events; empty where it is no JSON object."""
    try:
        row = text.logged_json(line)
    except Invalid:
        return {}
    return row if isinstance(row, dict) else {}


def position(row: dict[str, Any], stream: Stream, number: int) -> float:
    """Where a line stands in its curves: its step, or its seconds since the start."""
    x = row.get("_step" if stream is Stream.HISTORY else "_runtime")
    if isinstance(x, int | float) and abs(x) < LAST_STEP:
        return x
    return number


def is_number(value: Any) -> bool:
    """Whether a value can be a point of a curve."""
    return isinstance(value, int | float) and abs(value) < 1e300


def is_gap(value: Any) -> bool:
    """Whether a value was measured, but is no number that a curve can show."""
    if isinstance(value, str):
        return value in NOT_FINITE
    return isinstance(value, int | float) and not is_number(value)


def values(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The metrics of a line, those of an object under it by `name.part`."""
    yield from _values(row, "", 1)


def _values(row: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        key = f"{before}{name}"
        if isinstance(value, dict) and "_type" not in value and depth < DEPTH:
            yield from _values(value, f"{key}.", depth + 1)
        elif 0 < len(key) <= KEY_LIMIT:
            yield key, value


def note(metric: RunMetric, x: float, value: Any, *, with_curve: bool = True) -> None:
    """Take a value into a metric; a curve that is full loses every second point."""
    metric.last, metric.last_x = _short(value), x
    if not is_number(value):
        if with_curve and is_gap(value):
            _leave_gap(metric.points, x)
        return
    if with_curve and metric.count % metric.stride == 0:
        metric.points.append([x, value])
        if len(metric.points) >= POINTS:
            metric.points = _thinned(metric.points)
            metric.stride *= 2
    metric.count += 1


def _leave_gap(points: list[Any], x: float) -> None:
    """End the line, once: what follows next to a gap adds nothing to it."""
    if points and points[-1][1] is not None:
        points.append([x, None])


def _thinned(points: list[Any]) -> list[Any]:
    """Every second number, and where there were gaps between them."""
    kept: list[Any] = []
    numbers = 0
    for x, y in points:
        if y is None:
            _leave_gap(kept, x)
        else:
            if numbers % 2 == 0:
                kept.append([x, y])
            numbers += 1
    return kept


def _short(value: Any) -> Any:
    is_large = isinstance(value, str | list | dict) and len(json.dumps(value)) > LARGE
    return None if is_large else value


def curve(metric: RunMetric) -> list[Point]:
    """The points to draw, the last value included; None is a gap."""
    points: list[Point] = [(x, y) for x, y in metric.points]
    if is_number(metric.last) and metric.last_x is not None:
        last = (metric.last_x, metric.last)
        if not points or points[-1] != last:
            points.append(last)
    return points
