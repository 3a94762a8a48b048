"""Dialogs before a change, and the answer after it.

A dialog comes alone into the page that asked for it, or at its own address open over the
page that it belongs to, which works without script too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django_htmx.http import HttpResponseClientRedirect

from accounts.requests import current_path
from registries.forms.base import StrictForm
from registries.models import Collection, Registry, Run, Version
from registries.views.collections import collection_page
from registries.views.projects import source_page
from registries.views.registries import registry_page
from registries.views.runs import run_page
from registries.views.versions import version_page

if TYPE_CHECKING:
    from accounts.requests import SignedIn

PLACE = "asked"
"""The id of where dialogs come into a page."""
PAGES: dict[type, Callable[..., HttpResponse]] = {
    Registry: registry_page,
    Collection: lambda request, place, **more: (
        collection_page if place.registry else source_page
    )(request, place, **more),
    Run: run_page,
    Version: version_page,
}
"""What renders the page of a thing, with a dialog before it and a status."""


def ask(
    request: SignedIn,
    dialog: str,
    subject: Registry | Collection | Version | Run,
    /,
    *,
    form: StrictForm | None = None,
    **context: Any,
) -> HttpResponse:
    """Answer with a dialog of templates/dialogs, or with the page that it stands before."""
    context |= {"form": form, "address": request.path, "back": subject.get_absolute_url()}
    asked = render_to_string(f"dialogs/{dialog}.html", context, request)
    status = form.status if form else 200
    if request.htmx and request.htmx.target == PLACE:
        return HttpResponse(asked, status=status)
    return PAGES[type(subject)](request, subject, dialog=asked, status=status)


def done(
    request: SignedIn, address: str, said: str, *, tags: str = "", is_gone: bool = False
) -> HttpResponse:
    """Lead to a page and say there what was done.

    On the page that it was asked from, htmx swaps the main part; where that page is gone,
    the next one takes its place, so that the way back does not lead there.
    """
    messages.success(request, said, extra_tags=tags)
    if not request.htmx:
        return redirect(address)
    if not is_gone and current_path(request) != address:
        return HttpResponseClientRedirect(address)
    where = {"path": address, "target": "#main", "select": "#main", "swap": "outerHTML"}
    answer = HttpResponse()
    answer["HX-Location"] = json.dumps(where | {"push": "false", "replace": "true"})
    return answer


def back(request: SignedIn, address: str) -> str:
    """Return the page that a change was asked from, or the address where it was none."""
    there = current_path(request)
    return there if there and urlsplit(there).path != request.path else address
