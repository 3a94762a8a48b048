"""Doing in one transaction what many threads ask for at the same time.

A hundred small files that come at once would otherwise wait for each other's commit, one by
one, and a commit waits for the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

MOST = 200
"""How many are done at once."""


@dataclass(slots=True, eq=False)
class Wish[T, R]:
    """What one thread asks for, and how it ended."""

    value: T
    result: R | None = None
    error: BaseException | None = None
    is_done: bool = False


class Together[T, R]:
    """Hands what is waiting to one thread, which does it for all of them."""

    def __init__(self, work: Callable[[Sequence[Wish[T, R]]], None]) -> None:
        self._work = work
        self._waiting: list[Wish[T, R]] = []
        self._turn = Lock()
        self._list = Lock()

    def do(self, value: T) -> R:
        """Return the result for this value, or raise what it was refused with."""
        wish: Wish[T, R] = Wish(value)
        with self._list:
            self._waiting.append(wish)
        while not wish.is_done:
            with self._turn:
                if not wish.is_done:
                    self._do_some()
        if wish.error is not None:
            raise wish.error
        assert wish.result is not None
        return wish.result

    def _do_some(self) -> None:
        with self._list:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            self._work(some)
        except BaseException as error:  # each of them gets it
            for wish in some:
                wish.error = error
        for wish in some:
            wish.is_done = True
