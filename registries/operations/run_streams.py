"""What runs log line by line: history, system metrics, console output, and the summary.

Lines have numbers, so a request that comes again changes nothing. Lines that come with a
number that is there already take its place: a progress bar rewrites its line, and a run
that begins anew under its id begins its history anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Invalid
from registries.models import Run, RunChunk, RunMetric
from registries.models.run import Stream
from registries.operations.runs import lock_run, logged_object, resume
from registries.streams import note, parsed, position, read, values

CHUNK = 1 << 17
"""About how many characters of lines stand in one chunk."""
CHANGED = (
    *("history_count", "event_count", "console_count", "last_step", "summary"),
    *("state", "exit_code", "finished_at", "heartbeat_at", "updated_at"),
)
LAST_LINE = 2_000_000_000
CURVES = 1_000
"""So many metrics of a stream have a curve; the others have their last value."""
METRICS = 10_000
"""So many metrics of a stream are known by name; all are in its lines."""
MEASURED_AGAIN = 10_000
"""At most so many lines are; beyond, the curves keep what was drawn before."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a stream, and the number of the first."""

    stream: Stream
    start: int
    lines: Sequence[str]


@transaction.atomic
def log_lines(
    run: Run, written: Sequence[Lines] = (), *, summary: str | None = None, by: Actor
) -> Run:
    """Take in what a run wrote since it last did; nothing at all says that it is alive.

    There is no event for what comes every few seconds; a run that was taken for crashed
    goes on, which writes run.resume.
    """
    run = lock_run(run, by=by)
    for lines in written:
        _write(run, lines)
    if summary is not None:
        run.summary = logged_object(summary, "summary")
    run.heartbeat_at = timezone.now()
    if run.state == Run.State.CRASHED:
        resume(run, by=by)
    run.save(update_fields=CHANGED)
    return run


def _write(run: Run, written: Lines) -> None:
    lines = [text.whole(str(line)) for line in written.lines]
    start, stream = written.start, written.stream
    if not 0 <= start <= LAST_LINE - len(lines):
        raise Invalid("offset", f"A line has a number from 0 to {LAST_LINE:,}.")
    if not lines:
        return
    if stream is Stream.CONSOLE:
        _replace(run, stream, start, lines)
        run.console_count = max(run.console_count, start + len(lines))
        return
    start, lines, is_anew = _news(run, stream, start, lines)
    if is_anew:
        _cut(run, stream, start)
    if lines:
        _replace(run, stream, start, lines)
        setattr(run, stream.counter, start + len(lines))
        _measure(run, stream, enumerate(lines, start))


def _news(
    run: Run, stream: Stream, start: int, lines: list[str]
) -> tuple[int, list[str], bool]:
    """Leave out the lines that are here already; say if others stood in their place."""
    end = getattr(run, stream.counter)
    if start >= end:
        return start, lines, False
    known, is_anew = 0, False
    for here in read(run, stream, start, start + len(lines)):
        if is_anew := here != lines[known]:
            break
        known += 1
    return start + known, lines[known:], is_anew


def _cut(run: Run, stream: Stream, start: int) -> None:
    """Forget the lines from a number on, and measure the others again."""
    gone = run.chunks.filter(stream=stream, stop__gt=start).order_by("start")
    for chunk in gone.filter(start__lt=start):
        kept = chunk.lines[: start - chunk.start]
        shorter = RunChunk.packed(run, stream, chunk.start, kept)
        shorter.pk = chunk.pk
        shorter.save()
    gone.delete()
    if start > MEASURED_AGAIN:
        return
    run.metrics.filter(stream=stream).delete()
    if stream is Stream.HISTORY:
        run.last_step = None
    _measure(run, stream, enumerate(read(run, stream)))


def _replace(run: Run, stream: Stream, start: int, lines: list[str]) -> None:
    """Put lines where they belong, together with what stands around them."""
    stop = start + len(lines)
    # A small chunk before goes on, so that a long run does not end in countless of them.
    around = run.chunks.filter(stream=stream, start__lt=stop, stop__gte=start)
    placed = dict(enumerate(lines, start))
    for chunk in around.order_by("start"):
        if chunk.stop == start and chunk.size >= CHUNK:
            continue
        here = enumerate(chunk.lines, chunk.start)
        placed = dict(here) | placed
        chunk.delete()
    first = min(placed)
    _pack(run, stream, first, [placed[number] for number in sorted(placed)])


def _pack(run: Run, stream: Stream, start: int, lines: list[str]) -> None:
    """Save lines that stand together in chunks of about one size."""
    chunks = []
    for some in _pieces(lines):
        chunks.append(RunChunk.packed(run, stream, start, some))
        start += len(some)
    RunChunk.objects.bulk_create(chunks)


def _pieces(lines: list[str]) -> Iterator[list[str]]:
    piece: list[str] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= CHUNK:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _measure(run: Run, stream: Stream, lines: Iterator[tuple[int, str]]) -> None:
    """Take lines into the metrics of the run."""
    metrics = {metric.key: metric for metric in run.metrics.filter(stream=stream)}
    touched: dict[str, RunMetric] = {}
    for number, line in lines:
        row = parsed(line)
        x = position(row, stream, number)
        if stream is Stream.HISTORY and row:
            run.last_step = max(int(x), run.last_step or 0)
        for key, value in values(row):
            if key not in metrics:
                if len(metrics) >= METRICS:
                    continue
                metrics[key] = RunMetric(run=run, stream=stream, key=key)
            touched[key] = metrics[key]
            has_curve = len(metrics) <= CURVES or bool(metrics[key].points)
            note(metrics[key], x, value, with_curve=has_curve)
    RunMetric.objects.bulk_create(
        touched.values(),
        batch_size=100,
        update_conflicts=True,
        unique_fields=["run", "stream", "key"],
        update_fields=["last", "last_x", "count", "stride", "points"],
    )
