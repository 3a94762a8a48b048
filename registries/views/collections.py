"""A collection: where its aliases are, what it is, its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from registries.models import Alias, AliasMove, Collection, Version
from registries.models.collection import LATEST
from registries.views import code
from registries.views.commands import missing_for_download
from registries.views.filters import VERSION_FILTERS, Filters, offered_versions
from registries.views.lanes import lanes
from registries.views.lookups import in_collection
from registries.views.paging import page_of
from registries.views.remembered import remember_collection
from registries.views.sorting import VERSION_ORDERS, sorting
from registries.views.uploading import lines, uploading

if TYPE_CHECKING:
    from accounts.requests import SignedIn

NEWEST = 6
"""How many versions the collection's own page shows."""
ALIASES = 20
MOVES, STAYS = 4, 12
"""How many moves of an alias are told in words, and how many are drawn."""
LANES = 6
"""How many aliases are drawn, `latest` among them."""
HELD = 3
"""How many protected aliases are named that stand in the way."""


type Moves = dict[str, list[AliasMove]]


@dataclass(frozen=True, slots=True)
class Line:
    """An alias with its newest moves, oldest of them first."""

    alias: Alias
    history: list[AliasMove]

    @property
    def moves(self) -> list[AliasMove]:
        """As many as are told in words."""
        return self.history[-MOVES:]

    @property
    def last(self) -> AliasMove | None:
        """The move that brought it where it is."""
        return self.history[-1] if self.history else None

    @property
    def stops(self) -> list[int | None]:
        """The versions it was on, None where it was taken off; the last is the present."""
        been = [move.to_number for move in self.moves[:-1]]
        if self.moves and self.moves[0].from_number is not None:
            been.insert(0, self.moves[0].from_number)
        return [*been, self.alias.version.number]


@require_safe
@vary_on_headers("HX-Request")
@in_collection
def collection(request: SignedIn, collection: Collection) -> HttpResponseBase:
    """Show the aliases, the card and the newest versions."""
    if request.htmx.target == "uploading":
        return lines(request, collection)
    return remember_collection(request, collection_page(request, collection), collection)


def collection_page(
    request: SignedIn, collection: Collection, *, dialog: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, with a dialog before it or without."""
    context = head(collection) | _facts(request, collection) | {"dialog": dialog}
    context |= uploading(collection)
    return render(request, "registries/collection.html", context, status=status)


def head(collection: Collection) -> dict[str, Any]:
    """Return what the head of every page of a collection shows."""
    return {
        "collection": collection,
        "registry": collection.registry,
        "tags": collection.tags.all(),
        "held": held(collection),
    }


def held(place: Collection | Version) -> list[Alias]:
    """The protected aliases that are on a version, or on any of a collection."""
    return list(place.aliases.protected().select_related("version")[: HELD + 1])


def _facts(request: SignedIn, collection: Collection) -> dict[str, Any]:
    versions = collection.versions.committed().for_table()
    moves: Moves = {}
    rows = _lines(collection, moves)
    registry = collection.registry
    assert registry
    alias = _usual([row.alias for row in rows])
    drawn = [row.alias.name for row in rows[: LANES - 1]] + [LATEST] if rows else []
    return {
        "lines": rows,
        "picture": lanes([(name, moves.get(name, [])) for name in drawn], timezone.now()),
        "most": ALIASES,
        "versions": list(versions.order_by("-number")[:NEWEST]),
        "use": code.use(collection, alias, request.user),
        "publish": code.publish(registry, collection, request.user),
        "missing": missing_for_download(request, collection),
    }


@require_safe
@in_collection
def versions(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show the versions that match, sorted as asked."""
    filters = Filters(VERSION_FILTERS, request.GET)
    sort = sorting(request, VERSION_ORDERS)
    rows = filters.narrow(collection.versions.committed().for_table(), collection)
    page = page_of(rows, sort.order, request)
    context = head(collection) | {
        "filters": filters,
        "clear": filters.off(request),
        "controls": filters.controls(request, offered_versions(request, page.rows)),
        "sort": sort,
        "page": page,
    }
    return render(request, "registries/versions.html", context)


def _usual(aliases: list[Alias]) -> str:
    """The alias that most people mean: a protected one, or the last that was moved."""
    usual = max(aliases, key=lambda a: (a.is_protected, a.updated_at), default=None)
    return usual.name if usual else LATEST


def _lines(collection: Collection, moves: Moves) -> list[Line]:
    """Read the aliases, and note the newest moves of each and of `latest`."""
    aliases = collection.aliases.by_hand().protected_first().select_related("version")
    shown = list(aliases[: ALIASES + 1])
    names = [alias.name for alias in shown]
    rows = collection.alias_moves.filter(name__in=[*names, LATEST])
    for move in rows.newest_of_each(STAYS).select_related("by__entity").order_by("id"):
        moves.setdefault(move.name, []).append(move)
    return [Line(alias, moves.get(alias.name, [])) for alias in shown]
