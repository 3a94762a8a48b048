"""The orders of runs: their columns, and any number of their configuration or summary."""

from __future__ import annotations

from typing import Any

from django.db.models import F, FloatField, Func, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce

from accounts.actors import Invalid
from accounts.text import is_askable
from registries.wire import orders
from registries.wire.filters import in_config
from registries.wire.orders import Column, Order

NOWHERE = 1.7e308
"""Stands behind all numbers: runs that have none there come last."""
LIMIT = "1.6e308"
"""Numbers beyond it are sorted as it: JSON keeps larger ones than a database computes."""
STEPS = 10


class NumberIn(Func):
    """The number that a JSON value is; nothing where it is no number."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Write it with the types of SQLite's values."""
        [value] = self.source_expressions
        sql, values = compiler.compile(value)
        is_number = f"typeof({sql}) IN ('integer', 'real')"
        number = f"min(max({sql}, -{LIMIT}), {LIMIT})"
        return f"CASE WHEN {is_number} THEN {number} END", (*values, *values)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Write it with the types of jsonb."""
        [value] = self.source_expressions
        sql, values = compiler.compile(value)
        is_number = f"jsonb_typeof({sql}) = 'number'"
        number = f"least(greatest(({sql})::numeric, -{LIMIT}), {LIMIT})::double precision"
        return f"CASE WHEN {is_number} THEN {number} END", (*values, *values)


def order(asked: str | None) -> Order:
    """Return the order that is asked for: `-created_at`, `+config.lr.value`."""
    sign, name = (asked or "+")[0], (asked or "").lstrip("+-")
    root, *path = name.split(".")
    if root == "config" and path:
        return _by_number("config", in_config(tuple(path)), descending=sign == "-")
    if root in {"summary_metrics", "summaryMetrics"} and path:
        return _by_number("summary", tuple(path), descending=sign == "-")
    return orders.order(asked, orders.RUNS, usual="+created_at")


def _by_number(column: str, path: tuple[str, ...], *, descending: bool) -> Order:
    if len(path) > STEPS or not all(map(is_askable, path)):
        raise Invalid("order", f"A path has at most {STEPS} steps.")
    found: Combinable = F(column)
    for step in path:
        found = KeyTransform(step, found)
    last = Value(-NOWHERE if descending else NOWHERE)
    return Order(Column(Coalesce(NumberIn(found), last), _number), descending)


def _number(value: Any) -> float:
    """Read a number of a cursor."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return float(value)
