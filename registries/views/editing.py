"""Changing the name and type of a collection, and deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.actors import require
from registries.forms.content import CollectionForm
from registries.models import Collection
from registries.operations.collections import delete_collection, edit_collection
from registries.permissions import Permission
from registries.views.asking import ask, done
from registries.views.collections import ALIASES, held
from registries.views.lookups import in_collection

if TYPE_CHECKING:
    from accounts.requests import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_collection
def edit(request: SignedIn, collection: Collection) -> HttpResponse:
    """Ask for name and type, or change them."""
    require(request.actor, Permission.EDIT_CARD, collection)
    form = CollectionForm(collection, request.POST if request.method == "POST" else None)
    if form.is_valid():
        edited = form.carries_out(
            lambda: edit_collection(collection, **form.values(), by=request.actor)
        )
        if edited:
            said = f"The name is {edited}, the type {edited.type}."
            return done(request, edited.get_absolute_url(), said, is_gone=True)
    return ask(request, "edit_collection", collection, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_collection
def delete(request: SignedIn, collection: Collection) -> HttpResponse:
    """Say what goes with a collection, or put it into the trash."""
    if request.method != "POST":
        require(request.actor, Permission.DELETE_COLLECTION, collection)
        return ask(request, "delete_collection", collection, **_what_goes(collection))
    delete_collection(collection, by=request.actor)
    registry = collection.registry
    assert registry
    days = registry.organization.trash_days
    said = f"{collection} is in the trash, and can be restored for {days} days."
    return done(request, registry.get_absolute_url(), said, is_gone=True)


def _what_goes(collection: Collection) -> dict[str, Any]:
    aliases = collection.aliases.by_hand().protected_first().select_related("version")
    return {
        "collection": collection,
        "registry": collection.registry,
        "held": held(collection),
        "aliases": list(aliases[: ALIASES + 1]),
        "most": ALIASES,
    }
