"""Writing the card of a collection, and the description of a version's content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import require
from registries.forms.content import TextForm
from registries.models import Artifact, Collection, Version
from registries.operations.collections import edit_card
from registries.operations.descriptions import edit_description, require_description
from registries.operations.seen import mark
from registries.permissions import Permission
from registries.views.lookups import in_collection, in_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.requests import SignedIn


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that somebody is about to write: what it is now, and what keeps it."""

    subject: Collection | Version
    noun: str
    read: Callable[[], str]
    keep: Callable[[str, str], Any]


@require_http_methods(["GET", "HEAD", "POST"])
@in_collection
def card(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show the card as it is written, with a preview; or save it."""
    require(request.actor, Permission.EDIT_CARD, collection)

    def read() -> str:
        return Collection.objects.values_list("description", flat=True).get(
            pk=collection.pk
        )

    def keep(text: str, seen: str) -> Collection:
        return edit_card(collection, text, seen=seen, by=request.actor)

    return _edit(request, Draft(collection, "card", read, keep))


@require_http_methods(["GET", "HEAD", "POST"])
@in_version
def description(request: SignedIn, version: Version) -> HttpResponse:
    """Show the description as it is written, with a preview; or save it."""
    require_description(version, by=request.actor)

    def read() -> str:
        return Artifact.objects.values_list("description", flat=True).get(
            pk=version.artifact_id
        )

    def keep(text: str, seen: str) -> Artifact:
        return edit_description(version, text, seen=seen, by=request.actor)

    return _edit(request, Draft(version, "description", read, keep))


@require_POST
@in_collection
def preview_card(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show how a card would look, to whoever may write it."""
    require(request.actor, Permission.EDIT_CARD, collection)
    return _preview(request)


@require_POST
@in_version
def preview_description(request: SignedIn, version: Version) -> HttpResponse:
    """Show how a description would look, to whoever may write it."""
    require_description(version, by=request.actor)
    return _preview(request)


def _preview(request: SignedIn) -> HttpResponse:
    context = {"preview": request.POST.get("text", "")}
    return render(request, "registries/edit_text.html#preview", context)


def _edit(request: SignedIn, draft: Draft) -> HttpResponse:
    """Save the text that was sent, or show the editor with it."""
    if request.method != "POST":
        present = draft.read()
        form = TextForm(initial={"text": present, "seen": mark(present)})
        return _editor(request, draft, form)
    form = TextForm(request.POST)
    if form.is_valid() and not form.cleaned_data["preview"]:
        text, seen = form.cleaned_data["text"], form.cleaned_data["seen"]
        if form.carries_out(lambda: draft.keep(text, seen)):
            messages.success(request, f"The {draft.noun} is saved.")
            return redirect(draft.subject)
    return _editor(request, draft, form)


def _editor(request: SignedIn, draft: Draft, form: TextForm) -> HttpResponse:
    """Render the editor; where somebody else was quicker, with both texts."""
    theirs = draft.read() if form.status == 409 else None
    context = {
        "subject": draft.subject,
        "registry": draft.subject.registry,
        "project": draft.subject.project,
        "noun": draft.noun,
        "form": form,
        "seen": form["seen"].value() if theirs is None else mark(theirs),
        "theirs": theirs,
        "preview": form["text"].value() or "",
    }
    return render(request, "registries/edit_text.html", context, status=form.status)
