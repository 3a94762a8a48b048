"""The curve of a metric: geometry of a small SVG, from the points that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from registries.models import RunMetric
from registries.models.run import Stream
from registries.streams import Point, curve, is_gap
from registries.views.scales import SIZE, Scale, Tick, amounts, steps

ROWS = 12
"""At most so many points are written out, at even distances."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric as it is drawn, with the numbers that are written beside it."""

    key: str
    line: str
    """The points, as paths of SVG are written; they begin anew after a gap."""
    dots: str
    """The last point and those between gaps: dots, which are lines of no length."""
    across: list[Tick]
    up: list[Tick]
    grid: str
    last: str
    lowest: str
    highest: str
    first_x: str
    last_x: str
    unit: str
    count: int
    has_gaps: bool
    rows: list[tuple[str, str]]
    """Some points in numbers."""
    size: int = SIZE

    @property
    def gutter(self) -> str:
        """How wide the labels of the upright axis are."""
        return f"{0.6 * max(4, *(len(tick.text) for tick in self.up)):.1f}em"


def drawn(metric: RunMetric) -> Curve:
    """Return the curve of a metric that has numbers."""
    points = curve(metric)
    ys = [y for _, y in points if y is not None]
    low_x, high_x = min(x for x, _ in points), max(x for x, _ in points)
    across, up = steps(low_x, high_x), amounts(min(ys), max(ys))
    pieces = _pieces(points, across, up)
    return Curve(
        key=metric.key,
        line="".join("M" + "L".join(piece) for piece in pieces if len(piece) > 1),
        dots="".join(f"M{p[-1]}h0" for p in pieces if len(p) == 1 or p is pieces[-1]),
        across=across.ticks,
        up=up.ticks,
        grid="".join(f"M0 {SIZE - tick.place}H{SIZE}" for tick in up.ticks),
        last=str(metric.last) if is_gap(metric.last) else number(ys[-1]),
        lowest=number(min(ys)),
        highest=number(max(ys)),
        first_x=number(low_x),
        last_x=number(high_x),
        unit="step" if metric.stream == Stream.HISTORY else "second",
        count=metric.count,
        has_gaps=None in (y for _, y in points),
        rows=_rows(points),
    )


def _pieces(points: Sequence[Point], across: Scale, up: Scale) -> list[list[str]]:
    """The points between gaps, each as SVG writes it."""
    return [
        [f"{across.place(x)} {SIZE - up.place(y)}" for x, y in piece if y is not None]
        for is_a_gap, piece in groupby(points, lambda point: point[1] is None)
        if not is_a_gap
    ]


def _rows(points: Sequence[Point]) -> list[tuple[str, str]]:
    stride = -(-len(points) // ROWS)
    some = [*points[:-1:stride], points[-1]]
    return [(number(x), "no number" if y is None else number(y)) for x, y in some]


def number(value: float) -> str:
    """Write a number in four digits, a whole or larger one in as many as it takes."""
    if 1e4 <= abs(value) < 1e15:
        return f"{round(value):,}".replace(",", "\u202f")
    if float(value).is_integer() and abs(value) < 1e4:
        return str(round(value))
    return f"{value:.4g}"
