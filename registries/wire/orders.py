"""The orders that the `wandb` SDK asks lists in: `+name`, `-created_at`, `-createdAt`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.actors import Invalid
from accounts.text import LARGEST, is_askable
from registries.models.ordering import by_bytes
from registries.wire.fields import snake


@dataclass(frozen=True, slots=True)
class Column:
    """What rows can be sorted by, and how a cursor writes and reads it."""

    by: str | Combinable
    read: Callable[[Any], Any]

    @property
    def value(self) -> Combinable:
        """What the database sorts by."""
        if self.read is text:
            return by_bytes(self.by)
        return F(self.by) if isinstance(self.by, str) else self.by


@dataclass(frozen=True, slots=True)
class Order:
    """A column in one direction; rows that are alike there by their id."""

    column: Column
    descending: bool


type Columns = Mapping[str, Column]


def text(value: Any) -> str:
    """Read a text of a cursor."""
    if not isinstance(value, str) or not is_askable(value):
        raise ValueError(value)
    return value


def number(value: Any) -> int:
    """Read a number of a cursor."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError(value)
    return value


def moment(value: Any) -> datetime:
    """Read a time of a cursor."""
    return datetime.fromisoformat(text(value)).astimezone(UTC)


REGISTRIES: Columns = {
    "name": Column("name", text),
    "created_at": Column("created_at", moment),
    "updated_at": Column("updated_at", moment),
}
COLLECTIONS: Columns = REGISTRIES
PROJECTS: Columns = {
    "name": Column("name", text),
    "created_at": Column("created_at", moment),
}
VERSIONS: Columns = {
    "version": Column("number", number),
    "version_index": Column("number", number),
    "created_at": Column("artifact__created_at", moment),
    "artifact_created_at": Column("artifact__created_at", moment),
    "linked_at": Column("created_at", moment),
    "acm_created_at": Column("created_at", moment),
    "size": Column("artifact__size", number),
    "artifact_size": Column("artifact__size", number),
}
TYPES: Columns = {"name": Column("type", text)}
ALIASES: Columns = {"name": Column("name", text)}
RUNS: Columns = {
    "name": Column("name", text),
    "display_name": Column("display_name", text),
    "created_at": Column("created_at", moment),
    "updated_at": Column(Coalesce("updated_at", "created_at"), moment),
    "heartbeat_at": Column(Coalesce("heartbeat_at", "created_at"), moment),
}
BY_AGE = Order(Column("id", number), descending=False)

AUTOMATIONS: Columns = REGISTRIES
INTEGRATIONS: Columns = {"name": Column("name", text)}


def order(asked: str | None, columns: Columns, *, usual: str) -> Order:
    """Return the order that is asked for, with or without a sign, or else the usual one."""
    asked = asked or usual
    name = snake(asked.removeprefix("+").removeprefix("-"))
    if name not in columns:
        known = ", ".join(columns)
        raise Invalid("order", f"This list is not sorted by {name[:80]}, but by {known}.")
    return Order(columns[name], descending=asked.startswith("-"))
