"""Pages of a list by key, never by offset: page 1,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.core.exceptions import BadRequest
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from registries.models.ordering import after

if TYPE_CHECKING:
    from accounts.requests import Request

SIZE = 25
LARGEST = 2**63 - 1
SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some rows, and the addresses of the pages beside them, empty where there is none."""

    rows: Sequence[T]
    previous: str = ""
    next: str = ""

    @property
    def shown(self) -> str:
        """How many rows there are here, in words."""
        return f"{len(self.rows)} shown"


@dataclass(frozen=True, slots=True)
class Order:
    """By columns in one direction, unique together."""

    columns: dict[str, Callable[[str], Any]]
    descending: bool = False

    def key(self, row: Model) -> str:
        """Write down where in the order a row is."""
        return SEPARATOR.join(_quoted(getattr(row, column)) for column in self.columns)

    def values(self, key: str) -> list[Any]:
        """Read such a key, which came from an address."""
        try:
            pairs = zip(self.columns.values(), key.split(SEPARATOR), strict=True)
            return [_bounded(parse(unquote(part))) for parse, part in pairs]
        except (ValueError, OverflowError) as error:
            raise BadRequest(f"{key} is no place in this list.") from error

    def beyond(self, key: str, *, forward: bool) -> Q:
        """Select the rows after the key, or before it."""
        return after(self.columns, self.values(key), descending=self.descending == forward)

    def sort[T: Model](self, rows: QuerySet[T], *, forward: bool = True) -> QuerySet[T]:
        """Sort the rows in this order, or backwards."""
        sign = "-" if self.descending == forward else ""
        return rows.order_by(*(f"{sign}{column}" for column in self.columns))


def _quoted(value: Any) -> str:
    """Write a value without the separator, which `quote` would leave as it is."""
    return str(value).replace("%", "%25").replace(SEPARATOR, "%7E")


def _bounded(value: Any) -> Any:
    """Return the value; of a number no more than databases know."""
    return max(-LARGEST, min(value, LARGEST)) if isinstance(value, int) else value


def words(request: Request, name: str) -> str:
    """Return what somebody looks for, as far as a name could hold it."""
    return asked(request.GET, name)


def asked(query: QueryDict, name: str) -> str:
    """Return what a query says under that name, as far as a name could hold it."""
    return query.get(name, "").replace("\0", "").strip()[:128]


def text(value: str) -> str:
    """Return a text that a database compares with; it cannot with NUL."""
    if "\0" in value:
        raise ValueError(value)
    return value


def truth(value: str) -> bool:
    """Return whether it is so."""
    if value not in {"True", "False"}:
        raise ValueError(value)
    return value == "True"


def moment(value: str) -> datetime:
    """Return the moment, which names its time zone."""
    read = datetime.fromisoformat(value)
    if read.tzinfo is None:
        raise ValueError(value)
    return read.astimezone(UTC)


NEWEST_EVENT = Order({"at": moment, "id": int}, descending=True)


def page_of[T: Model](
    rows: QuerySet[T],
    order: Order,
    request: Request,
    *,
    size: int = SIZE,
    prefix: str = "",
) -> Page[T]:
    """Return the page of the rows that the request's `after` or `before` asks for.

    A second list of a page has a prefix, so that the first stays where it is.
    """
    following = request.GET.get(f"{prefix}after")
    before = request.GET.get(f"{prefix}before")
    page = partial(_page, request, order, prefix)
    if before:
        earlier = order.sort(
            rows.filter(order.beyond(before, forward=False)), forward=False
        )
        found = list(earlier[: size + 1])
        if len(found) > size:
            shown = found[:size][::-1]
            return page(shown, has_previous=True, has_next=True)
    elif following:
        later = order.sort(rows.filter(order.beyond(following, forward=True)))
        found = list(later[: size + 1])
        if found:
            shown = found[:size]
            return page(shown, has_previous=True, has_next=len(found) > size)
    found = list(order.sort(rows)[: size + 1])
    shown = found[:size]
    return page(shown, has_previous=False, has_next=len(found) > size)


def _page[T: Model](
    request: Request,
    order: Order,
    prefix: str,
    rows: list[T],
    *,
    has_previous: bool,
    has_next: bool,
) -> Page[T]:
    return Page(
        rows,
        previous=_turned(request, prefix, "before", order, rows[0]) if has_previous else "",
        next=_turned(request, prefix, "after", order, rows[-1]) if has_next else "",
    )


def _turned(request: Request, prefix: str, way: str, order: Order, row: Model) -> str:
    """The request's own query with one of its lists on another page."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(f"{prefix}{name}", None)
    query[f"{prefix}{way}"] = order.key(row)
    return f"?{query.urlencode()}"


def address(request: Request, **changes: str) -> str:
    """The request's own query with other values, from the first page on if not told."""
    query = request.GET.copy()
    for name in ("after", "before", *changes):
        query.pop(name, None)
    query.update({name: value for name, value in changes.items() if value})
    return f"?{query.urlencode()}"


def place(request: Request) -> str:
    """Return the part of the query that says which members are looked at, for a form."""
    kept = QueryDict(mutable=True)
    for name in ("member", "sort", "after", "before"):
        if value := request.GET.get(name):
            kept[name] = value
    return f"?{kept.urlencode()}" if kept else ""


def wants_part(request: Request) -> bool:
    """Whether htmx asks for a part; in place of the main part, or restoring history, it
    wants the page.
    """
    whole = request.htmx and request.htmx.target == "main"
    return bool(request.htmx) and not whole and not request.htmx.history_restore_request
