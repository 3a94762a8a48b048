from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import jobs
from accounts.jobs import enqueue
from accounts.models import Job
from registries.management import worker
from registries.management.worker import Worker, schedule, work
from registries.tasks import SCHEDULE, TASKS
from tests.processes import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(monkeypatch):
    """A task of the test's own, `note`, and what it was called with."""
    calls = []
    monkeypatch.setitem(TASKS, "note", lambda **arguments: calls.append(arguments))
    return calls


def test_a_job_is_done_with_its_arguments_and_struck_out(task):
    enqueue("note", event=7)

    assert work()

    assert task == [{"event": 7}]
    assert not Job.objects.exists()


def test_a_job_that_fails_is_kept_with_its_traceback(task):
    enqueue("note", unknown={})
    enqueue("nobody knows this")

    Worker().drain()

    failed = Job.objects.get()
    assert failed.name == "nobody knows this"
    assert "KeyError" in failed.last_error
    assert failed.run_after > timezone.now()


def test_the_regular_jobs_are_asked_for_once():
    schedule()
    schedule()

    pauses = {job.name: job.run_after - timezone.now() for job in Job.objects.all()}
    assert len(pauses) == Job.objects.count()
    for name, pause in SCHEDULE.items():
        assert timedelta() < pause - pauses[name] < timedelta(minutes=1)


def test_a_regular_job_that_is_done_is_asked_for_again():
    enqueue("clear_sessions")

    work()

    assert Job.objects.get(name="clear_sessions").run_after > timezone.now()


@pytest.fixture
def handlers() -> Iterator[None]:
    """What handles signals, as it was: the command takes them over."""
    numbers = signal.SIGINT, signal.SIGTERM
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_once_drains_the_queue_and_says_so(task, capsys):
    for event in range(3):
        enqueue("note", event=event)

    call_command("worker", "--once")

    assert len(task) == 3
    assert capsys.readouterr().out == "3 jobs done.\n"


@pytest.mark.django_db(transaction=True)
def test_the_lease_of_a_long_job_is_renewed(monkeypatch):
    def outlive_the_lease() -> None:
        ends = Job.objects.get().claimed_until
        wait_for(lambda: Job.objects.get().claimed_until > ends)

    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=3))
    monkeypatch.setitem(TASKS, "note", outlive_the_lease)
    enqueue("note")

    assert work()

    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_stops_when_asked(monkeypatch):
    monkeypatch.setattr(worker, "IDLE_SECONDS", 600)
    idle = Worker()

    def run() -> None:
        idle.run()
        connection.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    time.sleep(0.3)
    idle.stop()
    thread.join(60)

    assert not thread.is_alive()
