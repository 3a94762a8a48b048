"""What runs log line by line: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import json
from itertools import islice

import pytest
from django.db.models.signals import post_init

from accounts.actors import Actor, Busy, Denied, Invalid
from accounts.models import ApiKey, Event
from registries.models import Run, RunMetric
from registries.models.run import Stream
from registries.operations import run_streams
from registries.operations.projects import ensure_project
from registries.operations.run_streams import log_lines
from registries.operations.run_writers import PLACES
from registries.operations.runs import start_run
from registries.storage import store
from registries.streams import POINTS, Lines, between, curve, read, sample, tail
from tests.factories import SYSTEM, TeamFactory, UserFactory, acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return start_run(ensure_project(TeamFactory(), "p", by=SYSTEM), "r", by=SYSTEM)


def history(start: int, steps: range, **more: object) -> Lines:
    lines = [json.dumps({"_step": n, "loss": n / 10, **more}) for n in steps]
    return Lines(Stream.HISTORY, start, lines)


def last_steps(run: Run, most: int) -> list[int]:
    return [json.loads(line)["_step"] for line in tail(run, Stream.HISTORY, most)]


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
    assert last_steps(run, 2) == [18, 19]
    assert run.chunks.count() > 3
    loss = run.metrics.get(key="loss")
    assert (loss.last, loss.count, len(curve(loss))) == (1.9, 20, 20)
    assert not Event.objects.exclude(kind__in=["project.create", "run.start"]).filter(
        kind__startswith="run."
    )


def test_a_full_disk_takes_no_lines_but_word_that_the_run_is_alive(
    run, settings, unchanged
):
    settings.FREE_SPACE_RESERVE = store().free() * 2
    with unchanged(), pytest.raises(Busy, match="no room") as refused:
        log_lines(run, [console(0, "x")], by=SYSTEM)

    assert refused.value.seconds > 0
    before = run.heartbeat_at
    assert log_lines(run, [console(0)], by=SYSTEM).heartbeat_at > before


def test_a_history_that_begins_anew_takes_the_place_of_the_old_one(run):
    log_lines(run, [history(0, range(10)), console(0)], by=SYSTEM)
    log_lines(run, [history(4, range(40, 42))], by=SYSTEM)
    run = log_lines(run, [Lines(Stream.EVENTS, 0, ['{"system.cpu": 3}'])], by=SYSTEM)

    assert last_steps(run, 100) == [0, 1, 2, 3, 40, 41]
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
        return [
            json.loads(line)["_step"] for line in islice(between(run, first, stop), most)
        ]

    assert run.chunks.count() > 3
    assert steps(11, 20) == [12, 14, 16, 18]
    assert steps(0, 99, 2) == [0, 2]
    assert steps(90, 99) == []
    run = log_lines(run, [history(20, range(25))], by=SYSTEM)
    assert steps(11, 15) == [12, 14, 11, 12, 13, 14]


def test_lines_keep_their_numbers_where_others_never_came(run):
    log_lines(run, [history(0, range(1))], by=SYSTEM)
    log_lines(run, [Lines(Stream.HISTORY, 5, ['{"loss": 5}', '{"loss": 6}'])], by=SYSTEM)
    run = log_lines(run, [history(3, range(3, 4))], by=SYSTEM)

    loss = [json.loads(line)["loss"] for line in sample(run, Stream.HISTORY, 4)]
    assert (run.history_count, loss) == (7, [0.0, 6])
    assert [json.loads(line)["loss"] for line in between(run, 3, 6)] == [0.3, 5]
    run = log_lines(run, [history(0, range(7))], by=SYSTEM)
    assert last_steps(run, 9) == list(range(7))
    assert run.metrics.get(key="loss").count == 7


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


def test_a_summary_that_cannot_be_kept_takes_no_lines_with_it(run):
    log_lines(run, summary='{"loss": 1}', by=SYSTEM)
    deep = '{"a": ' * 70 + "1" + "}" * 70

    for count, summary in enumerate((deep, " " * (10 << 20) + "{}", "[]", "not JSON")):
        log_lines(
            run, [history(count, range(count, count + 1))], summary=summary, by=SYSTEM
        )

    kept = Run.objects.get()
    assert (kept.history_count, kept.summary) == (4, {"loss": 1})


def test_a_curve_stays_small_and_keeps_both_ends(run):
    for start in range(0, 2000, 500):
        log_lines(run, [history(start, range(start, start + 500))], by=SYSTEM)

    points = curve(run.metrics.get(key="loss"))
    assert POINTS / 2 <= len(points) <= POINTS + 1
    assert (points[0], points[-1]) == ((0, 0.0), (1999, 199.9))
    assert points == sorted(points)


def test_only_who_may_log_logs(run):
    boss = Actor(UserFactory(is_superuser=True), "test", ApiKey(read_only=True))
    for by in (acting(UserFactory()), boss):
        with pytest.raises(Denied):
            log_lines(run, [console(0, "a")], by=by)


def test_of_the_metrics_those_are_read_that_are_logged(run, monkeypatch):
    monkeypatch.setattr(run_streams, "METRICS", 4)
    monkeypatch.setattr(run_streams, "CURVES", 3)
    log_lines(run, [history(0, range(1), acc=1)], by=SYSTEM)  # with _step and loss, three
    read: list[str] = []

    def note(instance: RunMetric, **_: object) -> None:
        read.append(instance.key)

    post_init.connect(note, sender=RunMetric)
    more = ['{"late": 1}', '{"later": 2}', '{"acc": 2, "late": 2}']
    log_lines(run, [Lines(Stream.HISTORY, 1, more)], by=SYSTEM)
    post_init.disconnect(note, sender=RunMetric)

    assert read == ["late", "acc"]
    counted = {
        metric.key: (metric.count, len(metric.points)) for metric in run.metrics.all()
    }
    assert counted == {"_step": (1, 1), "loss": (1, 1), "acc": (2, 2), "late": (2, 0)}


def test_lines_of_several_writers_stand_in_one_row_each_once(run):
    for _ in range(2):  # every answer is lost once
        for writer in ("one", "two"):
            sent = [Lines(Stream.HISTORY, 0, ['{"a": 1}', "odd"]), console(0, "x", "y")]
            summary = json.dumps({"best": {writer: 1}, "_step": 0})
            log_lines(run, sent, summary=summary, writer=writer, by=SYSTEM)
    log_lines(run, [console(1, "y of one", "z of one")], writer="one", by=SYSTEM)
    log_lines(run, [console(0, "x of two")], writer="two", by=SYSTEM)
    run = log_lines(run, [history(1, range(3))], writer="two", by=SYSTEM)

    lines = list(read(run, Stream.HISTORY))
    assert [json.loads(line) for line in lines if line != "odd"] == [
        {"a": 1, "_step": 0},
        {"a": 1, "_step": 1},
        {"_step": 2, "loss": 0.1},
        {"_step": 3, "loss": 0.2},
    ]
    assert (run.history_count, lines.count("odd")) == (6, 2)
    assert list(read(run, Stream.CONSOLE)) == [
        *("x", "y of one", "x of two", "y", "z of one"),
    ]
    assert run.summary == {"best": {"one": 1, "two": 1}, "_step": 1}


def test_of_the_places_of_a_writer_the_last_are_known(run):
    for number in range(2 * PLACES):
        for writer in ("one", "two"):
            run = log_lines(
                run, [console(number, f"{number} {writer}")], writer=writer, by=SYSTEM
            )
    log_lines(run, [console(2 * PLACES - 1, "last")], writer="one", by=SYSTEM)
    run = log_lines(run, [console(0, "long gone")], writer="one", by=SYSTEM)

    assert run.writers.count() == 2
    assert {len(each.printed) for each in run.writers.all()} == {PLACES}
    assert list(read(run, Stream.CONSOLE))[::2] == [
        *(f"{number} one" for number in range(2 * PLACES - 1)),
        "last",
    ]
