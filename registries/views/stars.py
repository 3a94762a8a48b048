"""Starring a registry or collection, and taking the star off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from registries.models import Collection, Registry
from registries.operations.stars import star, unstar
from registries.views.lookups import in_collection, in_registry

if TYPE_CHECKING:
    from accounts.requests import SignedIn


@require_POST
@vary_on_headers("HX-Request")
@in_registry
def star_registry(request: SignedIn, registry: Registry) -> HttpResponse:
    """Star a registry."""
    star(registry, by=request.actor)
    return _changed(request, registry, is_starred=True)


@require_POST
@vary_on_headers("HX-Request")
@in_registry
def unstar_registry(request: SignedIn, registry: Registry) -> HttpResponse:
    """Take the star off a registry."""
    unstar(registry, by=request.actor)
    return _changed(request, registry, is_starred=False)


@require_POST
@vary_on_headers("HX-Request")
@in_collection
def star_collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """Star a collection."""
    star(collection, by=request.actor)
    return _changed(request, collection, is_starred=True)


@require_POST
@vary_on_headers("HX-Request")
@in_collection
def unstar_collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """Take the star off a collection."""
    unstar(collection, by=request.actor)
    return _changed(request, collection, is_starred=False)


def _changed(
    request: SignedIn, place: Registry | Collection, *, is_starred: bool
) -> HttpResponse:
    """Answer with the button and the list of stars; without script lead to the place."""
    if request.htmx:
        place.is_starred = is_starred
        return render(request, "components/star_changed.html", {"place": place})
    messages.success(
        request, f"{place} is {'starred' if is_starred else 'not starred any more'}."
    )
    return redirect(place)
