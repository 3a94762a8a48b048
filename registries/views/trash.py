"""Deleting a registry, and what is in the trash of an organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Conflict, may, require
from accounts.models import Organization
from registries.models import Registry
from registries.operations.registries import delete_registry, restore_registry
from registries.permissions import Permission
from registries.settings_forms import DeleteForm
from registries.views.lookups import in_organization, in_registry
from registries.views.settings import settings_page

if TYPE_CHECKING:
    from accounts.requests import SignedIn


@dataclass(frozen=True, slots=True)
class Trashed:
    """A registry in the trash, and how long it stays there."""

    registry: Registry
    days_left: int


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
    try:
        restored = restore_registry(registry, by=request.actor)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return _page(request, organization, status=409)
    messages.success(request, f"{restored} is back, with everything in it.")
    return redirect(restored)


def _page(
    request: SignedIn, organization: Organization, *, status: int = 200
) -> HttpResponse:
    now, kept = timezone.now(), timedelta(days=organization.trash_days)
    rows = [
        Trashed(registry, max(0, (registry.deleted_at + kept - now).days))
        for registry in _deleted(organization)
        if registry.deleted_at and may(request.actor, Permission.DELETE_REGISTRY, registry)
    ]
    context = {"organization": organization, "rows": rows}
    return render(request, "registries/trash.html", context, status=status)


def _deleted(organization: Organization) -> QuerySet[Registry]:
    deleted = organization.registries.exclude(deleted_at=None).order_by("-deleted_at", "pk")
    return deleted.select_related("organization__entity", "owner__user__entity")
