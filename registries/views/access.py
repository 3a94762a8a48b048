"""Asking for a role in a registry, and answering those who ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.actors import require
from accounts.permissions import Role
from registries.forms.base import StrictForm
from registries.forms.members import AcceptForm, DeclineForm
from registries.models import AccessRequest, Registry
from registries.operations.access import accept_request, decline_request, request_access
from registries.permissions import Permission
from registries.views.lookups import in_registry
from registries.views.refusals import grantors
from registries.views.requests import asking
from registries.views.settings import settings_page

if TYPE_CHECKING:
    from accounts.requests import SignedIn

SECTION = "requests"
"""The tag of messages that stand in the section of requests."""


@require_http_methods(["GET", "HEAD", "POST"])
@in_registry
def ask(request: SignedIn, registry: Registry) -> HttpResponse:
    """Show the form to ask for a role, or ask the registry's Admins for it."""
    context = asking(registry, request.user, request.POST or None)
    form = context.get("request_form")
    if form is not None and form.is_valid():
        asked = form.carries_out(
            lambda: request_access(registry, **form.cleaned_data, by=request.actor)
        )
        if asked:
            role = asked.get_role_display()
            messages.success(request, f"You asked for the role {role}. The Admins know.")
            return redirect(registry)
    context |= {"registry": registry, "grantors": grantors(registry)}
    status = form.status if form else 200
    return render(request, "registries/request_access.html", context, status=status)


@require_POST
@in_registry
def accept(request: SignedIn, registry: Registry, pk: int) -> HttpResponse:
    """Give the role that somebody asked for, or another."""
    asked = _asked(request, registry, pk)
    form = AcceptForm(asked, request.POST)
    if form.is_valid():
        done = form.carries_out(
            lambda: accept_request(asked, **form.values(), by=request.actor)
        )
        if done:
            role = Role(form.cleaned_data["role"]).label
            name = asked.membership.user.display_name
            return _answered(request, registry, f"{name} has the role {role} now.")
    return _refused(request, registry, form)


@require_POST
@in_registry
def decline(request: SignedIn, registry: Registry, pk: int) -> HttpResponse:
    """Do not give the role that somebody asked for, and say why."""
    asked = _asked(request, registry, pk)
    form = DeclineForm(request.POST)
    if form.is_valid():
        done = form.carries_out(
            lambda: decline_request(asked, **form.cleaned_data, by=request.actor)
        )
        if done:
            name = asked.membership.user.display_name
            return _answered(request, registry, f"{name} was told that the answer is no.")
    return _refused(request, registry, form)


def _asked(request: SignedIn, registry: Registry, pk: int) -> AccessRequest:
    """The request of that id in this registry, for those who may answer it."""
    require(request.actor, Permission.ASSIGN_ROLE, registry)
    requests = registry.access_requests.select_related("membership__user__entity")
    return get_object_or_404(requests, pk=pk)


def _refused(request: SignedIn, registry: Registry, form: StrictForm) -> HttpResponse:
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)), extra_tags=SECTION)
    return settings_page(request, registry, status=form.status)


def _answered(request: SignedIn, registry: Registry, said: str) -> HttpResponse:
    messages.success(request, said, extra_tags=SECTION)
    names = [registry.organization.name, registry.name]
    address = reverse("registries:settings", args=names)
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return redirect(f"{address}#requests")
