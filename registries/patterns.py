"""Looking for regular expressions in texts, at a cost that no expression can drive up.

SQLite leaves it to Python, whose `re` tries one possibility after the other and never ends
on `(a+)+$`. Here all are followed at once: where they may lead is worked out before, and an
expression with which that is too much is refused. Then a character is one look-up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from registries.expressions import Machine, NotAPattern, Reader

MOVES = 5_000
"""The most ways from a state to the next: working them out takes 30 ms."""
MATCHED = 1
"""The bit of step 0, the end of the pattern."""


@dataclass(eq=False)
class State:
    """Where the machine may be at once, and where each class of characters leads."""

    is_match: bool
    is_match_at_end: bool
    moves: list[State] = field(default_factory=list)
    known: dict[str, State] = field(default_factory=dict)
    """Where ASCII characters led."""


class Pattern:
    """A pattern to look for in texts."""

    def __init__(self, source: str) -> None:
        whole = Reader(source).read()
        self.source = source
        self.sql = str(whole)
        machine = Machine()
        first = whole.build(machine, 0)
        self._steps = machine.steps
        self._anywhere = self._reached([first])
        self._after = [self._reached(step.then) for step in self._steps]
        self._cuts = sorted(set(self._boundaries()))
        self._takers = [self._taking(code) for code in (0, *self._cuts)]
        self._in_nothing = bool(self._reached([first], begin=True, end=True) & MATCHED)
        self._start = self._worked_out(self._reached([first], begin=True))

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches somewhere in the text."""
        if not text:
            return self._in_nothing
        state = self._start
        for character in text:
            if state.is_match:
                return True
            state = state.known.get(character) or self._move(state, character)
        return state.is_match_at_end

    def _move(self, state: State, character: str) -> State:
        moved = state.moves[bisect_right(self._cuts, ord(character))]
        if character.isascii():
            state.known[character] = moved
        return moved

    def _boundaries(self) -> Iterator[int]:
        """Where one class of characters, all alike to the pattern, ends and one begins."""
        for step in self._steps:
            if isinstance(step.when, tuple):
                for low, high in step.when:
                    yield from (low, high + 1)

    def _taking(self, code: int) -> int:
        """Return the steps that take a character."""
        return sum(
            1 << number
            for number, step in enumerate(self._steps)
            if isinstance(step.when, tuple)
            and any(low <= code <= high for low, high in step.when)
        )

    def _worked_out(self, begin: int) -> State:
        """Return the first state, with all that can follow it."""
        states, ahead = {begin: self._state(begin)}, [begin]
        while ahead:
            steps = ahead.pop()
            if steps & MATCHED:
                continue
            if len(states) * len(self._takers) > MOVES:
                raise NotAPattern("it leads to too many states")
            for takers in self._takers:
                moved = self._anywhere  # a match may begin at every character
                for number in _bits(steps & takers):
                    moved |= self._after[number]
                if moved not in states:
                    states[moved] = self._state(moved)
                    ahead.append(moved)
                states[steps].moves.append(states[moved])
        return states[begin]

    def _state(self, steps: int) -> State:
        at_end = self._reached(_bits(steps), end=True)
        return State(bool(steps & MATCHED), bool((steps | at_end) & MATCHED))

    def _reached(
        self, steps: Iterable[int], *, begin: bool = False, end: bool = False
    ) -> int:
        """Follow all steps that take no character; return where one waits then."""
        free = {"always", *(["begin"] if begin else []), *(["end"] if end else [])}
        followed, reached, ahead = set[int](), 0, list(steps)
        while ahead:
            number = ahead.pop()
            if number in followed:
                continue
            followed.add(number)
            step = self._steps[number]
            if number == 0 or step.when not in free:
                reached |= 1 << number
            else:
                ahead += step.then
        return reached


def _bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@lru_cache(maxsize=64)
def pattern(source: str) -> Pattern:
    """Return the pattern, with what was worked out."""
    return Pattern(source)
