"""Requests of one run that meet: it starts once, and each of its lines is there once."""

from __future__ import annotations

import json
from functools import partial

import pytest

from accounts.actors import Actor, Denied, Missing
from accounts.models import Event
from registries.models import Blob, Run
from registries.models.run import Stream
from registries.operations.projects import ensure_project
from registries.operations.run_files import promise_run_files, receive_run_file
from registries.operations.run_streams import log_lines
from registries.operations.runs import finish_run, start_run, upsert_run
from registries.streams import Lines, read
from tests.concurrency import anew, at_once, refused
from tests.factories import SYSTEM, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project():
    return ensure_project(TeamFactory(), "p", by=SYSTEM)


def test_a_run_that_starts_twice_at_once_is_one(project):
    results = at_once(*[partial(upsert_run, project, "r", by=SYSTEM) for _ in range(8)])

    assert refused(results) == []
    assert Run.objects.count() == 1
    assert Event.objects.filter(kind="run.start").count() == 1


def test_lines_that_are_sent_again_meanwhile_are_there_once(project):
    run = start_run(project, "r", by=SYSTEM)
    lines = [json.dumps({"_step": step, "loss": step}) for step in range(50)]
    console = Lines(Stream.CONSOLE, 0, ["one", "two"])

    def send() -> None:
        log_lines(run, [Lines(Stream.HISTORY, 0, lines), console], by=SYSTEM)

    results = at_once(*[send] * 6)
    results += at_once(*[send] * 6, partial(finish_run, run, exit_code=0, by=SYSTEM))

    assert refused(results) == []
    assert list(read(run, Stream.HISTORY)) == lines
    assert list(read(run, Stream.CONSOLE)) == ["one", "two"]
    run.refresh_from_db()
    assert (run.history_count, run.state) == (50, Run.State.FINISHED)
    assert run.metrics.get(key="loss").count == 50


def test_a_file_that_comes_twice_at_once_is_whole(project):
    run = start_run(project, "r", by=SYSTEM)

    def send(content: bytes) -> None:
        promise_run_files(run, ["config.yaml", content.decode()], by=SYSTEM)
        receive_run_file(run, "config.yaml", [content], size=1, by=SYSTEM)

    results = at_once(*[partial(send, b"%d" % number) for number in range(6)])

    assert refused(results) == []
    assert run.files.count() == 7
    assert run.files.get(path="config.yaml").blob.size == 1


def test_of_files_that_come_at_once_each_is_judged_by_itself(project):
    run = start_run(project, "r", by=SYSTEM)
    paths = [f"media/{number}.png" for number in range(10)]
    promise_run_files(run, paths, by=SYSTEM)
    stranger = anew(UserFactory())

    def send(path: str, by: Actor = SYSTEM) -> None:
        receive_run_file(run, path, [path.encode()], size=len(path), by=by)

    sent = [partial(send, path) for path in paths[1:]]
    results = at_once(partial(send, "a"), partial(send, paths[0], stranger), *sent)

    assert [type(refusal) for refusal in refused(results)] == [Missing, Denied]
    kept = run.files.exclude(blob=None).order_by("path")
    assert [(file.path, file.blob.size) for file in kept] == [(p, 11) for p in paths[1:]]
    assert Blob.objects.count() == 9
