"""The people of an organization: roles, invitations, removing, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.actors import Conflict, Invalid, may, require
from accounts.models import Membership, Organization, TeamMembership
from accounts.operations import invitations
from accounts.permissions import STANDING_ROLES, OrganizationPermission
from accounts.requests import referring_path
from registries.forms.people import InviteForm
from registries.models.ordering import by_shown_name, by_strength, with_words
from registries.operations.organizations import change_organization_role, remove_member
from registries.views.holdings import held
from registries.views.lookups import in_organization
from registries.views.paging import (
    Order,
    address,
    moment,
    page_of,
    place,
    text,
    wants_part,
    words,
)
from registries.views.sorting import sorting

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.requests import Request, SignedIn

ORDERS = {
    "name": Order({"sort_name": text, "id": int}),
    "role": Order({"sort_role": int, "sort_name": text, "id": int}),
    "joined": Order({"created_at": moment, "id": int}, descending=True),
}
INVITATIONS = 100
"""How many waiting invitations the page lists, the newest first."""


@require_safe
@vary_on_headers("HX-Request")
@in_organization
def people(request: Request, organization: Organization) -> HttpResponse:
    """Show who is in the organization, and who is invited to it."""
    if wants_part(request):
        return _table(request, organization)
    return render(request, "organization/people.html", _context(request, organization))


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def invite(request: Request, organization: Organization) -> HttpResponse:
    """Ask whom to invite, or invite them."""
    require(request.actor, OrganizationPermission.MANAGE_PEOPLE, organization)
    form = InviteForm(request.POST or None)
    if form.is_valid():
        made = form.carries_out(
            lambda: invitations.invite(organization, **form.cleaned_data, by=request.actor)
        )
        if made:
            messages.success(request, f"{made.email} is invited; the link is on its way.")
            return redirect("registries:people:list", organization.name)
    context = _context(request, organization) | {"form": form}
    return render(request, "organization/invite.html", context, status=form.status)


@require_POST
@in_organization
def resend(request: Request, organization: Organization, pk: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    require(request.actor, OrganizationPermission.MANAGE_PEOPLE, organization)
    invitation = get_object_or_404(organization.invitations, pk=pk)
    invitations.resend_invitation(invitation, by=request.actor)
    done = f"{invitation.email} gets a new link; the one before is dead."
    messages.success(request, done)
    return redirect("registries:people:list", organization.name)


@require_POST
@in_organization
def revoke(request: Request, organization: Organization, pk: int) -> HttpResponse:
    """Take an invitation back."""
    require(request.actor, OrganizationPermission.MANAGE_PEOPLE, organization)
    invitation = get_object_or_404(organization.invitations, pk=pk)
    invitations.revoke_invitation(invitation, by=request.actor)
    messages.success(request, f"The invitation of {invitation.email} is revoked.")
    return redirect("registries:people:list", organization.name)


@require_POST
@in_organization
def role(request: Request, organization: Organization, pk: int) -> HttpResponse:
    """Change somebody's organization role."""
    require(request.actor, OrganizationPermission.MANAGE_PEOPLE, organization)
    membership = get_object_or_404(_people(organization), pk=pk)
    wanted = request.POST.get("role", "")
    try:
        changed = change_organization_role(membership, wanted, by=request.actor)
    except (Conflict, Invalid) as refusal:
        if not wants_part(request):
            raise
        status = 409 if isinstance(refusal, Conflict) else 422
        return _table(request, organization, refusal=str(refusal), status=status)
    name = membership.user.display_name
    messages.success(request, f"{name} is {changed.get_role_display()} now.")
    if wants_part(request) and membership.user_id == request.user.pk:
        return HttpResponseClientRefresh()  # who is no Admin any more sees another page
    return _back(request, organization)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def remove(request: SignedIn, organization: Organization, pk: int) -> HttpResponse:
    """Say what somebody owns and has here; a POST ends all of it, at once."""
    if not organization.memberships.filter(pk=pk, user=request.user).exists():
        require(request.actor, OrganizationPermission.MANAGE_PEOPLE, organization)
    membership = get_object_or_404(_people(organization), pk=pk)
    if request.method == "POST":
        return _remove(request, membership)
    context = _context(request, organization) | {"held": held(request, membership)}
    return render(request, "organization/remove.html", context)


def _remove(request: SignedIn, membership: Membership) -> HttpResponse:
    remove_member(membership, by=request.actor)
    if membership.user_id == request.user.pk:
        messages.success(request, f"You left {membership.organization}.")
        return redirect("registries:index")
    name = membership.user.display_name
    messages.success(request, f"{name} is removed and has no access any more.")
    return redirect("registries:people:list", membership.organization.name)


def _people(organization: Organization) -> QuerySet[Membership]:
    return organization.memberships.filter(user__is_service_account=False).select_related(
        "organization__entity", "user__entity"
    )


def _context(request: Request, organization: Organization) -> dict[str, Any]:
    """Return what the page shows; invitations only to those who may invite."""
    invited = organization.invitations.filter(accepted_at=None, revoked_at=None)
    if not may(request.actor, OrganizationPermission.MANAGE_PEOPLE, organization):
        invited = invited.none()
    waiting = invited.select_related("invited_by__entity").order_by("-pk")
    return _listed(request, organization) | {
        "count": _people(organization).count(),
        "invitations": list(waiting[:INVITATIONS]),
    }


def _listed(request: Request, organization: Organization) -> dict[str, Any]:
    wanted = words(request, "member")
    sort = sorting(request, ORDERS)
    admins = organization.memberships.human_admins().values_list("pk", flat=True)[:2]
    return {
        "organization": organization,
        "member": wanted,
        "clear": address(request, member=""),
        "place": place(request),
        "sort": sort,
        "page": page_of(_matching(organization, wanted), sort.order, request),
        "roles": [(role.value, role.label) for role in reversed(STANDING_ROLES)],
        "last_admin": admins[0] if len(admins) == 1 else None,
    }


def _matching(organization: Organization, wanted: str) -> QuerySet[Membership]:
    """The people whose name or address has the words in it."""
    in_teams = TeamMembership.objects.select_related("team__entity")
    people = _people(organization).annotate(
        sort_name=by_shown_name("user__full_name", "user__entity__name"),
        sort_role=by_strength("role"),
    )
    if wanted:
        people = people.filter(
            with_words("user__full_name", wanted)
            | Q(user__entity__name__icontains=wanted)
            | with_words("user__email", wanted)
        )
    return people.prefetch_related(
        Prefetch("team_memberships", in_teams.order_by("team__entity__name"))
    )


def _table(
    request: Request, organization: Organization, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = _listed(request, organization) | {"refusal": refusal}
    template = "organization/people.html#members"
    return render(request, template, context, status=status)


def _back(request: Request, organization: Organization) -> HttpResponse:
    """Lead to the place in the list where the form was, for htmx as the part alone."""
    here = reverse("registries:people:list", args=[organization.name])
    page = referring_path(request)
    return redirect(page if page.partition("?")[0] == here else here)
