"""Looking for regular expressions in texts, at a cost that no expression can drive up.

SQLite leaves it to Python, whose `re` tries one possibility after the other and never ends
on `(a+)+$`. Here all of them are followed at once, one character after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from registries.expressions import Machine, Reader

REMEMBERED = 5_000
"""How many moves are kept before all are forgotten."""
MATCHED = 1
"""The bit of step 0, the end of the pattern."""


@dataclass(eq=False)
class State:
    """Where the machine may be at once, a bit for each step; and where characters led."""

    steps: int
    moves: dict[str, State] = field(default_factory=dict)


class Pattern:
    """A pattern to look for in texts."""

    def __init__(self, source: str) -> None:
        whole = Reader(source).read()
        self.source = source
        self.sql = str(whole)
        machine = Machine()
        first = whole.build(machine, 0)
        self._steps = machine.steps
        self._at_begin = self._reached([first], begin=True)
        self._anywhere = self._reached([first])
        self._after = [self._reached(step.then) for step in self._steps]
        self._bytes = len(self._steps) // 8 + 1
        self._leading: dict[tuple[int, int], int] = {}
        self._forget()

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches somewhere in the text."""
        state = self._start
        for character in text:
            if state.steps & MATCHED:
                return True
            state = state.moves.get(character) or self._move(state, character)
        if state.steps & MATCHED:
            return True
        waiting = [n for n in range(len(self._steps)) if state.steps >> n & 1]
        return bool(self._reached(waiting, begin=not text, end=True) & MATCHED)

    def _forget(self) -> None:
        self._start = State(self._at_begin)
        self._states = {self._at_begin: self._start}
        self._moves = 0
        self._taking: dict[str, int] = {}

    def _move(self, state: State, character: str) -> State:
        if self._moves > REMEMBERED:
            self._forget()
        self._moves += 1
        steps = self._anywhere  # a match may begin at every character
        taken = state.steps & self._takers(character)
        for place, eight in enumerate(taken.to_bytes(self._bytes, "little")):
            if eight:
                steps |= self._led(place, eight)
        moved = state.moves[character] = self._states.setdefault(steps, State(steps))
        return moved

    def _takers(self, character: str) -> int:
        """Return the steps that take the character."""
        if character not in self._taking:
            code = ord(character)
            self._taking[character] = sum(
                1 << number
                for number, step in enumerate(self._steps)
                if isinstance(step.when, tuple)
                and any(low <= code <= high for low, high in step.when)
            )
        return self._taking[character]

    def _led(self, place: int, eight: int) -> int:
        """Return where those of eight steps lead that are set."""
        if (place, eight) not in self._leading:
            led = 0
            for bit in range(8):
                if eight >> bit & 1:
                    led |= self._after[place * 8 + bit]
            self._leading[place, eight] = led
        return self._leading[place, eight]

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


@lru_cache(maxsize=64)
def pattern(source: str) -> Pattern:
    """Return the pattern, with what it has learnt of the texts it saw."""
    return Pattern(source)
