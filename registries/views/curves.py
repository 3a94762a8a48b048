"""The curve of a metric: geometry of a small SVG, from the points that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registries.models import RunMetric
from registries.models.run import Stream
from registries.streams import curve

WIDTH, HEIGHT, MARGIN = 240, 72, 4

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric as it is drawn, with the numbers that are written beside it."""

    key: str
    line: str
    """The points, as SVG writes them."""
    dot: Point
    """Where the last one is."""
    last: str
    lowest: str
    highest: str
    first_x: str
    last_x: str
    unit: str
    count: int
    width: int = WIDTH
    height: int = HEIGHT
    axis: float = HEIGHT - 0.5


def drawn(metric: RunMetric) -> Curve:
    """Return the curve of a metric that has numbers."""
    points = curve(metric)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    placed = list(zip(_scaled(xs, WIDTH), _scaled(ys, -HEIGHT), strict=True))
    return Curve(
        key=metric.key,
        line=" ".join(f"{x},{y}" for x, y in placed),
        dot=placed[-1],
        last=number(ys[-1]),
        lowest=number(min(ys)),
        highest=number(max(ys)),
        first_x=number(min(xs)),
        last_x=number(max(xs)),
        unit="step" if metric.stream == Stream.HISTORY else "second",
        count=metric.count,
    )


def _scaled(values: Sequence[float], length: int) -> list[float]:
    """Spread values over a length, less a margin at both ends; a negative one turns it."""
    low, room = min(values), abs(length) - 2 * MARGIN
    extent = max(values) / 2 - low / 2  # halved: the difference of the largest is infinite
    shares = [(v / 2 - low / 2) / extent if extent else 0.5 for v in values]
    return [round(MARGIN + room * (s if length > 0 else 1 - s), 1) for s in shares]


def number(value: float) -> str:
    """Write a number in four digits, a whole or larger one in as many as it takes."""
    if 1e4 <= abs(value) < 1e15 or (value.is_integer() and abs(value) < 1e4):
        return f"{round(value):,}".replace(",", "\u202f")
    return f"{value:.4g}"
