"""Putting tags on collections and versions, and taking them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.actors import require
from registries.forms.content import TagForm, TagsForm
from registries.models import Collection, SearchTerm, Version
from registries.operations.aliases import edit_permission
from registries.operations.collections import add_tags, remove_tag
from registries.permissions import Permission
from registries.views.asking import ask, back, done
from registries.views.lookups import in_collection, in_version

if TYPE_CHECKING:
    from accounts.requests import SignedIn

KNOWN = 50
"""How many tags of the registry the dialog offers."""


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_collection
def add_to_collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """Ask for tags, or put them on a collection."""
    return _add(request, collection)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_version
def add_to_version(request: SignedIn, version: Version) -> HttpResponse:
    """Ask for tags, or put them on a version."""
    return _add(request, version)


@require_POST
@in_collection
def remove_from_collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """Take a tag off a collection."""
    return _remove(request, collection)


@require_POST
@in_version
def remove_from_version(request: SignedIn, version: Version) -> HttpResponse:
    """Take a tag off a version."""
    return _remove(request, version)


def _add(request: SignedIn, subject: Collection | Version) -> HttpResponse:
    require(request.actor, edit_permission(Permission.EDIT_TAGS, subject), subject)
    form = TagsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        names = form.names()
        if form.carries_out(lambda: add_tags(subject, names, by=request.actor)):
            there = back(request, subject.get_absolute_url())
            return done(request, there, f"{subject} is tagged with {', '.join(names)}.")
    return ask(request, "tags", subject, form=form, subject=subject, known=_known(subject))


def _remove(request: SignedIn, subject: Collection | Version) -> HttpResponse:
    form = TagForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Name the tag.")
    tag = form.cleaned_data["tag"]
    remove_tag(subject, tag, by=request.actor)
    there = back(request, subject.get_absolute_url())
    return done(request, there, f"{tag} is off {subject}.")


def _known(subject: Collection | Version) -> list[str]:
    """Some tags that others in the registry have."""
    registry = subject.registry
    if registry is None:
        return []
    terms = SearchTerm.objects.filter(
        organization=registry.organization_id, kind=SearchTerm.Kind.TAG, registry=registry
    )
    names = terms.order_by("key").values_list("name", flat=True)[: 10 * KNOWN]
    return list(dict.fromkeys(names))[:KNOWN]
