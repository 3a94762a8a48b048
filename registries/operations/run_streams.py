"""What runs log line by line: history, system metrics, console output, and the summary.

Lines have numbers, so a request that comes again changes nothing. Lines that come with a
number that is there already take its place: a progress bar rewrites its line, and a run
that begins anew under its id begins its history anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Busy, Invalid, TooLarge
from registries.models import Run, RunChunk, RunMetric
from registries.models.run import Stream
from registries.operations.blobs import check_room
from registries.operations.run_writers import placed_lines
from registries.operations.runs import (
    laid_over,
    lock_run,
    logged_object,
    resume,
    writer_of,
)
from registries.streams import Lines, note, numbered, parsed, position, values

CHUNK = 1 << 17
"""About how many characters of lines stand in one chunk."""
CHANGED = (
    *("history_count", "event_count", "console_count", "last_step", "summary"),
    *("state", "exit_code", "finished_at", "heartbeat_at", "updated_at"),
)
WAIT = 60
"""After so many seconds a full disk is tried again."""
LAST_LINE = 2_000_000_000
CURVES = 1_000
"""So many metrics of a stream have a curve; the others have their last value."""
METRICS = 10_000
"""So many metrics of a stream are known by name; all are in its lines."""
MEASURED_AGAIN = 10_000
"""At most so many lines are; beyond, the curves keep what was drawn before."""


@transaction.atomic
def log_lines(
    run: Run,
    written: Sequence[Lines] = (),
    *,
    summary: str | None = None,
    writer: str = "",
    by: Actor,
) -> Run:
    """Take in what a run wrote since it last did; nothing at all says that it is alive.

    Of several processes that write it, each has a name; their lines stand in one row, as
    they came. There is no event for what comes every few seconds; a run that was taken for
    crashed goes on, which writes run.resume. So does one that had ended and writes on: that
    it ended was said again, late, after it was resumed.
    """
    run = lock_run(run, by=by)
    _check_room(sum(len(line) for lines in written for line in map(str, lines.lines)))
    process, _ = writer_of(run, writer)
    before = _counts(run)
    for lines in written:
        if not 0 <= lines.start <= LAST_LINE - len(lines.lines):
            raise Invalid("offset", f"A line has a number from 0 to {LAST_LINE:,}.")
        for placed in placed_lines(run, process, lines) if process else [lines]:
            _write(run, placed)
    if summary is not None:
        _sum_up(run, summary, is_shared=process is not None)
    run.heartbeat_at = timezone.now()
    writes_on = run.is_over and process is None and _counts(run) != before
    if writes_on or run.state == Run.State.CRASHED:
        resume(run, by=by)
    run.save(update_fields=CHANGED)
    return run


def _counts(run: Run) -> list[int]:
    return [getattr(run, stream.counter) for stream in Stream]


def _sum_up(run: Run, document: str, *, is_shared: bool) -> None:
    """Keep a summary; one of several processes knows neither the others' nor the step.

    One that cannot be kept leaves the last in its place: refused, it would take along the
    lines that came with it.
    """
    try:
        summary = logged_object(document, "summary")
    except (Invalid, TooLarge):
        return
    if is_shared:
        summary = laid_over(run.summary, summary)
        if run.last_step is not None:
            summary["_step"] = run.last_step
    run.summary = summary


def _check_room(size: int) -> None:
    """Raise Busy where the disk is full: what a run has measured is sent again, not lost.

    That it is alive, or has ended, takes no room.
    """
    try:
        if size:
            check_room(size)
    except TooLarge as full:
        raise Busy(str(full), seconds=WAIT) from None


def _write(run: Run, written: Lines) -> None:
    lines = [text.whole(str(line)) for line in written.lines]
    start, stream = written.start, written.stream
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
        end = 0 if is_anew else getattr(run, stream.counter)
        setattr(run, stream.counter, max(end, start + len(lines)))
        _measure(run, stream, enumerate(lines, start))


def _news(
    run: Run, stream: Stream, start: int, lines: list[str]
) -> tuple[int, list[str], bool]:
    """Leave out the lines that are here already; say if others stood in their place."""
    end = getattr(run, stream.counter)
    if start >= end:
        return start, lines, False
    known, is_anew = 0, False
    for number, here in numbered(run, stream, start, start + len(lines)):
        if is_anew := (number, here) != (start + known, lines[known]):
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
    _measure(run, stream, numbered(run, stream))


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
    """Take lines into the metrics of the run; those that are not in them are not read."""
    others = dict(run.metrics.filter(stream=stream).values_list("key", "pk"))
    metrics: dict[str, RunMetric] = {}
    for number, line in lines:
        row = parsed(line)
        x = position(row, stream, number)
        if stream is Stream.HISTORY and row:
            run.last_step = max(int(x), run.last_step or 0)
        measured = dict(values(row))
        known = run.metrics.in_bulk([others.pop(key) for key in measured if key in others])
        metrics |= {metric.key: metric for metric in known.values()}
        for key, value in measured.items():
            count = len(metrics) + len(others)
            if key not in metrics:
                if count >= METRICS:
                    continue
                metrics[key] = RunMetric(run=run, stream=stream, key=key)
                count += 1
            has_curve = count <= CURVES or bool(metrics[key].points)
            note(metrics[key], x, value, with_curve=has_curve)
    RunMetric.objects.bulk_create(
        metrics.values(),
        batch_size=100,
        update_conflicts=True,
        unique_fields=["run", "stream", "key"],
        update_fields=["last", "last_x", "count", "stride", "points"],
    )
