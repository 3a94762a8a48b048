"""Lists that can be sorted by their columns: `?sort=size`, or `?sort=-size` backwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest

from registries.views.paging import Order, address, asked, moment, text

if TYPE_CHECKING:
    from accounts.requests import Request


@dataclass(frozen=True, slots=True)
class Sorting:
    """The order that a list has, and the addresses that sort it by each column.

    `value` is how its address says so, empty for the usual order.
    """

    order: Order
    columns: dict[str, Column]
    words: str
    value: str

    @property
    def back(self) -> str:
        """What leads to the page before, where that is not simply newer."""
        return "Previous" if self.value else ""

    @property
    def on(self) -> str:
        """What leads to the page behind, where that is not simply older."""
        return "Next" if self.value else ""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: where it leads, and how the list is sorted by it, if it is."""

    address: str
    direction: str = ""


COLLECTION_ORDERS = {
    "updated": Order({"updated_at": moment, "id": int}, descending=True),
    "name": Order({"key": text}),
    "type": Order({"sort_type": text, "key": text}),
    "versions": Order({"version_count": int, "id": int}, descending=True),
    "size": Order({"newest_size": int, "id": int}, descending=True),
}
"""By name, in the direction that comes first; the first is the usual one."""
VERSION_ORDERS = {
    "version": Order({"number": int}, descending=True),
    # Numbers are given as versions are linked.
    "linked": Order({"number": int}, descending=True),
    "files": Order({"sort_files": int, "number": int}, descending=True),
    "size": Order({"sort_size": int, "number": int}, descending=True),
}


def sorting(request: Request, orders: Mapping[str, Order], *, by: str = "sort") -> Sorting:
    """Read by which of the columns a list is to be sorted, and what the query calls it."""
    usual = next(iter(orders))
    wanted = asked(request.GET, by) or _written(usual, orders[usual])
    name = wanted.removeprefix("-")
    if name not in orders:
        raise BadRequest(f"This list is not sorted by {name}.")
    order = replace(orders[name], descending=wanted != name)
    direction = "descending" if order.descending else "ascending"
    turned = replace(order, descending=not order.descending)
    columns = {
        other: Column(address(request, **{by: _written(other, first)}))
        for other, first in orders.items()
    }
    columns[name] = Column(address(request, **{by: _written(name, turned)}), direction)
    value = "" if wanted == _written(usual, orders[usual]) else wanted
    return Sorting(order, columns, f"by {name}, {direction}", value)


def _written(name: str, order: Order) -> str:
    return f"-{name}" if order.descending else name
