"""Threads that go on one step at a time, in an order that is drawn and can be had again."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import wraps
from random import Random
from typing import Any

from django.db import connection

PATIENCE = 0.02
"""Seconds in which whoever may go on comes to its next step, or waits for a lock."""
LONGEST = 60


class Turns:
    """Lets one thread go on to its next step at a time, as a seed has it.

    Who does not arrive at its next step waits for a lock that another one holds: then that
    one has its turn.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.order: list[str] = []
        self.arrived: queue.Queue[tuple[str, bool]] = queue.Queue()
        self.gates: dict[str, threading.Semaphore] = {}
        self.failures: list[BaseException] = []

    def stop(self) -> None:
        """Wait here for the next turn, in a thread that takes turns."""
        name = threading.current_thread().name
        if gate := self.gates.get(name):
            self.arrived.put((name, True))
            assert gate.acquire(timeout=LONGEST)

    def stopping(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a step before it and one after it."""

        @wraps(function)
        def stepwise(*args: Any, **kwargs: Any) -> Any:
            self.stop()
            result = function(*args, **kwargs)
            self.stop()
            return result

        return stepwise

    def take(self, **works: Callable[[], object]) -> None:
        """Do all of it, by turns; raise what any of it raised."""
        self.gates = {name: threading.Semaphore(0) for name in works}
        threads = [
            threading.Thread(target=self._run, args=[work], name=name, daemon=True)
            for name, work in works.items()
        ]
        for thread in threads:
            thread.start()
        self._lead(len(threads))
        for thread in threads:
            thread.join(LONGEST)
        self.gates = {}
        if self.failures:
            raise BaseExceptionGroup(" ".join(self.order), self.failures)

    def _run(self, work: Callable[[], object]) -> None:
        try:
            self.stop()
            work()
        except BaseException as failure:  # shown by the test's own thread
            self.failures.append(failure)
        finally:
            connection.close()
            self.arrived.put((threading.current_thread().name, False))

    def _lead(self, count: int) -> None:
        """Give turns until everybody is done."""
        waiting: set[str] = set()
        on_its_way = count
        while count:
            try:
                patience = PATIENCE if waiting else LONGEST
                name, goes_on = self.arrived.get(timeout=patience if on_its_way else 0)
                on_its_way -= 1
                count -= not goes_on
                if goes_on:
                    waiting.add(name)
                if on_its_way:
                    continue
            except queue.Empty:
                assert waiting, "Everybody waits for a lock."
            if waiting:
                name = self.random.choice(sorted(waiting))
                waiting.remove(name)
                self.order.append(name)
                on_its_way += 1
                self.gates[name].release()
