"""What a field of a filter can be compared with, as conditions that both databases answer
alike: texts by their bytes, times in UTC, and nothing by the locale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models import Exists as ExistsIn
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields import BooleanField
from django.db.models.functions import Coalesce, Left, StrIndex
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)

from accounts.text import LARGEST
from registries.models.ordering import by_bytes
from registries.patterns import Pattern, pattern

LOOKED_AT = 1_000
"""How many characters of a text a regular expression is looked for in."""
NEVER = Q(pk__in=())
ALWAYS = ~NEVER
"""An empty `Q()` would be dropped from what is negated, or said beside it."""
LOOKUPS = {
    "$gt": GreaterThan,
    "$gte": GreaterThanOrEqual,
    "$lt": LessThan,
    "$lte": LessThanOrEqual,
}


class Unfit(ValueError):
    """An operand that the field is not compared with; the text says what it takes."""


class Field:
    """A field of a filter. What it does not answer, it does not take."""

    takes = "other operands"

    def equals(self, values: Sequence[Any]) -> Q:
        """Say whether it is one of the values."""
        raise NotImplementedError

    def compares(self, operator: str, value: Any) -> Q:
        """Say whether it is before or behind the value."""
        raise NotImplementedError

    def matches(self, wanted: Pattern) -> Q:
        """Say whether the pattern is found in it."""
        raise NotImplementedError

    def contains(self, text: str) -> Q:
        """Say whether the text is a part of it."""
        raise NotImplementedError

    def is_list(self, values: Sequence[Any]) -> Q:
        """Say whether it is a list of exactly these values."""
        raise NotImplementedError

    def has_size(self, size: int) -> Q:
        """Say whether it is a list of so many values."""
        raise NotImplementedError

    def is_there(self) -> Q:
        """Say whether it has a value."""
        return ALWAYS

    def unfit(self) -> Unfit:
        """Refuse an operand."""
        return Unfit(self.takes)


@dataclass(frozen=True)
class Compared[T](Field):
    """A column, or what is computed of columns, whose values have an order."""

    value: str | Combinable

    @property
    def expression(self) -> Combinable:
        """What is compared."""
        return F(self.value) if isinstance(self.value, str) else self.value

    def read(self, operand: Any) -> T:
        """Return the operand as a value of this kind."""
        raise NotImplementedError

    def equals(self, values: Sequence[Any]) -> Q:
        """Compare; nothing is no value."""
        read = [self.read(value) for value in values if value is not None]
        found = Q(In(self.expression, read)) if read else NEVER
        return found | ~self.is_there() if None in values else found

    def compares(self, operator: str, value: Any) -> Q:
        """Compare."""
        return Q(LOOKUPS[operator](self.expression, self.read(value)))


class Text(Compared[str]):
    """A text; an empty one is no value."""

    takes = "a text"

    @property
    def expression(self) -> Combinable:
        """The text, compared by its bytes."""
        return by_bytes(self.value)

    def read(self, operand: Any) -> str:
        """Return the text."""
        if not isinstance(operand, str):
            raise self.unfit()
        return operand

    def is_there(self) -> Q:
        """Say whether it is not empty."""
        return ~Q(Exact(self.expression, Value("")))

    def matches(self, wanted: Pattern) -> Q:
        """Look for the pattern in the beginning."""
        return Q(Matches(Left(self.expression, LOOKED_AT), wanted))

    def contains(self, text: str) -> Q:
        """Look for the text, with regard to case."""
        place = StrIndex(self.expression, Value(text))
        return Q(GreaterThan(place, 0)) if text else ALWAYS


@dataclass(frozen=True)
class Prefixed(Text):
    """A name that goes by a prefix on the wire, which clients also put before a part."""

    prefix: str = ""
    bare: str = "name"

    def contains(self, text: str) -> Q:
        """Look for the text in the name itself."""
        return Text(self.bare).contains(text.removeprefix(self.prefix))


class Number(Compared[int]):
    """A whole number."""

    takes = "a number"

    def read(self, operand: Any) -> int:
        """Return the number."""
        if isinstance(operand, bool) or not isinstance(operand, int):
            raise self.unfit()
        return max(-LARGEST, min(operand, LARGEST))

    def equals(self, values: Sequence[Any]) -> Q:
        """Compare; a fraction is none of them."""
        whole = [int(v) if _is_whole(v) else v for v in values]
        return super().equals([v for v in whole if not isinstance(v, float)])

    def compares(self, operator: str, value: Any) -> Q:
        """Compare, with the next whole number where it is a fraction."""
        if isinstance(value, float):
            up = operator in {"$gte", "$lt"}
            value = math.ceil(value) if up else math.floor(value)
        return super().compares(operator, value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()


@dataclass(frozen=True)
class Identity(Number):
    """The number of a thing, or the id that the wire knows it by."""

    decode: Callable[[str], int] = lambda _: 0
    takes = "an id"

    def read(self, operand: Any) -> int:
        """Return the number."""
        if isinstance(operand, str) and (number := self.decode(operand)):
            return number
        return super().read(operand)


class VersionNumber(Number):
    """The number of a version, or `v` and the number."""

    takes = "a number or v and a number"

    def read(self, operand: Any) -> int:
        """Return the number."""
        if isinstance(operand, str) and operand[:1] == "v":
            digits = operand[1:]
            if digits.isascii() and digits.isdigit() and len(digits) < 19:
                return int(digits)
        return super().read(operand)


class Moment(Compared[datetime]):
    """A time."""

    takes = "a time such as 2026-01-31T12:00:00Z"

    def read(self, operand: Any) -> datetime:
        """Return the time, in UTC if it names no zone."""
        try:
            read = datetime.fromisoformat(operand)
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise self.unfit() from None


@dataclass(frozen=True)
class Word(Text):
    """One of some words, which the wire may write in another case."""

    def read(self, operand: Any) -> str:
        """Return the word as it is stored."""
        return super().read(operand).lower()


@dataclass(frozen=True)
class Words(Field):
    """The names of some rows that belong to this one: any of them may fit."""

    rows: Callable[[], QuerySet[Model]]
    owner: str
    takes = "a text or a list of texts"

    def _any(self, condition: Q) -> Q:
        return Q(ExistsIn(self._rows().filter(condition)))

    def _rows(self) -> QuerySet[Model]:
        return self.rows().filter(**{self.owner: OuterRef("pk")}).order_by()

    def is_there(self) -> Q:
        """Say whether there is any."""
        return self._any(ALWAYS)

    def equals(self, values: Sequence[Any]) -> Q:
        """Say whether one of them is one of the values."""
        found = self._any(Text("name").equals([v for v in values if v is not None]))
        return found | ~self.is_there() if None in values else found

    def compares(self, operator: str, value: Any) -> Q:
        """Say whether one of them compares so."""
        return self._any(Text("name").compares(operator, value))

    def matches(self, wanted: Pattern) -> Q:
        """Look for the pattern in each."""
        return self._any(Text("name").matches(wanted))

    def contains(self, text: str) -> Q:
        """Look for the text in each."""
        return self._any(Text("name").contains(text))

    def is_list(self, values: Sequence[Any]) -> Q:
        """Say whether they are these, in whatever order."""
        found = self.has_size(len(set(values)))
        for value in set(values):
            found &= self.equals([value])
        return found

    def has_size(self, size: int) -> Q:
        """Count them."""
        counted = self._rows().values(self.owner).annotate(count=Count("pk"))
        return Q(Exact(Coalesce(Subquery(counted.values("count")), 0), size))


class Matches(Expression):
    """Whether a pattern is found in a text."""

    conditional = True

    def __init__(self, text: Combinable | Expression, wanted: Pattern) -> None:
        super().__init__(output_field=BooleanField())
        self.text = text
        self.wanted = wanted

    def get_source_expressions(self) -> list[Any]:
        """Return what Django resolves."""
        return [self.text]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Take back what Django resolved."""
        [self.text] = exprs

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Ask PostgreSQL."""
        sql, values = compiler.compile(self.text)
        return f"({sql}) ~ %s", (*values, self.wanted.sql)

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Ask Python, through a function of this connection."""
        teach(connection)
        sql, values = compiler.compile(self.text)
        return f"found({sql}, %s)", (*values, self.wanted.source)


def teach(connection: Any) -> None:
    """Give SQLite its function `found(text, pattern)`."""
    connection.ensure_connection()
    connection.connection.create_function("found", 2, _found, deterministic=True)


def _found(text: str | None, source: str) -> bool:
    return text is not None and pattern(source).found_in(text)
