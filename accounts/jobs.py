"""Work for the worker: written by a change, claimed by lease, done at least once.

A job is a row of the transaction that asks for it, so a rolled-back change leaves none. Its
lease ends by itself: whoever dies at work, kill -9 included, leaves the job to the next.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Job

LEASE = timedelta(minutes=1)
"""How long a job is out of reach for others, unless its worker renews it."""
ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_ERROR = 10_000


def enqueue(name: str, *, after: timedelta | None = None, **arguments: Any) -> Job:
    """Ask for work by name, in the caller's transaction; the arguments are JSON."""
    run_after = timezone.now() + (after or timedelta())
    return Job.objects.create(name=name, arguments=arguments, run_after=run_after)


def enqueue_once(name: str, *, after: timedelta, **arguments: Any) -> Job:
    """Ask for work that nobody has asked for yet, in the caller's transaction.

    The job that is waiting already is locked: no worker takes it before the caller commits,
    so what it does then knows of the change. Who asks for the same holds a lock in common.
    """
    asked = Job.objects.select_for_update().filter(name=name, arguments=arguments)
    waiting = asked.filter(claimed_until=None, failed_at=None).first()
    return waiting or enqueue(name, after=after, **arguments)


def claim() -> Job | None:
    """Take the job that is due longest for the length of a lease; None if none is due."""
    while _due().exists():  # reading first: an idle worker takes no lock
        job = _take()
        if job is None:
            return None
        if job.attempts <= ATTEMPTS:
            return job
        _give_up(job, f"The worker died during each of {ATTEMPTS} attempts.")
    return None


def _due() -> QuerySet[Job]:
    now = timezone.now()
    is_free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return Job.objects.filter(is_free, failed_at=None, run_after__lte=now)


@transaction.atomic
def _take() -> Job | None:
    """Lease one job. PostgreSQL skips rows that others hold; SQLite has one writer."""
    free = _due().select_for_update(skip_locked=True)
    job = free.order_by("run_after", "id").first()
    if job is not None:
        job.attempts += 1
        job.claimed_until = timezone.now() + LEASE
        job.save(update_fields=["attempts", "claimed_until"])
    return job


def renew(job: Job) -> bool:
    """Extend the lease of a job at work; False if it went to somebody else."""
    return bool(_mine(job).update(claimed_until=timezone.now() + LEASE))


def finish(job: Job) -> None:
    """Strike out a job that is done."""
    _mine(job).delete()


def retry(job: Job, error: str) -> None:
    """Put a job back that failed, each time for longer; give it up after ten attempts."""
    if job.attempts >= ATTEMPTS:
        _give_up(job, error)
        return
    _mine(job).update(
        run_after=timezone.now() + pause(job.attempts),
        claimed_until=None,
        last_error=_stored(error),
    )


def pause(attempts: int) -> timedelta:
    """Return how long a job rests after that many attempts: doubling, with jitter."""
    longest: timedelta = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return longest * random.uniform(0.8, 1)  # noqa: S311 - spreads load, keeps no secret


def _give_up(job: Job, error: str) -> None:
    _mine(job).update(failed_at=timezone.now(), last_error=_stored(error))


def _mine(job: Job) -> QuerySet[Job]:
    """The job's row, unless its lease ran out and somebody else has it now."""
    return Job.objects.filter(pk=job.pk, attempts=job.attempts, failed_at=None)


def _stored(error: str) -> str:
    """Return the end of the text: of a traceback, that is what happened."""
    return error.replace("\0", "")[-LONGEST_ERROR:]
