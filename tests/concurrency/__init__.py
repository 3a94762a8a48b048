"""Many at once, with real threads on the real database: what must hold, holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from accounts.actors import Actor, Refusal
from accounts.models import User
from tests.factories import acting

rounds = pytest.mark.parametrize("count", [8, pytest.param(200, marks=pytest.mark.nightly)])
many = pytest.mark.parametrize("count", [20, pytest.param(50, marks=pytest.mark.nightly)])


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment; return what each returned, or its Refusal.

    Anything else that is raised fails the test: a locked database, a deadlock, a constraint
    that nobody foresaw.
    """
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)
    failures: list[BaseException] = []

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(60)
            results[place] = work()
        except Refusal as refusal:
            results[place] = refusal
        except BaseException as failure:  # shown by the test's own thread
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if failures:
        raise BaseExceptionGroup("at once", failures)
    assert not any(thread.is_alive() for thread in threads), "They wait for each other."
    return results


def refused(results: Sequence[Any]) -> list[Refusal]:
    """The refusals among the results."""
    return [result for result in results if isinstance(result, Refusal)]


def anew(user: User) -> Actor:
    """The user, as a request of their own has read them."""
    return acting(User.objects.get(pk=user.pk))
