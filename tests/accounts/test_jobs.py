from __future__ import annotations

from collections import Counter
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.jobs import ATTEMPTS, LEASE, claim, enqueue, finish, pause, renew, retry
from accounts.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now(), tick=True)
    return time_machine


def expire(job: Job) -> None:
    """Let the lease run out, as when its worker was killed."""
    Job.objects.filter(pk=job.pk).update(
        claimed_until=timezone.now() - timedelta(seconds=1)
    )


def claimed() -> Job:
    job = claim()
    assert job is not None
    return job


def test_a_job_keeps_its_name_and_arguments():
    enqueue("announce", event=7)

    job = claimed()

    assert (job.name, job.arguments) == ("announce", {"event": 7})


def test_a_change_that_is_rolled_back_leaves_no_job():
    with transaction.atomic():
        enqueue("announce", event=7)
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_jobs_come_in_the_order_they_are_due():
    names = ["first", "second", "third"]
    for name in names:
        enqueue(name)

    assert [claimed().name for _ in names] == names


def test_a_job_for_later_waits(clock):
    enqueue("sweep", after=timedelta(days=1))
    assert claim() is None

    clock.shift(timedelta(days=1, seconds=1))

    assert claimed().name == "sweep"


def test_a_claimed_job_is_out_of_reach():
    enqueue("announce")
    claim()

    assert claim() is None


def test_a_finished_job_is_gone():
    enqueue("announce")

    finish(claimed())

    assert not Job.objects.exists()


def test_a_job_whose_worker_died_is_run_again():
    enqueue("announce")
    expire(claimed())

    again = claimed()

    assert again.attempts == 2


def test_who_lost_the_lease_cannot_finish_renew_or_retry_the_job():
    enqueue("announce")
    lost = claimed()
    expire(lost)
    present = claimed()

    finish(lost)
    retry(lost, "late")

    assert not renew(lost)
    assert Job.objects.get().claimed_until == present.claimed_until


def test_a_renewed_lease_lasts(clock):
    enqueue("announce")
    job = claimed()
    clock.shift(LEASE * 0.9)

    assert renew(job)
    clock.shift(LEASE * 0.9)

    assert claim() is None


def test_a_failed_job_comes_back_after_a_pause(clock):
    enqueue("announce")

    retry(claimed(), "Traceback: no route to host\0")

    assert claim() is None
    clock.shift(timedelta(seconds=6))
    assert claimed().last_error == "Traceback: no route to host"


def test_pauses_grow_up_to_an_hour():
    pauses = [pause(attempts).total_seconds() for attempts in range(1, 20)]

    assert 4 <= pauses[0] <= 5
    assert 8 <= pauses[1] <= 10
    assert 2880 <= pauses[-1] <= 3600


def test_a_job_that_always_fails_is_given_up_and_kept_with_its_error(clock):
    enqueue("announce")
    for attempt in range(ATTEMPTS):
        retry(claimed(), f"attempt {attempt + 1}")
        clock.shift(timedelta(hours=1))

    assert claim() is None
    job = Job.objects.get()
    assert job.failed_at is not None
    assert (job.attempts, job.last_error) == (ATTEMPTS, f"attempt {ATTEMPTS}")


def test_a_job_that_kills_its_worker_every_time_is_given_up():
    enqueue("deadly")
    enqueue("harmless")
    Job.objects.filter(name="deadly").update(attempts=ATTEMPTS)

    assert claimed().name == "harmless"
    assert "died" in Job.objects.get(name="deadly").last_error


def test_an_idle_worker_takes_no_lock(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert claim() is None


@pytest.mark.django_db(transaction=True)
def test_many_workers_do_each_job_once():
    for number in range(200):
        enqueue("count", number=number)
    done: list[int] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            while job := claim():
                done.append(job.arguments["number"])
                finish(job)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert not errors
    # On PostgreSQL a worker may find all that is due in others' hands, and stop early.
    while job := claim():
        done.append(job.arguments["number"])
        finish(job)
    assert Counter(done) == Counter(range(200))
    assert not Job.objects.exists()
