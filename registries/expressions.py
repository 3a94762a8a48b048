"""Regular expressions as RE2 has them, read into parts.

Classes know ASCII only, `.` takes no line break, and nothing looks back or ahead. A part
writes itself as PostgreSQL's own engine reads it in the same way, and builds the steps by
which `patterns` looks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

LENGTH = 256
DEPTH = 20
STEPS = 250
REPEATS = 255
LAST = 0x10FFFF

type Ranges = tuple[tuple[int, int], ...]

DIGITS: Ranges = ((48, 57),)
SPACES: Ranges = ((9, 10), (12, 13), (32, 32))
LETTERS: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
CLASSES = {"d": DIGITS, "s": SPACES, "w": LETTERS}
CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "a": 7}
COUNT = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}", re.ASCII)
GROUP = re.compile(r"\?(?::|P?<[A-Za-z_]\w*>)", re.ASCII)
CODE = re.compile(r"x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))")


class NotAPattern(ValueError):
    """The text is no regular expression of this kind; the sentence says why."""


class Step(NamedTuple):
    """One step of the machine: where it goes on, and on what condition."""

    then: tuple[int, ...]
    when: Ranges | Literal["begin", "end", "always"]


class Machine:
    """The steps of a pattern. Step 0 is the end: the text matches."""

    def __init__(self) -> None:
        self.steps = [Step((), "always")]
        self._left = STEPS

    def add(self, when: Ranges | Literal["begin", "end", "always"], *then: int) -> int:
        """Add a step, and return its number."""
        self.spend()
        self.steps.append(Step(then, when))
        return len(self.steps) - 1

    def spend(self) -> None:
        """Count what is built, so that repeats of repeats end."""
        self._left -= 1
        if self._left < 0:
            raise NotAPattern("it is too large")


class Node(Protocol):
    """A part of a pattern."""

    def build(self, machine: Machine, then: int) -> int:
        """Add the steps that lead through this part to `then`; return the first."""

    def __str__(self) -> str:
        """Write the part as PostgreSQL reads it."""


@dataclass(frozen=True)
class Letters:
    """One character of some ranges."""

    ranges: Ranges

    def build(self, machine: Machine, then: int) -> int:
        """Take the character."""
        return machine.add(self.ranges, then)

    def __str__(self) -> str:
        parts = (
            _letter(low) if low == high else f"{_letter(low)}-{_letter(high)}"
            for low, high in self.ranges
        )
        return f"[{''.join(parts)}]"


def _letter(code: int) -> str:
    return chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\U{code:08x}"


@dataclass(frozen=True)
class Edge:
    """The begin or the end of the text."""

    side: Literal["begin", "end"]

    def build(self, machine: Machine, then: int) -> int:
        """Go on at this edge only."""
        return machine.add(self.side, then)

    def __str__(self) -> str:
        return r"\A" if self.side == "begin" else r"\Z"


@dataclass(frozen=True)
class Choice:
    """One of some sequences of parts."""

    branches: tuple[tuple[Node, ...], ...]

    def build(self, machine: Machine, then: int) -> int:
        """Go all ways at once."""
        return machine.add("always", *(self._one(b, machine, then) for b in self.branches))

    def _one(self, branch: tuple[Node, ...], machine: Machine, then: int) -> int:
        for part in reversed(branch):
            then = part.build(machine, then)
        return then

    def __str__(self) -> str:
        return f"(?:{'|'.join(''.join(map(str, b)) or '(?:)' for b in self.branches)})"


@dataclass(frozen=True)
class Repeat:
    """A part some number of times, without end if `most` is None."""

    part: Node
    least: int
    most: int | None

    def build(self, machine: Machine, then: int) -> int:
        """Make as many copies of the part as there may be."""
        first = then
        if self.most is None:
            first = machine.add("always")
            again = self.part.build(machine, first)
            machine.steps[first] = Step((again, then), "always")
        for _ in range((self.most or self.least) - self.least):
            first = machine.add("always", self.part.build(machine, first), then)
        for _ in range(self.least):
            machine.spend()
            first = self.part.build(machine, first)
        return first

    def __str__(self) -> str:
        return f"{self.part}{{{self.least},{'' if self.most is None else self.most}}}"


class Reader:
    """Reads a pattern, once through."""

    def __init__(self, source: str) -> None:
        if len(source) > LENGTH:
            raise NotAPattern(f"it is longer than {LENGTH} characters")
        self._any_case = source.startswith("(?i)")
        self._rest = source.removeprefix("(?i)")
        self._at = 0

    def read(self) -> Node:
        """Return the whole pattern."""
        found = self._choice(0)
        if self._at < len(self._rest):
            raise NotAPattern("it closes a group that it did not open")
        return found

    def _peek(self) -> str:
        return self._rest[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        found = self._rest.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._rest, self._at)
        self._at = found.end() if found else self._at
        return found

    def _choice(self, depth: int) -> Choice:
        if depth > DEPTH:
            raise NotAPattern(f"its groups are nested deeper than {DEPTH} levels")
        branches = [self._sequence(depth)]
        while self._take("|"):
            branches.append(self._sequence(depth))
        return Choice(tuple(branches))

    def _sequence(self, depth: int) -> tuple[Node, ...]:
        parts: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            part = self._part(depth)
            parts.append(self._repeated(part))
        return tuple(parts)

    def _repeated(self, part: Node) -> Node:
        least, most = self._times() or (1, 1)
        if (least, most) == (1, 1):
            return part
        if isinstance(part, Edge):
            raise NotAPattern("it repeats ^ or $")
        self._take("?")  # as few as possible is found where as many as possible is
        if self._times():
            raise NotAPattern("it repeats a repetition")
        return Repeat(part, least, most)

    def _times(self) -> tuple[int, int | None] | None:
        for sign, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return times
        if not (found := self._match(COUNT)):
            return None
        least = int(found[1])
        most = int(found[3]) if found[3] else None if found[2] else least
        if max(least, most or 0) > REPEATS or (most is not None and most < least):
            raise NotAPattern(f"{found[0]} is no repetition of at most {REPEATS}")
        return least, most

    def _part(self, depth: int) -> Node:
        if self._take("("):
            if self._peek() == "?" and not self._match(GROUP):
                raise NotAPattern(f"({self._rest[self._at : self._at + 3]} is not known")
            group = self._choice(depth + 1)
            if not self._take(")"):
                raise NotAPattern("it opens a group that it does not close")
            return group
        if self._take("["):
            return self._set()
        if self._take("."):
            return Letters(_others(((10, 10),)))
        if self._take("^") or self._take(r"\A"):
            return Edge("begin")
        if self._take("$") or self._take(r"\z"):
            return Edge("end")
        if self._peek() in {"*", "+", "?"}:
            raise NotAPattern(f"{self._peek()} repeats nothing")
        return Letters(self._cased(self._item()))

    def _item(self) -> Ranges:
        """Read one character, or a class of them."""
        character = self._peek()
        self._at += 1
        return self._escaped() if character == "\\" else ((ord(character),) * 2,)

    def _escaped(self) -> Ranges:
        if found := self._match(CODE):
            code = int(found[1] or found[2], 16)
            if code == 0 or code > LAST:
                raise NotAPattern(f"\\{found[0]} is no character")
            return ((code, code),)
        character = self._peek()
        self._at += 1
        if ranges := CLASSES.get(character.lower()):
            return ranges if character.islower() else _others(ranges)
        if code := CONTROLS.get(character, 0):
            return ((code, code),)
        if not character or (character.isalnum() and character.isascii()):
            raise NotAPattern(f"\\{character} is not known")
        return ((ord(character),) * 2,)

    def _set(self) -> Letters:
        others = self._take("^")
        ranges: list[tuple[int, int]] = []
        while not (ranges and self._take("]")):
            if not self._peek():
                raise NotAPattern("it opens a [ that it does not close")
            if self._rest.startswith("[:", self._at):
                raise NotAPattern("[: is not known")
            ranges += self._range()
        found = self._cased(tuple(ranges))
        found = _others(found) if others else found
        if not found:
            raise NotAPattern("it has a set of no characters")
        return Letters(found)

    def _range(self) -> Ranges:
        low = self._item()
        if self._peek() != "-" or self._rest.startswith("-]", self._at):
            return low
        self._at += 1
        high = self._item() if self._peek() else ()
        if [len(low), len(high)] != [1, 1] or low[0][0] > high[0][1]:
            raise NotAPattern("it has a range that is none")
        return ((low[0][0], high[0][1]),)

    def _cased(self, ranges: Ranges) -> Ranges:
        if not self._any_case:
            return _merged(ranges)
        turned = [
            (max(low, first) + shift, min(high, last) + shift)
            for low, high in ranges
            for first, last, shift in ((65, 90, 32), (97, 122, -32))
            if max(low, first) <= min(high, last)
        ]
        return _merged((*ranges, *turned))


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _others(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return all other characters but NUL, which no text has."""

    def gaps() -> Iterator[tuple[int, int]]:
        start = 1
        for low, high in _merged(ranges):
            if start < low:
                yield start, low - 1
            start = high + 1
        if start <= LAST:
            yield start, LAST

    return tuple(gaps())
