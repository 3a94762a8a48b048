"""An organization's own settings, and the registries that its Admins do not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actors import require
from accounts.models import Organization
from accounts.operations.organizations import change_organization_settings
from accounts.permissions import OrganizationPermission, Role
from registries.forms.organizations import OrganizationForm
from registries.models import Registry, RegistryMember
from registries.models.ordering import by_letters, by_shown_name
from registries.models.registry import RegistryQuerySet
from registries.operations.registries import take_access
from registries.views.lookups import in_organization
from registries.views.paging import Order, page_of, text
from registries.views.sorting import sorting

if TYPE_CHECKING:
    from accounts.requests import SignedIn

ORDERS = {
    "name": Order({"sort_name": text, "id": int}),
    "owner": Order({"sort_owner": text, "sort_name": text, "id": int}),
    "size": Order({"logical_bytes": int, "id": int}, descending=True),
}


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def settings(request: SignedIn, organization: Organization) -> HttpResponse:
    """Show the settings, or change them."""
    require(request.actor, OrganizationPermission.CHANGE_SETTINGS, organization)
    form = OrganizationForm(request.POST or None, initial=_present(organization))
    if form.is_valid():
        values = form.cleaned_data
        changed = form.carries_out(
            lambda: change_organization_settings(organization, **values, by=request.actor)
        )
        if changed:
            messages.success(request, "Settings saved.")
            return redirect("registries:organization:settings", organization.name)
    context = _context(request, organization) | {"form": form}
    return render(request, "organization/settings.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def take(request: SignedIn, organization: Organization, pk: int) -> HttpResponse:
    """Ask before taking access to a restricted registry; a POST takes it."""
    require(request.actor, OrganizationPermission.TAKE_ACCESS, organization)
    registry = get_object_or_404(_restricted(organization), pk=pk)
    if request.method == "POST":
        take_access(registry, by=request.actor)
        done = f"You are Admin of {registry} now. Its Admins are told by mail."
        messages.success(request, done)
        return redirect(registry)
    form = OrganizationForm(initial=_present(organization))
    context = _context(request, organization) | {"form": form, "wanted": registry}
    return render(request, "organization/take_access.html", context)


def _present(organization: Organization) -> dict[str, Any]:
    return {field: getattr(organization, field) for field in OrganizationForm.base_fields}


def _restricted(organization: Organization) -> RegistryQuerySet:
    restricted: RegistryQuerySet = organization.registries.live().filter(
        visibility=Registry.Visibility.RESTRICTED
    )
    return restricted.select_related("organization__entity", "owner__user__entity")


def _context(request: SignedIn, organization: Organization) -> dict[str, Any]:
    """Return the restricted registries by name, owner and size, and no more of them."""
    rows = _restricted(organization).annotate(
        sort_name=by_letters("name"),
        sort_owner=by_shown_name("owner__user__full_name", "owner__user__entity__name"),
    )
    sort = sorting(request, ORDERS)
    page = page_of(rows, sort.order, request)
    given = RegistryMember.objects.in_force().filter(
        membership__user=request.user, role=Role.ADMIN
    )
    mine = Registry.objects.filter(
        Q(owner__user=request.user) | Q(pk__in=given.values("registry")),
        pk__in=[row.pk for row in page.rows],
    )
    return {
        "organization": organization,
        "sort": sort,
        "page": page,
        "mine": set(mine.values_list("pk", flat=True)),
    }
