"""What happened in a registry, or in one of its collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Event
from registries.events import told
from registries.models import Collection, Registry
from registries.views.lookups import in_collection, in_registry
from registries.views.paging import NEWEST_EVENT, page_of, wants_part

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.requests import SignedIn

SIZE = 50
SUBJECTS = {
    "version": "Versions",
    "alias": "Aliases",
    "collection": "Collections",
    "registry": "Registry",
    "registry_member": "Members and roles",
}
"""What events can be about, by the first word of their kind."""
IN_COLLECTION = ("version", "alias", "collection")


@require_safe
@vary_on_headers("HX-Request")
@in_registry
def of_registry(request: SignedIn, registry: Registry) -> HttpResponse:
    """List what happened in a registry, the newest first."""
    events = told(Registry.objects.filter(pk=registry.pk)).filter(registry_id=registry.pk)
    context = {"registry": registry, "subjects": SUBJECTS}
    return _listed(request, events, context, "registries/registry_activity.html")


@require_safe
@vary_on_headers("HX-Request")
@in_collection
def of_collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """List what happened in a collection, the newest first."""
    events = told(Registry.objects.filter(collections=collection))
    context = {
        "registry": collection.registry,
        "collection": collection,
        "tags": collection.tags.all(),
        "subjects": {name: SUBJECTS[name] for name in IN_COLLECTION},
    }
    events = events.filter(collection_id=collection.pk)
    return _listed(request, events, context, "registries/collection_activity.html")


def _listed(
    request: SignedIn, events: QuerySet[Event], context: dict[str, Any], template: str
) -> HttpResponse:
    subject = request.GET.get("about", "")
    if subject in context["subjects"]:
        events = events.filter(kind__startswith=f"{subject}.")
    context |= {"about": subject, "page": page_of(events, NEWEST_EVENT, request, size=SIZE)}
    if wants_part(request):
        template = "components/activity.html#events"
    return render(request, template, context)
