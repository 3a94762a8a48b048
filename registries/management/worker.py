"""The loop of the worker: claim a job, run it, strike it out or put it back."""

from __future__ import annotations

import logging
import traceback
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from django.db import Error, close_old_connections, connection

from accounts import jobs
from accounts.models import Job
from registries.tasks import SCHEDULE, TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("accession.worker")

IDLE_SECONDS = 1
OUTAGE_SECONDS = 5


class Worker:
    """Does one job after the other until it is asked to stop."""

    def __init__(self) -> None:
        self._stopping = Event()

    def stop(self) -> None:
        """Stop after the present job."""
        self._stopping.set()

    def run(self) -> None:
        """Work until asked to stop; a database that is away is waited for."""
        scheduled = False
        while not self._stopping.is_set():
            close_old_connections()
            try:
                scheduled = scheduled or schedule()
                worked = work()
            except Error as error:
                logger.error("The database is away: %s", error)  # noqa: TRY400
                self._stopping.wait(OUTAGE_SECONDS)
            else:
                if not worked:
                    self._stopping.wait(IDLE_SECONDS)

    def drain(self) -> int:
        """Work until nothing is due; return how many jobs that were."""
        done = 0
        while not self._stopping.is_set() and work():
            done += 1
        return done


def schedule() -> bool:
    """Ask for the regular jobs that nobody has asked for yet."""
    for name, pause in SCHEDULE.items():
        if not Job.objects.filter(name=name, failed_at=None).exists():
            jobs.enqueue(name, after=pause)
    return True


def work() -> bool:
    """Do the next job that is due; False if there is none."""
    job = jobs.claim()
    if job is None:
        return False
    _run(job)
    if job.name in SCHEDULE:
        schedule()
    return True


def _run(job: Job) -> None:
    try:
        with _renewed(job):
            TASKS[job.name](**job.arguments)
    except Exception:
        logger.exception("The job %s failed, attempt %d", job, job.attempts)
        jobs.retry(job, traceback.format_exc())
    else:
        jobs.finish(job)
        logger.info("The job %s is done", job)


@contextmanager
def _renewed(job: Job) -> Iterator[None]:
    """Keep the job's lease from running out, however long the work takes."""
    done = Event()
    thread = Thread(target=_renew, args=(job, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(job: Job, done: Event) -> None:
    while not done.wait(jobs.LEASE.total_seconds() / 3):
        try:
            jobs.renew(job)
        except Error as error:
            logger.warning("The lease of the job %s was not renewed: %s", job, error)
    connection.close()
