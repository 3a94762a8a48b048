"""Changing the name and type of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.actors import require
from registries.forms.content import CollectionForm
from registries.models import Collection
from registries.operations.collections import edit_collection
from registries.permissions import Permission
from registries.views.asking import ask, done
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
