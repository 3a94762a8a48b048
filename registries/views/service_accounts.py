"""Accounts for programs: made, given keys, removed by those who manage them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Conflict, Invalid, may, require
from accounts.forms import KeyForm, RotateForm
from accounts.models import ApiKey, Membership, Organization, Team
from accounts.operations.keys import revoke_api_key
from accounts.permissions import OrganizationPermission
from accounts.text import is_askable
from accounts.views.keys import issued, logging_in, rotated
from registries.forms.people import ServiceAccountForm
from registries.models.ordering import by_letters, by_strength
from registries.operations.organizations import create_service_account, remove_member
from registries.views.holdings import held
from registries.views.lookups import in_organization
from registries.views.paging import Order, moment, page_of, text
from registries.views.sorting import sorting

if TYPE_CHECKING:
    from accounts.requests import SignedIn

ORDERS = {
    "username": Order({"sort_name": text, "id": int}),
    "role": Order({"sort_role": int, "sort_name": text, "id": int}),
    "team": Order({"sort_team": text, "sort_name": text, "id": int}),
    "keys": Order({"keys": int, "id": int}, descending=True),
    "created": Order({"created_at": moment, "id": int}, descending=True),
}
KEYS = 100
"""How many keys of an account are listed, the newest first."""


@require_safe
@in_organization
def accounts(request: SignedIn, organization: Organization) -> HttpResponse:
    """List the service accounts, or those of the teams that one manages."""
    context = _listed(request, organization)
    return render(request, "organization/service_accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def create(request: SignedIn, organization: Organization) -> HttpResponse:
    """Ask for a name and role, or make the account."""
    context = _listed(request, organization)
    teams, is_whole = _homes(request, organization)
    form = ServiceAccountForm(teams, request.POST or None, needs_team=not is_whole)
    if form.is_valid():
        made = form.carries_out(
            lambda: create_service_account(
                organization, **form.cleaned_data, by=request.actor
            )
        )
        if made:
            place = [organization.name, made.username]
            return redirect("registries:service_accounts:account", *place)
    context |= {"form": form}
    template = "organization/service_account_new.html"
    return render(request, template, context, status=form.status)


@require_safe
@in_organization
def account(request: SignedIn, organization: Organization, name: str) -> HttpResponse:
    """Show an account with its keys and roles."""
    context = _shown(request, _found(request, organization, name))
    return render(request, "organization/service_account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def remove(request: SignedIn, organization: Organization, name: str) -> HttpResponse:
    """Say what the account has; a POST ends all of it, its keys included."""
    membership = _found(request, organization, name)
    if request.method == "POST":
        remove_member(membership, by=request.actor)
        messages.success(request, f"{membership.user} is removed; its keys are dead.")
        return redirect("registries:service_accounts:list", organization.name)
    context = _shown(request, membership) | {"question": "remove"}
    return render(request, "organization/service_account.html", context)


@never_cache
@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def issue(request: SignedIn, organization: Organization, name: str) -> HttpResponse:
    """Ask for a name; a POST makes a key and shows its secret, once."""
    membership = _found(request, organization, name)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = issued(request, membership.user, form)
        except Invalid as refusal:
            form.add_error("name", str(refusal))
        else:
            return _secret(request, membership, key, secret)
    context = _shown(request, membership) | {"question": "issue", "form": form}
    status = 422 if form.errors else 200
    return render(request, "organization/service_account.html", context, status=status)


@never_cache
@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def rotate(
    request: SignedIn, organization: Organization, name: str, pk: int
) -> HttpResponse:
    """Ask before another key takes the place of one; a POST makes it, shown once."""
    membership = _found(request, organization, name)
    key = _live(membership, pk)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made, secret = rotated(request, key, form)
        return _secret(request, membership, made, secret)
    context = _shown(request, membership) | {"question": "rotate", "form": form, "key": key}
    return render(request, "organization/service_account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def revoke(
    request: SignedIn, organization: Organization, name: str, pk: int
) -> HttpResponse:
    """Ask before revoking a key; a POST revokes it."""
    membership = _found(request, organization, name)
    key = _live(membership, pk)
    if request.method == "POST":
        revoke_api_key(key, by=request.actor)
        messages.success(request, f"{key} is revoked. Programs with it are refused now.")
        return redirect("registries:service_accounts:account", organization.name, name)
    context = _shown(request, membership) | {"question": "revoke", "key": key}
    return render(request, "organization/service_account.html", context)


def _listed(request: SignedIn, organization: Organization) -> dict[str, Any]:
    rows = _programs(request, organization).annotate(
        sort_name=by_letters("user__entity__name"),
        sort_role=by_strength("role"),
        sort_team=by_letters(Coalesce("user__team__entity__name", Value(""))),
        keys=Count("user__api_keys", filter=Q(user__api_keys__revoked_at=None)),
    )
    sort = sorting(request, ORDERS)
    page = page_of(rows, sort.order, request)
    return {"organization": organization, "sort": sort, "page": page}


def _programs(request: SignedIn, organization: Organization) -> QuerySet[Membership]:
    """The service accounts that the person manages."""
    teams, is_whole = _homes(request, organization)
    programs = organization.memberships.filter(user__is_service_account=True)
    if not is_whole:
        programs = programs.filter(user__team__in=teams)
    return programs.select_related(
        "user__entity", "user__team__entity", "organization__entity"
    )


def _homes(request: SignedIn, organization: Organization) -> tuple[QuerySet[Team], bool]:
    """The teams whose accounts the person manages; whether those of no team, too."""
    teams = organization.teams.live().select_related("entity")
    if may(request.actor, OrganizationPermission.MANAGE_SERVICE_ACCOUNTS, organization):
        return teams, True
    mine = teams.managed_by(request.user)
    if not mine.exists():
        require(request.actor, OrganizationPermission.MANAGE_SERVICE_ACCOUNTS, organization)
    return mine, False


def _found(request: SignedIn, organization: Organization, name: str) -> Membership:
    programs = _programs(request, organization)
    if not is_askable(name):
        raise Http404
    return get_object_or_404(programs, user__entity__name=name)


def _live(membership: Membership, pk: int) -> ApiKey:
    key = get_object_or_404(membership.user.api_keys, pk=pk)
    if not key.is_live:
        raise Conflict(f"The API key {key.name} has ended already.")
    return key


def _shown(request: SignedIn, membership: Membership) -> dict[str, Any]:
    return {
        "organization": membership.organization,
        "account": membership,
        "held": held(request, membership),
        "keys": membership.user.api_keys.order_by("-pk")[:KEYS],
    }


def _secret(
    request: SignedIn, membership: Membership, key: ApiKey, secret: str
) -> HttpResponse:
    context = _shown(request, membership) | {"key": key, "secret": secret}
    context |= logging_in(secret)
    return render(request, "organization/service_account_key.html", context)
