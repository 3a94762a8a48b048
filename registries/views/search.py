"""Searching an organization: while somebody types, and as a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Organization
from registries.models import Alias, SearchTerm
from registries.search import Question
from registries.views.lookups import in_organization
from registries.views.paging import Order, page_of, text, wants_part, words

if TYPE_CHECKING:
    from accounts.requests import SignedIn

Kind = SearchTerm.Kind
HEADINGS = {
    Kind.REGISTRY: "Registries",
    Kind.COLLECTION: "Collections",
    Kind.ALIAS: "Aliases",
    Kind.TAG: "Tags",
}
AT_ONCE, TYPED = 10, 5
"""How many hits of each kind a page shows, and the list while somebody types."""
BY_KEY = Order({"key": text, "id": int})


@dataclass(frozen=True, slots=True)
class Section:
    """The hits of one kind, and the address of more of them."""

    kind: str
    title: str
    rows: Sequence[SearchTerm]
    next: str = ""
    previous: str = ""


@require_safe
@vary_on_headers("HX-Request")
@in_organization
def search(request: SignedIn, organization: Organization) -> HttpResponse:
    """Show what answers the question; without one, how to ask."""
    asked, kind = words(request, "q"), request.GET.get("kind", "")
    is_typing = wants_part(request) and request.htmx.target == "found"
    hits = _hits(request, organization, Question.of(asked))
    if kind in HEADINGS:
        sections = [_whole(request, Kind(kind), hits)]
    else:
        sections = list(_beginnings(request, hits, TYPED if is_typing else AT_ONCE))
    context = {"question": asked, "kind": kind, "sections": sections}
    template = "components/found.html" if is_typing else "registries/search.html"
    return render(request, template, {"organization": organization, **context})


def _hits(
    request: SignedIn, organization: Organization, question: Question
) -> Callable[[Kind], QuerySet[SearchTerm]]:
    """Return what finds the hits of a kind, with what their rows show."""
    answers = question.among(organization, request.user)

    def of(kind: Kind) -> QuerySet[SearchTerm]:
        found = answers.of(kind)
        on = Alias.objects.filter(collection=OuterRef("collection"), name=OuterRef("name"))
        return found.select_related(
            "collection", "registry__organization__entity"
        ).annotate(number=Subquery(on.values("version__number")[:1]))

    return of


def _whole(
    request: SignedIn, kind: Kind, hits: Callable[[Kind], QuerySet[SearchTerm]]
) -> Section:
    page = page_of(hits(kind), BY_KEY, request)
    return Section(kind, HEADINGS[kind], _once(page.rows), page.next, page.previous)


def _beginnings(
    request: SignedIn, hits: Callable[[Kind], QuerySet[SearchTerm]], limit: int
) -> Iterator[Section]:
    """The first hits of each kind that has any."""
    for kind, title in HEADINGS.items():
        rows = list(BY_KEY.sort(hits(kind))[: limit + 1])
        if rows:
            query = urlencode({"q": words(request, "q"), "kind": kind})
            more = f"?{query}" if len(rows) > limit else ""
            yield Section(kind, title, _once(rows[:limit]), next=more)


def _once(rows: Sequence[SearchTerm]) -> list[SearchTerm]:
    """Leave out what came before by another of its words."""
    for row in rows:
        if row.collection is not None:
            row.collection.registry = row.registry
    seen = {(row.registry_id, row.collection_id, row.name): row for row in reversed(rows)}
    return list(reversed(seen.values()))
