"""Aliases: putting them on a version, taking them off, undoing; where they have been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.actors import may, require
from accounts.text import is_askable
from registries.forms.content import MoveForm, RemoveAliasForm, SetAliasForm
from registries.models import Alias, AliasMove, Collection, Version
from registries.models.collection import LATEST
from registries.operations.aliases import (
    edit_permission,
    remove_alias,
    set_alias,
    undo_move,
)
from registries.permissions import Permission
from registries.views.asking import ask, back, done
from registries.views.collections import head
from registries.views.lookups import in_collection, in_version
from registries.views.paging import Order, page_of, words

if TYPE_CHECKING:
    from accounts.requests import SignedIn

KNOWN = 50
"""How many aliases of the collection the dialog offers."""
NEWEST = Order({"id": int}, descending=True)
UNDO = "undo"
"""What marks a message as one about a move, before the move's id."""


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_version
def add(request: SignedIn, version: Version) -> HttpResponse:
    """Ask for an alias and say from where it would move; or put it on the version."""
    require(request.actor, edit_permission(Permission.EDIT_ALIASES, version), version)
    if request.method == "POST":
        return _add(request, version)
    form = SetAliasForm(initial={"alias": words(request, "alias")})
    if request.htmx and request.htmx.target == "from":
        context = _where(version, form["alias"].value())
        return render(request, "dialogs/add_alias.html#from", context)
    return _ask(request, version, form)


def _add(request: SignedIn, version: Version) -> HttpResponse:
    form = SetAliasForm(request.POST)
    if form.is_valid():
        before = _last(version.collection, form.cleaned_data["alias"])
        put = form.carries_out(
            lambda: set_alias(version, **form.values(), by=request.actor) or LATEST
        )
        if put:
            return _put(request, version, str(put), before)
    return _ask(request, version, form)


def _ask(request: SignedIn, version: Version, form: SetAliasForm) -> HttpResponse:
    context = _where(version, form["alias"].value() or "")
    context |= {"known": _known(request, version)}
    return ask(request, "add_alias", version, form=form, **context)


def _put(
    request: SignedIn, version: Version, name: str, before: AliasMove | None
) -> HttpResponse:
    """Say what the alias has done, and offer to undo it."""
    there = back(request, version.get_absolute_url())
    last = _last(version.collection, name)
    if name == LATEST:
        return done(request, there, "latest follows the newest version by itself.")
    if last is None or last == before:
        return done(request, there, f"{name} is on v{version.number} already.")
    if last.from_number is None:
        said = f"{name} is on v{last.to_number} now."
    else:
        said = f"{name} moved from v{last.from_number} to v{last.to_number}."
    return done(request, there, said, tags=f"{UNDO} {last.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_version
def remove(request: SignedIn, version: Version) -> HttpResponse:
    """Ask before an alias is taken off the version; a POST does it."""
    if request.method == "POST":
        form = RemoveAliasForm(request.POST)
    else:
        at = f"v{version.number}"
        form = RemoveAliasForm(initial={"alias": words(request, "alias"), "instead_of": at})
    if form.is_valid():
        name, collection = form.cleaned_data["alias"], version.collection
        if form.carries_out(lambda: _remove(request, collection, form)):
            said, last = f"{name} is off v{version.number}.", _last(collection, name)
            there = back(request, version.get_absolute_url())
            return done(request, there, said, tags=f"{UNDO} {last.pk}" if last else "")
    return _ask_to_remove(request, version, form)


def _remove(request: SignedIn, collection: Collection, form: RemoveAliasForm) -> bool:
    remove_alias(collection, **form.values(), by=request.actor)
    return True


def _ask_to_remove(
    request: SignedIn, version: Version, form: RemoveAliasForm
) -> HttpResponse:
    context = _where(version, form["alias"].value() or "")
    permission = edit_permission(Permission.EDIT_ALIASES, version)
    if context["is_protected"]:
        permission = Permission.PROTECT_ALIAS
    require(request.actor, permission, version)
    is_here = context["there"] == version or request.method == "POST"
    if context["there"] is None or context["is_latest"] or not is_here:
        raise Http404
    return ask(request, "remove_alias", version, form=form, **context)


@require_POST
@in_collection
def undo(request: SignedIn, collection: Collection) -> HttpResponse:
    """Put an alias back to where it was before its last move."""
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Name the move.")
    move = get_object_or_404(collection.alias_moves, pk=form.cleaned_data["move"])
    undo_move(move, by=request.actor)
    there = back(request, collection.get_absolute_url())
    if move.from_number is None:
        return done(request, there, f"{move.name} is off v{move.to_number} again.")
    return done(request, there, f"{move.name} is back on v{move.from_number}.")


@require_safe
@in_collection
def history(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show every move of every alias, or of one, the newest first."""
    name = words(request, "alias")
    moves = collection.alias_moves.select_related("by__entity")
    if name:
        moves = moves.filter(name=name)
    context = head(collection) | {"alias": name, "page": page_of(moves, NEWEST, request)}
    return render(request, "registries/aliases.html", context)


def _last(collection: Collection, name: str) -> AliasMove | None:
    """The newest move of an alias."""
    if not is_askable(name):
        return None
    return collection.alias_moves.filter(name=name).order_by("-pk").first()


def _where(version: Version, name: str) -> dict[str, Any]:
    """Return where an alias is now, and whether the person moves it."""
    name = name if is_askable(name) else ""
    held = Alias.objects.filter(collection=version.collection, name=name)
    there = held.select_related("version").first()
    registry = version.registry
    is_protected = bool(registry and registry.protected_aliases.filter(name=name).exists())
    return {
        "version": version,
        "name": name,
        "there": there.version if there else None,
        "is_latest": name == LATEST,
        "is_protected": is_protected,
    }


def _known(request: SignedIn, version: Version) -> list[tuple[str, str]]:
    """Some aliases of the collection that the person moves, with where each is."""
    others = version.collection.aliases.by_hand().exclude(version=version)
    rows = others.protected_first().select_related("version")[:KNOWN]
    is_admin = may(request.actor, Permission.PROTECT_ALIAS, version)
    known = {
        alias.name: f"on v{alias.version.number}"
        for alias in rows
        if is_admin or not alias.is_protected
    }
    if is_admin and version.registry:
        names = version.registry.protected_aliases.values_list("name", flat=True)
        known = dict.fromkeys(names[:KNOWN], "protected") | known
    return list(known.items())
