"""Two versions of a collection beside each other: what differs, and by how much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from registries import differences
from registries.forms.bulk import CompareForm
from registries.models import Alias, Artifact, Collection, Version
from registries.models.collection import SHOWN
from registries.models.ordering import by_bytes
from registries.views.changes import changes
from registries.views.lookups import in_collection
from registries.views.paging import page_of
from registries.views.versions import BY_PATH

if TYPE_CHECKING:
    from accounts.requests import SignedIn

FILES = 200
VALUES = 200
"""How many files and metadata values are shown at once."""
CHOICES = 50
"""How many versions, the newest, can be chosen instead."""


@require_safe
@vary_on_headers("HX-Request")
@in_collection
def choose(request: SignedIn, collection: Collection) -> HttpResponse:
    """Lead to the comparison of two versions, or back to where two are selected."""
    form = CompareForm(request.GET)
    if not form.is_valid():
        raise BadRequest("These are no two versions.")
    numbers = _chosen(collection, form)
    if len(numbers) == 2:
        before, after = numbers
        address = f"{collection.get_absolute_url()}compare/{before}..{after}/"
    else:
        messages.warning(request, "Select two versions to compare.")
        address = f"{collection.get_absolute_url()}versions/"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _chosen(collection: Collection, form: CompareForm) -> list[int]:
    """The numbers that were given, or those of what was picked, older first."""
    before, after = form.cleaned_data["before"], form.cleaned_data["after"]
    if before is not None and after is not None:
        return [before, after]
    picked = collection.versions.committed().filter(pk__in=form.cleaned_data["pick"])
    return list(picked.order_by("number").values_list("number", flat=True)[:3])


@require_safe
@in_collection
def compare(
    request: SignedIn, collection: Collection, before: int, after: int
) -> HttpResponse:
    """Show what differs between two versions."""
    old, new = _version(collection, before), _version(collection, after)
    context = {
        "collection": collection,
        "registry": collection.registry,
        "before": old,
        "after": new,
        "sides": [("before", old), ("after", new)],
        "swapped": reverse("registries:compare", kwargs=_swapped(request)),
        "choices": _choices(collection, {before, after}),
        "days": abs(new.created_at - old.created_at).days,
        **_metadata(old.artifact, new.artifact),
        **_files(request, old.artifact, new.artifact),
    }
    return render(request, "registries/compare.html", context)


def _version(collection: Collection, number: int) -> Version:
    aliases = Alias.objects.protected_first()[: SHOWN + 1]
    versions = collection.versions.committed().select_related("artifact", "created_by")
    found = (
        versions.defer("artifact__description")
        .prefetch_related(Prefetch("aliases", aliases, to_attr="shown_aliases"))
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _swapped(request: SignedIn) -> dict[str, Any]:
    """What stands in the address, the other way round."""
    assert request.resolver_match
    names = request.resolver_match.kwargs
    return names | {"before": names["after"], "after": names["before"]}


def _choices(collection: Collection, chosen: set[int]) -> list[int]:
    """The numbers of the newest versions and of those chosen, newest first."""
    numbers = collection.versions.committed().order_by("-number")
    newest = numbers.values_list("number", flat=True)[:CHOICES]
    return sorted(chosen.union(newest), reverse=True)


def _metadata(before: Artifact, after: Artifact) -> dict[str, Any]:
    """Return the values that differ, and those that are equal, as many as are shown."""
    rows = changes(before.metadata, after.metadata)
    different = [row for row in rows if row.kind != "equal"]
    equal = [row for row in rows if row.kind == "equal"]
    return {
        "keys": {"total": len(rows), "different": len(different), "equal": len(equal)},
        "different_values": different[:VALUES],
        "equal_values": equal[:VALUES],
        "most": VALUES,
    }


def _files(request: SignedIn, before: Artifact, after: Artifact) -> dict[str, Any]:
    """Count the files that differ, and return a page of them."""
    growth = after.size - before.size
    context = {"growth": abs(growth), "sign": "+" if growth > 0 else "\N{MINUS SIGN}"}
    if before.file_count + after.file_count > differences.MOST_FILES:
        return context | {"are_too_many": True, "most_files": differences.MOST_FILES}
    entries = differences.different_entries(before, after).select_related("blob")
    page = page_of(
        entries.annotate(sort_path=by_bytes("path")), BY_PATH, request, size=FILES
    )
    return context | {
        "files": differences.count_files(before, after),
        "page": replace(page, previous=_at_files(page.previous), next=_at_files(page.next)),
        "different_files": differences.with_former(page.rows, before, after),
    }


def _at_files(address: str) -> str:
    """Lead to where the files begin, not to what stands before them."""
    return address and f"{address}#files"
