"""The axes of a small chart: where values stand on them, with few and round ticks."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

SIZE = 1000
"""How long each axis is, in the units of the drawing."""
EDGE = 12
"""A label nearer to an end than this, in per cent, begins or ends there."""
UNITS = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
LEAST = 1e-290
"""What differs by less is drawn as one value."""
NOISE = 1e-6
"""Of a step: what rounding may add to a value or take from it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A round value of an axis."""

    place: int
    text: str

    @property
    def share(self) -> str:
        """Where it stands, from the beginning of the axis."""
        return f"{100 * self.place / SIZE:g}%"

    @property
    def from_end(self) -> str:
        """Where it stands, from the end of the axis."""
        return f"{100 - 100 * self.place / SIZE:g}%"

    @property
    def anchor(self) -> str:
        """How its label is set, so that it does not stand out at the sides."""
        near = EDGE * SIZE / 100
        if self.place < near:
            return "start"
        return "end" if self.place > SIZE - near else "middle"


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from one value to another."""

    low: float
    high: float
    step: float
    """From tick to tick."""

    def place(self, value: float) -> int:
        """Where a value stands, in the units of the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(SIZE * min(1, max(0, share)))

    @property
    def ticks(self) -> list[Tick]:
        """The round values on it."""
        first = ceil(self.low / self.step - NOISE)
        last = floor(self.high / self.step + NOISE)
        values = [number * self.step for number in range(first, last + 1)]
        return [Tick(self.place(value), self._written(value)) for value in values]

    def _written(self, value: float) -> str:
        """In as few digits as tell it from the next."""
        if not value:
            return "0"
        largest = max(abs(self.low), abs(self.high))
        if largest >= 1e15 or self.step < 1e-4:
            digits = floor(log10(abs(value)) + 1e-9) + _decimals(self.step) + 1
            return f"{value:.{digits}g}".replace("e-0", "e-").replace("e+", "e")
        unit, suffix = next(
            (each for each in UNITS if each[0] <= largest >= 1e4), (1.0, "")
        )
        return f"{value / unit:.{max(0, _decimals(self.step / unit))}f}{suffix}"


def steps(low: float, high: float) -> Scale:
    """An axis of just these ends, on which whole values have ticks."""
    if high - low < LEAST:
        return Scale(low - 0.5, high + 0.5, 1.0)
    return Scale(low, high, max(1.0, _step((high - low) / 4)))


def amounts(low: float, high: float) -> Scale:
    """An axis that has these values within its first and last tick."""
    largest = max(abs(low), abs(high))
    if high - low <= max(LEAST, largest * 1e-9):
        room = largest / 2 if largest > LEAST else 1.0
        low, high = low - room, high + room
    step = _step((high - low) / 3)
    first, last = floor(low / step + NOISE), ceil(high / step - NOISE)
    return Scale(first * step, last * step, step)


def _step(least: float) -> float:
    """The first round number from here on."""
    power = 10.0 ** floor(log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n == 10 or n * power >= least)


def _decimals(step: float) -> int:
    """How many decimals tell multiples of a round number apart."""
    return -floor(log10(step) + 1e-9)
