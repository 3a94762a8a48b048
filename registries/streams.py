"""What runs log line by line: the lines read back, and the curves drawn of them."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

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
LAST_STEP = 2**53


def read(
    run: Run, stream: Stream, start: int = 0, stop: int | None = None
) -> Iterator[str]:
    """The lines of a stream from one number to before another, a chunk at a time."""
    chunks = RunChunk.objects.filter(run=run, stream=stream, stop__gt=start)
    if stop is not None:
        chunks = chunks.filter(start__lt=stop)
    for chunk in chunks.order_by("start").iterator(chunk_size=10):
        last = chunk.stop if stop is None else stop
        yield from chunk.lines[max(0, start - chunk.start) : last - chunk.start]


def tail(run: Run, stream: Stream, most: int) -> list[str]:
    """The last lines of a stream, as far as they fit into few chunks."""
    found: list[str] = []
    chunks = RunChunk.objects.filter(run=run, stream=stream).order_by("-start")
    for chunk in chunks[:MOST_CHUNKS].iterator(chunk_size=1):
        found = chunk.lines + found
        if len(found) >= most:
            break
    return found[-most:]


def sample(run: Run, stream: Stream, most: int) -> list[str]:
    """At most so many lines of a stream, at even distances, and the last one."""
    count = getattr(run, stream.counter)
    stride = max(1, -(-count // max(1, most)))
    lines = enumerate(read(run, stream))
    return [line for n, line in lines if n % stride == 0 or n == count - 1]


def between(run: Run, first: int, stop: int, most: int) -> list[str]:
    """At most so many lines of the history, of the steps from one to before another."""
    # With more lines than steps the run was begun anew: steps came again, anywhere.
    grows = run.history_count <= (run.last_step or 0) + 1
    begin = _chunk_of(run, first) if grows else 0
    found: list[str] = []
    for number, line in enumerate(read(run, Stream.HISTORY, begin), begin):
        step = position(parsed(line), Stream.HISTORY, number)
        if first <= step < stop:
            found.append(line)
        if len(found) >= most or (grows and step >= stop):
            break
    return found


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


def rows(run: Run, stream: Stream, count: int) -> list[dict[str, Any]]:
    """The last lines of history or events, as they were logged."""
    return [parsed(line) for line in tail(run, stream, count)]


def position(row: dict[str, Any], stream: Stream, number: int) -> float:
    """Where a line stands in its curves: its step, or its seconds since the start."""
    x = row.get("_step" if stream is Stream.HISTORY else "_runtime")
    if isinstance(x, int | float) and abs(x) < LAST_STEP:
        return x
    return number


def is_number(value: Any) -> bool:
    """Whether a value can be a point of a curve."""
    return isinstance(value, int | float) and abs(value) < 1e300


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
        return
    if with_curve and metric.count % metric.stride == 0:
        metric.points.append([x, value])
        if len(metric.points) == POINTS:
            metric.points = metric.points[::2]
            metric.stride *= 2
    metric.count += 1


def _short(value: Any) -> Any:
    is_large = isinstance(value, str | list | dict) and len(json.dumps(value)) > LARGE
    return None if is_large else value


def curve(metric: RunMetric) -> list[tuple[float, float]]:
    """The points to draw, the last value included."""
    points = [(x, y) for x, y in metric.points]
    if is_number(metric.last) and metric.last_x is not None:
        last = (metric.last_x, metric.last)
        if not points or points[-1] != last:
            points.append(last)
    return points
