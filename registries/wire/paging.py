"""Connections: a part of a list, where it goes on, and how long the whole of it is.

A cursor is the place of a row in the order: what comes behind it is the same however much
was added before it, and whenever somebody asks.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet

from accounts.actors import Invalid
from registries.models.ordering import after as rows_after
from registries.wire.orders import Order, number

SIZE = 50
MOST = 10_000
CURSOR = 8192
"""The longest cursor, in characters: names have 400, however they are escaped."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A row as the schema shows it, and its place in the list."""

    row: Any
    node: Any
    cursor: str

    @property
    def version(self) -> str:
        """The number of a version in its collection, as `v` and the number."""
        return f"v{self.row.number}"


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where the list goes on, if it does."""

    end_cursor: str | None
    has_next_page: bool


@dataclass(frozen=True)
class Connection[T: Model]:
    """Some rows of a list."""

    rows: QuerySet[T]
    order: Order
    node: Callable[[T], Any]
    first: int
    after: str | None

    @cached_property
    def edges(self) -> Sequence[Edge]:
        """The rows of this part."""
        rows = self._found[: self.first]
        return [Edge(row, self.node(row), self._cursor(row)) for row in rows]

    @cached_property
    def page_info(self) -> PageInfo:
        """Where the next part begins."""
        end = self.edges[-1].cursor if self.edges else None
        return PageInfo(end, has_next_page=len(self._found) > self.first)

    @cached_property
    def total_count(self) -> int:
        """How many rows the whole list has."""
        return self.rows.count()

    @cached_property
    def _found(self) -> list[T]:
        """The rows of this part, and one more if there is."""
        sign = "-" if self.order.descending else ""
        rows = self.rows.annotate(sort_value=self.order.column.value)
        if self.after:
            place = self._place(self.after)
            rows = rows.filter(
                rows_after(["sort_value", "id"], place, descending=self.order.descending)
            )
        return list(rows.order_by(f"{sign}sort_value", f"{sign}id")[: self.first + 1])

    def _cursor(self, row: Any) -> str:
        value = row.sort_value
        value = value.isoformat() if isinstance(value, datetime) else value
        return urlsafe_b64encode(json.dumps([value, row.pk]).encode()).decode()

    def _place(self, cursor: str) -> list[Any]:
        try:
            if len(cursor) > CURSOR:
                raise ValueError(len(cursor))
            value, key = json.loads(urlsafe_b64decode(cursor))
            return [self.order.column.read(value), number(key)]
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise Invalid("after", "This cursor is of another list or order.") from None


def connection[T: Model](
    rows: QuerySet[T],
    order: Order,
    node: Callable[[T], Any],
    *,
    first: int | None = None,
    after: str | None = None,
) -> Connection[T]:
    """Return the part of the rows that is asked for, at most 10,000, each as a node."""
    if first is not None and first < 0:
        raise Invalid("first", "A list has no negative part.")
    size = SIZE if first is None else min(first, MOST)
    return Connection(rows, order, node, size, after or None)


def whole(nodes: Iterable[Any]) -> dict[str, Any]:
    """Return a list that is never cut, in the shape of one that may be."""
    edges = [{"node": node} for node in nodes]
    page_info = PageInfo(None, has_next_page=False)
    return {"edges": edges, "page_info": page_info, "total_count": len(edges)}
