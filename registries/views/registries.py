"""A registry with its collections; and making a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts import sdk
from accounts.actors import require
from accounts.models import Organization
from accounts.permissions import OrganizationPermission
from registries.backends import explain
from registries.forms.registries import CreateRegistryForm
from registries.models import Collection, Registry
from registries.operations.registries import create_registry
from registries.views import code
from registries.views.filters import COLLECTION_FILTERS, Filters
from registries.views.lookups import in_organization, in_registry
from registries.views.paging import page_of, wants_part
from registries.views.printed import selected
from registries.views.sorting import COLLECTION_ORDERS, sorting
from registries.views.uploading import lines, uploading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.requests import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def create(request: SignedIn, organization: Organization) -> HttpResponse:
    """Ask for a new registry, or make it."""
    require(request.actor, OrganizationPermission.CREATE_REGISTRY, organization)
    form = CreateRegistryForm(organization, request.POST or None)
    if form.is_valid():
        made = form.carries_out(
            lambda: create_registry(organization, **form.values(), by=request.actor)
        )
        if made:
            return redirect(made)
    context = {"organization": organization, "form": form}
    return render(request, "registries/create.html", context, status=form.status)


@require_safe
@vary_on_headers("HX-Request")
@in_registry
def registry(request: SignedIn, registry: Registry) -> HttpResponse:
    """Show the collections of a registry, last updated first."""
    if "selectionPath" in request.GET:
        return selected(request, registry)
    if request.htmx.target == "waiting":
        return _first_version(registry)
    if request.htmx.target == "uploading":
        return lines(request, registry)
    if wants_part(request):
        context = _collections(request, registry) | {"part": True}
        return render(request, "registries/registry.html#collections", context)
    return registry_page(request, registry)


def registry_page(
    request: SignedIn, registry: Registry, *, dialog: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, with a dialog before it or without."""
    context = _collections(request, registry)
    first = next(iter(context["page"].rows), None)
    context |= _use(request, registry, first) | uploading(registry) | {"dialog": dialog}
    return render(request, "registries/registry.html", context, status=status)


def _collections(request: SignedIn, registry: Registry) -> dict[str, Any]:
    """Return a page of the collections that match, sorted as asked."""
    filters = Filters(COLLECTION_FILTERS, request.GET)
    sort = sorting(request, COLLECTION_ORDERS)
    rows = filters.narrow(registry.collections.live().for_table(), registry)
    page = page_of(rows, sort.order, request)
    return {
        "registry": registry,
        "filters": filters,
        "clear": filters.off(request),
        "controls": filters.controls(request, _offered(request, registry, page.rows)),
        "sort": sort,
        "page": page,
    }


def _offered(
    request: SignedIn, registry: Registry, rows: Sequence[Any]
) -> dict[str, list[str]]:
    """Return what filters offer: accepted types, and what is on this page."""
    prefetch_related_objects([registry], "accepted_types")
    types = [each.name for each in registry.accepted_types.all()]
    aliases = [alias for row in rows for alias in row.shown_aliases]
    aliases.sort(key=lambda alias: (not alias.is_protected, alias.name))
    makers = [row.created_by.username for row in rows if row.created_by]
    return {
        "type": types or [row.type for row in rows],
        "tag": sorted(tag.name for row in rows for tag in row.shown_tags),
        "alias": [alias.name for alias in aliases],
        "by": [request.user.username, *sorted(makers)],
    }


def _use(
    request: SignedIn, registry: Registry, collection: Collection | None
) -> dict[str, object]:
    """Return how the person stands here, and what publishes into a collection."""
    return {
        "standing": explain(registry, request.user),
        "login": sdk.login(),
        "publish": code.publish(registry, collection, request.user),
    }


def _first_version(registry: Registry) -> HttpResponse:
    """Answer the empty page, which asks whether a version has come."""
    if registry.collection_count:
        return HttpResponseClientRefresh()
    return HttpResponse(status=204)
