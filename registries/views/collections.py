"""A collection: where its aliases are, what it is, its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registries.models import Alias, AliasMove, Collection
from registries.models.collection import LATEST
from registries.views import commands
from registries.views.commands import missing_for_download
from registries.views.lookups import in_collection
from registries.views.paging import NEWEST_VERSION, page_of

if TYPE_CHECKING:
    from accounts.requests import SignedIn

NEWEST = 6
"""How many versions the collection's own page shows."""
ALIASES = 20
MOVES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """An alias with its newest moves, oldest of them first."""

    alias: Alias
    moves: list[AliasMove]

    @property
    def last(self) -> AliasMove | None:
        """The move that brought it where it is."""
        return self.moves[-1] if self.moves else None

    @property
    def stops(self) -> list[int | None]:
        """The versions it was on, None where it was taken off; the last is the present."""
        been = [move.to_number for move in self.moves[:-1]]
        if self.moves and self.moves[0].from_number is not None:
            been.insert(0, self.moves[0].from_number)
        return [*been, self.alias.version.number]


@require_safe
@in_collection
def collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show the aliases, the card and the newest versions."""
    versions = collection.versions.committed().for_table()
    lines = _lines(collection)
    alias = _usual([line.alias for line in lines])
    context = {
        "collection": collection,
        "registry": collection.registry,
        "tags": collection.tags.all(),
        "lines": lines,
        "most": ALIASES,
        "versions": list(versions.order_by("-number")[:NEWEST]),
        "use_title": alias,
        "fetch_command": commands.fetch(f"{collection.full_name}:{alias}", request.user),
        "missing": missing_for_download(request, collection),
    }
    return render(request, "registries/collection.html", context)


@require_safe
@in_collection
def versions(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show all versions, newest first."""
    versions = collection.versions.committed().for_table()
    context = {
        "collection": collection,
        "registry": collection.registry,
        "tags": collection.tags.all(),
        "page": page_of(versions, NEWEST_VERSION, request),
    }
    return render(request, "registries/versions.html", context)


def _usual(aliases: list[Alias]) -> str:
    """The alias that most people mean: a protected one, or the last that was moved."""
    usual = max(aliases, key=lambda a: (a.is_protected, a.updated_at), default=None)
    return usual.name if usual else LATEST


def _lines(collection: Collection) -> list[Line]:
    aliases = collection.aliases.by_hand().protected_first().select_related("version")
    shown = list(aliases[: ALIASES + 1])
    moves: dict[str, list[AliasMove]] = {}
    rows = collection.alias_moves.filter(name__in=[alias.name for alias in shown])
    for move in rows.newest_of_each(MOVES).select_related("by__entity").order_by("id"):
        moves.setdefault(move.name, []).append(move)
    return [Line(alias, moves.get(alias.name, [])) for alias in shown]
