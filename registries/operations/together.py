"""Doing in one transaction what many threads ask for at the same time.

A hundred small files that come at once would otherwise wait for each other's commit, one by
one, and a commit waits for the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from accounts.actors import Actor, Refusal

MOST = 200
"""How many are done at once."""


@dataclass(slots=True, eq=False)
class Wish[T, R]:
    """What one thread asks for, and how it ended."""

    value: T
    result: R | None = None
    error: BaseException | None = None
    is_done: bool = False


@dataclass(slots=True)
class _Queue[T, R]:
    """What waits for one place, and how many threads stand there."""

    waiting: list[Wish[T, R]] = field(default_factory=list)
    turn: Lock = field(default_factory=Lock)
    threads: int = 0


class Together[T, R]:
    """Hands what waits for the same place to one thread, which does it for all of them.

    Who waits for a place that somebody else has locked keeps nobody from other places.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Wish[T, R]]], None],
        *,
        place: Callable[[T], Hashable],
    ) -> None:
        self._work = work
        self._place = place
        self._queues: dict[Hashable, _Queue[T, R]] = {}
        self._lock = Lock()

    def do(self, value: T) -> R:
        """Return the result for this value, or raise what it was refused with."""
        wish: Wish[T, R] = Wish(value)
        queue = self._join(wish)
        while not wish.is_done:
            with queue.turn:
                if not wish.is_done:
                    self._do_some(queue)
        self._leave(queue, self._place(value))
        if wish.error is not None:
            raise wish.error
        assert wish.result is not None
        return wish.result

    def _join(self, wish: Wish[T, R]) -> _Queue[T, R]:
        with self._lock:
            queue = self._queues.setdefault(self._place(wish.value), _Queue())
            queue.waiting.append(wish)
            queue.threads += 1
        return queue

    def _leave(self, queue: _Queue[T, R], place: Hashable) -> None:
        with self._lock:
            queue.threads -= 1
            if not queue.threads:
                del self._queues[place]

    def _do_some(self, queue: _Queue[T, R]) -> None:
        with self._lock:
            some, queue.waiting = queue.waiting[:MOST], queue.waiting[MOST:]
        try:
            self._work(some)
        except BaseException as error:  # each of them gets it
            for wish in some:
                wish.error = error
        for wish in some:
            wish.is_done = True


class Sent(Protocol):
    """What somebody sent."""

    @property
    def by(self) -> Actor:
        """Who did."""


def judged[T: Sent, L](
    wishes: Iterable[Wish[T, Any]], lock: Callable[[T, Actor], L]
) -> Iterator[tuple[L, list[Wish[T, Any]]]]:
    """Lock the place that something was sent to, once for each who sent something there.

    Those who are refused get their refusal, and the others go on.
    """
    groups: dict[tuple[Any, Any], list[Wish[T, Any]]] = {}
    for wish in wishes:
        by = wish.value.by
        who = (by.user and by.user.pk, by.key and by.key.pk)
        groups.setdefault(who, []).append(wish)
    for some in groups.values():
        try:
            locked = lock(some[0].value, some[0].value.by)
        except Refusal as refusal:
            for wish in some:
                wish.error = refusal
        else:
            yield locked, some
