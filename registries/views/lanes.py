"""Where aliases have been, as lanes over time: geometry of an SVG, from rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from registries.models import AliasMove

LEFT, NOW, RIGHT = 146, 600, 636
"""Where time begins and ends; behind it is room for the numbers of the present."""
TOP, HEIGHT, STEP = 10.5, 26, 38
LETTER = 7.2
"""How wide a letter of a label is, about."""
LONGEST = 20
"""How many letters of a name stand before its lane."""
LONGEST_TIME = timedelta(days=365)
SHORTEST_TIME = timedelta(minutes=10)
UNITS = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
)
"""What the time below is divided by, where it is too short for months."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A version for as long as the alias was on it; state is "", "now" or "back"."""

    number: int
    x: float
    width: float
    state: str
    since: datetime

    @property
    def is_labelled(self) -> bool:
        """Whether the number fits in."""
        return self.width >= LETTER * (len(str(self.number)) + 1) + 8

    @property
    def label_x(self) -> float:
        """Where the number stands."""
        return round(self.x + 7.5, 1)


@dataclass(frozen=True, slots=True)
class Lane:
    """One alias."""

    name: str
    y: float
    segments: list[Segment]

    @property
    def short_name(self) -> str:
        """As much of the name as has room."""
        return self.name if len(self.name) <= LONGEST else f"{self.name[: LONGEST - 1]}…"

    @property
    def text_y(self) -> float:
        """Where text in the lane stands."""
        return self.y + 16.5


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment of the calendar."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """The whole picture."""

    start: datetime
    lanes: list[Lane]
    ticks: list[Tick] = field(default_factory=list)

    @property
    def axis(self) -> float:
        """Where the lanes end."""
        return STEP * len(self.lanes) + 8

    @property
    def height(self) -> float:
        """The picture's height."""
        return self.axis + 24


def lanes(histories: Sequence[tuple[str, list[AliasMove]]], now: datetime) -> Lanes | None:
    """Draw the moves of some aliases, each oldest first; nothing where none ever moved."""
    if not any(len(moves) > 1 for _, moves in histories):
        return None
    first = min(moves[0].at for _, moves in histories if moves)
    start = min(max(first, now - LONGEST_TIME), now - SHORTEST_TIME)
    scale = _Scale(start, now)
    drawn = [
        Lane(name, TOP + STEP * place, list(_segments(moves, scale)))
        for place, (name, moves) in enumerate(histories)
    ]
    return Lanes(start, drawn, list(_ticks(scale)))


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(LEFT + (NOW - LEFT) * min(max(share, 0), 1), 1)


def _segments(moves: list[AliasMove], scale: _Scale) -> Iterator[Segment]:
    """One for each stay; what was before the moves that are known begins at the edge."""
    if moves and moves[0].from_number is not None:
        yield from _segment(moves[0].from_number, scale.start, moves[0], scale)
    for move, following in pairwise([*moves, None]):
        if move and move.to_number is not None:
            yield from _segment(move.to_number, move.at, following, scale)


def _segment(
    number: int, since: datetime, following: AliasMove | None, scale: _Scale
) -> Iterator[Segment]:
    if following and following.at <= scale.start:
        return
    state = "now" if following is None else "back" if following.is_rollback else ""
    x, end = scale.x(since), scale.x(following.at) if following else RIGHT
    yield Segment(number, x + 0.5, round(max(end - x - 3, 2), 1), state, since)


def _ticks(scale: _Scale) -> Iterator[Tick]:
    """Beginnings of months, days or hours, at most about ten of them."""
    span = scale.end - scale.start
    for moment in _beginnings(scale.start.astimezone(UTC), scale.end, span):
        label = f"{moment:%b}"
        if span <= timedelta(days=2):
            label = f"{moment:%H:%M}"
        elif span <= timedelta(days=70):
            label = f"{moment.day} {moment:%b}"
        yield Tick(scale.x(moment), label)


def _beginnings(start: datetime, end: datetime, span: timedelta) -> Iterator[datetime]:
    """The beginnings of a unit that fits the span, between two moments."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if span > timedelta(days=70):
        months = 2 if span > timedelta(days=250) else 1
        moment = midnight.replace(day=1)
        while (moment := _months_later(moment, months)) < end:
            yield moment
        return
    unit = next((each for each in UNITS if span / each <= 10), UNITS[-1])
    moment = midnight
    while (moment := moment + unit) < end:
        if moment > start:
            yield moment


def _months_later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.month - 1 + months, 12)
    return moment.replace(year=moment.year + year, month=month + 1)
