"""Deleting a registry; what is in the trash of an organization, and taking it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Conflict, may, require
from accounts.models import Organization
from accounts.permissions import TeamPermission
from registries.forms.registries import DeleteForm
from registries.models import Collection, Registry
from registries.models.ordering import by_bytes, by_letters, by_shown_name
from registries.operations.collections import restore_collection
from registries.operations.registries import delete_registry, restore_registry
from registries.permissions import Permission
from registries.views.lookups import in_organization, in_registry
from registries.views.paging import Order, Page, moment, page_of, text
from registries.views.settings import settings_page
from registries.views.sorting import sorting

if TYPE_CHECKING:
    from accounts.requests import SignedIn


@dataclass(frozen=True, slots=True)
class Trashed:
    """A registry or collection in the trash, and how long it stays there."""

    row: Registry | Collection
    days_left: int


LAST = Order({"deleted_at": moment, "id": int}, descending=True)
# The later something was deleted, the more days are left.
ORDERS = {
    "deleted": LAST,
    "left": LAST,
    "name": Order({"sort_name": text, "id": int}),
    "versions": Order({"version_count": int, "id": int}, descending=True),
}
COLLECTION_ORDERS = ORDERS | {"type": Order({"sort_type": text, "id": int})}
REGISTRY_ORDERS = ORDERS | {"owner": Order({"sort_owner": text, "id": int})}


@require_http_methods(["GET", "HEAD", "POST"])
@in_registry
def delete(request: SignedIn, registry: Registry) -> HttpResponse:
    """Ask for the name; who types it puts the registry into the trash."""
    form = DeleteForm(registry, request.POST if request.method == "POST" else None)
    if form.is_valid():
        delete_registry(registry, by=request.actor)
        days = registry.organization.trash_days
        said = f"{registry} is in the trash, and can be restored for {days} days."
        messages.success(request, said)
        return redirect("registries:trash", registry.organization.name)
    if not registry.is_core or request.method != "POST":
        require(request.actor, Permission.DELETE_REGISTRY, registry)
    return settings_page(request, registry, status=form.status, delete_form=form)


@require_safe
@in_organization
def trash(request: SignedIn, organization: Organization) -> HttpResponse:
    """List what the person could restore."""
    return _page(request, organization)


@require_POST
@in_organization
def restore(request: SignedIn, organization: Organization, pk: int) -> HttpResponse:
    """Take a registry out of the trash; others' registries are not there."""
    registry = get_object_or_404(_deleted(organization), pk=pk)
    if not may(request.actor, Permission.DELETE_REGISTRY, registry):
        raise Http404
    return _restored(
        request, organization, lambda: restore_registry(registry, by=request.actor)
    )


@require_POST
@in_organization
def restore_one(request: SignedIn, organization: Organization, pk: int) -> HttpResponse:
    """Take a collection out of the trash; others' collections are not there."""
    linked = _deleted_collections(request, organization).filter(pk=pk).first()
    sources = _deleted_sources(request, organization)
    found = linked or get_object_or_404(sources, pk=pk)
    return _restored(
        request, organization, lambda: restore_collection(found, by=request.actor)
    )


def _restored(
    request: SignedIn,
    organization: Organization,
    operation: Callable[[], Registry | Collection],
) -> HttpResponse:
    """Lead to what is back, or say in the trash why it is not."""
    try:
        restored = operation()
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return _page(request, organization, status=409)
    messages.success(request, f"{restored} is back, with everything in it.")
    return redirect(restored)


def _page(
    request: SignedIn, organization: Organization, *, status: int = 200
) -> HttpResponse:
    registries = sorting(request, REGISTRY_ORDERS, by="registries")
    sort = sorting(request, COLLECTION_ORDERS)
    rows = _places(_deleted_collections(request, organization), sort.order)
    page = page_of(rows, sort.order, request)
    logged = _deleted_sources(request, organization)
    sources = page_of(logged, LAST, request, prefix="sources_")
    context = {
        "organization": organization,
        "registries": [
            _trashed(registry)
            for registry in registries.order.sort(_deleted(organization))
            if may(request.actor, Permission.DELETE_REGISTRY, registry)
        ],
        "sort_registries": registries,
        "collections": [_trashed(row) for row in _whole(page)],
        "sort": sort,
        "page": page,
        "sources": [_trashed(row) for row in sources.rows],
        "sources_page": sources,
    }
    return render(request, "registries/trash.html", context, status=status)


def _places(rows: QuerySet[Collection], order: Order) -> QuerySet[Collection]:
    """Only what the order asks for: of most, an index tells which are on the page."""
    made = {"sort_name": by_bytes("key"), "sort_type": by_letters("type")}
    stored = order.columns.keys() - made.keys()
    asked = {name: made[name] for name in made.keys() & order.columns.keys()}
    return rows.only(*stored).annotate(**asked)


def _whole(page: Page[Collection]) -> list[Collection]:
    """The rows themselves, which are read of one page alone."""
    found = Collection.objects.select_related("registry__organization__entity").defer(
        "description"
    )
    whole = found.in_bulk([row.pk for row in page.rows])
    return [whole[row.pk] for row in page.rows if row.pk in whole]


def _trashed(row: Registry | Collection) -> Trashed:
    home = row if isinstance(row, Registry) else row.home
    left = row.deleted_at and row.deleted_at + timedelta(days=home.trash_days)
    # A day that has begun counts: what was just deleted has all of them.
    days = -((timezone.now() - left) // timedelta(days=1)) if left else 0
    return Trashed(row, max(0, days))


def _deleted(organization: Organization) -> QuerySet[Registry]:
    deleted = organization.registries.exclude(deleted_at=None).annotate(
        sort_name=by_letters("name"),
        sort_owner=by_shown_name("owner__user__full_name", "owner__user__entity__name"),
    )
    return deleted.select_related("organization__entity", "owner__user__entity")


def _deleted_collections(
    request: SignedIn, organization: Organization
) -> QuerySet[Collection]:
    """Those that the person may restore, in the live registries that they see."""
    seen = Registry.objects.visible_to(request.user).filter(organization=organization)
    seen = seen.defer("description")
    registries = [
        registry
        for registry in seen
        if may(request.actor, Permission.DELETE_COLLECTION, registry)
    ]
    # `NOT … IS NULL`, as `exclude` writes it, would hide the index of these from SQLite.
    return Collection.objects.filter(registry__in=registries, deleted_at__isnull=False)


def _deleted_sources(request: SignedIn, organization: Organization) -> QuerySet[Collection]:
    """Those that the person may restore, in projects of its teams and in their own."""
    teams = [
        team
        for team in organization.teams.select_related("entity")
        if may(request.actor, TeamPermission.DELETE, team)
    ]
    places = Q(project__entity__team__in=teams) | Q(project__entity=request.user.entity_id)
    found = Collection.objects.filter(places, project__deleted_at=None)
    deleted = found.filter(deleted_at__isnull=False).defer("description")
    return deleted.select_related("project__entity__team__organization")
