"""What runs log line by line: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import json

import pytest

from accounts.actors import Actor, Denied, Invalid, TooLarge
from accounts.models import ApiKey, Event
from registries.models import Run
from registries.models.run import Stream
from registries.operations import run_streams
from registries.operations.projects import ensure_project
from registries.operations.run_streams import Lines, log_lines
from registries.operations.runs import start_run
from registries.streams import POINTS, between, curve, read, rows, tail
from tests.factories import SYSTEM, TeamFactory, UserFactory, acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return start_run(ensure_project(TeamFactory(), "p", by=SYSTEM), "r", by=SYSTEM)


def history(start: int, steps: range, **more: object) -> Lines:
    lines = [json.dumps({"_step": n, "loss": n / 10, **more}) for n in steps]
    return Lines(Stream.HISTORY, start, lines)


def console(start: int, *lines: str) -> Lines:
    return Lines(Stream.CONSOLE, start, lines)


def test_lines_that_come_again_are_there_once(run, monkeypatch):
    monkeypatch.setattr(run_streams, "CHUNK", 100)
    for _ in range(2):
        log_lines(run, [history(0, range(10))], by=SYSTEM)
    log_lines(run, [history(5, range(5, 15))], by=SYSTEM)
    run = log_lines(run, [history(15, range(15, 20))], by=SYSTEM)

    steps = [json.loads(line)["_step"] for line in read(run, Stream.HISTORY)]
    assert steps == list(range(20))
    assert (run.history_count, run.last_step) == (20, 19)
    assert [row["_step"] for row in rows(run, Stream.HISTORY, 2)] == [18, 19]
    assert run.chunks.count() > 3
    loss = run.metrics.get(key="loss")
    assert (loss.last, loss.count, len(curve(loss))) == (1.9, 20, 20)
    assert not Event.objects.exclude(kind__in=["project.create", "run.start"]).filter(
        kind__startswith="run."
    )


def test_a_history_that_begins_anew_takes_the_place_of_the_old_one(run):
    log_lines(run, [history(0, range(10)), console(0)], by=SYSTEM)
    log_lines(run, [history(4, range(40, 42))], by=SYSTEM)
    run = log_lines(run, [Lines(Stream.EVENTS, 0, ['{"system.cpu": 3}'])], by=SYSTEM)

    steps = [row["_step"] for row in rows(run, Stream.HISTORY, 100)]
    assert steps == [0, 1, 2, 3, 40, 41]
    assert (run.history_count, run.last_step) == (6, 41)
    assert run.metrics.get(key="loss").count == 6
    assert run.metrics.get(stream="events").key == "system.cpu"


def test_the_console_is_rewritten_where_it_stood(run, monkeypatch):
    monkeypatch.setattr(run_streams, "CHUNK", 8)
    log_lines(run, [console(0, "start", "10 %", "noise")], by=SYSTEM)
    log_lines(run, [console(1, "100 %")], by=SYSTEM)
    run = log_lines(run, [console(3, "a\x00b\ud800", "end")], by=SYSTEM)
    run = log_lines(run, [console(9, "after a gap")], by=SYSTEM)

    lines = ["start", "100 %", "noise", "a\ufffdb\ufffd", "end", "after a gap"]
    assert list(read(run, Stream.CONSOLE)) == lines
    assert list(read(run, Stream.CONSOLE, 1, 4)) == lines[1:4]
    assert tail(run, Stream.CONSOLE, 1) == ["after a gap"]
    assert run.console_count == 10


def test_steps_are_found_in_all_chunks_also_where_they_began_anew(run, monkeypatch):
    monkeypatch.setattr(run_streams, "CHUNK", 60)
    run = log_lines(run, [history(0, range(0, 40, 2))], by=SYSTEM)

    def steps(first: int, stop: int, most: int = 99) -> list[int]:
        return [json.loads(line)["_step"] for line in between(run, first, stop, most)]

    assert run.chunks.count() > 3
    assert steps(11, 20) == [12, 14, 16, 18]
    assert steps(0, 99, 2) == [0, 2]
    assert steps(90, 99) == []
    run = log_lines(run, [history(20, range(25))], by=SYSTEM)
    assert steps(11, 15) == [12, 14, 11, 12, 13, 14]


def test_a_value_is_never_refused(run):
    lines = [
        '{"loss": NaN, "_step": 0, "top": 1e999, "deep": {"a": {"b": 2}}}',
        '{"image": {"_type": "image-file", "path": "a.png"}, "big": 1' + "0" * 500 + "}",
        "not JSON",
        "[" * 100 + "]" * 100,
        '{"_step": 1e300, "%s": 1}' % ("k" * 500),
    ]

    run = log_lines(
        run, [Lines(Stream.HISTORY, 0, lines)], summary='{"loss": NaN}', by=SYSTEM
    )

    assert list(read(run, Stream.HISTORY)) == lines
    last = dict(run.metrics.values_list("key", "last"))
    assert (last["loss"], last["top"], last["deep.a.b"]) == ("NaN", "Infinity", 2)
    assert last["image"] == {"_type": "image-file", "path": "a.png"}
    assert "k" * 500 not in last
    assert (Run.objects.get().summary, run.history_count) == ({"loss": "NaN"}, 5)
    for wrong in (-1, 2**31):
        with pytest.raises(Invalid):
            log_lines(run, [history(wrong, range(1))], by=SYSTEM)
    with pytest.raises(TooLarge):
        log_lines(run, summary=" " * (10 << 20) + "{}", by=SYSTEM)


def test_a_curve_stays_small_and_keeps_both_ends(run):
    for start in range(0, 2000, 500):
        log_lines(run, [history(start, range(start, start + 500))], by=SYSTEM)

    points = curve(run.metrics.get(key="loss"))
    assert POINTS / 2 <= len(points) <= POINTS + 1
    assert (points[0], points[-1]) == ((0, 0.0), (1999, 199.9))
    assert points == sorted(points)


def test_only_who_may_log_logs(run, monkeypatch):
    boss = Actor(UserFactory(is_superuser=True), "test", ApiKey(read_only=True))
    for by in (acting(UserFactory()), boss):
        with pytest.raises(Denied):
            log_lines(run, [console(0, "a")], by=by)
    monkeypatch.setattr(run_streams, "METRICS", 2)
    log_lines(run, [history(0, range(1), acc=1)], by=SYSTEM)
    assert run.metrics.count() == 2
