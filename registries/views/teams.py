"""The teams of an organization, who is in them, and where they have a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.actors import Invalid, require
from accounts.models import Membership, Organization, Team
from accounts.operations.teams import add_team_member, create_team, remove_team_member
from accounts.permissions import STANDING_ROLES, OrganizationPermission, TeamPermission
from registries.forms.people import NewTeamForm, TeamMemberForm
from registries.models import Registry, RegistryMember
from registries.models.ordering import by_letters, by_strength
from registries.operations.organizations import delete_team
from registries.views.lookups import in_organization, in_team
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
    from accounts.requests import SignedIn

ORDERS = {
    "name": Order({"sort_name": text, "id": int}),
    "members": Order({"people": int, "id": int}, descending=True),
    "created": Order({"created_at": moment, "id": int}, descending=True),
}
MEMBER_ORDERS = {
    "username": Order({"sort_name": text, "id": int}),
    "role": Order({"sort_role": int, "sort_name": text, "id": int}),
}
REGISTRIES = 100
"""How many registries the page of a team lists."""


@require_safe
@vary_on_headers("HX-Request")
@in_organization
def teams(request: SignedIn, organization: Organization) -> HttpResponse:
    """List the teams."""
    context = _listed(request, organization)
    part = "#teams" if wants_part(request) else ""
    return render(request, f"organization/teams.html{part}", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def create(request: SignedIn, organization: Organization) -> HttpResponse:
    """Ask for a name, or make the team."""
    require(request.actor, OrganizationPermission.CREATE_TEAM, organization)
    form = NewTeamForm(request.POST or None)
    if form.is_valid():
        name = form.cleaned_data["name"]
        made = form.carries_out(lambda: create_team(organization, name, by=request.actor))
        if made:
            return redirect("registries:teams:team", organization.name, made.name)
    context = _listed(request, organization) | {"form": form}
    return render(request, "organization/team_new.html", context, status=form.status)


@require_safe
@in_team
def team(request: SignedIn, team: Team) -> HttpResponse:
    """Show who is in the team and where it has a role."""
    return render(request, "organization/team.html", _context(request, team))


@require_http_methods(["GET", "HEAD", "POST"])
@in_team
def add(request: SignedIn, team: Team) -> HttpResponse:
    """Ask whom to add, or add them."""
    require(request.actor, TeamPermission.MANAGE, team)
    form = TeamMemberForm(request.POST or None)
    if form.is_valid():
        added = form.carries_out(lambda: _add(request, team, form))
        if added:
            messages.success(request, f"{added.user.display_name} is in {team} now.")
            return redirect("registries:teams:team", team.organization.name, team.name)
    context = _context(request, team) | {"form": form}
    return render(request, "organization/team_add.html", context, status=form.status)


def _add(request: SignedIn, team: Team, form: TeamMemberForm) -> Membership:
    people = team.organization.memberships.select_related("user__entity")
    found = people.named(form.cleaned_data["member"]).first()
    if found is None:
        raise Invalid("member", f"Nobody in {team.organization} is called that.")
    add_team_member(team, found, form.cleaned_data["role"], by=request.actor)
    return found


@require_POST
@in_team
def role(request: SignedIn, team: Team, pk: int) -> HttpResponse:
    """Change somebody's role in the team."""
    require(request.actor, TeamPermission.MANAGE, team)
    present = get_object_or_404(team.memberships.select_related("membership"), pk=pk)
    wanted = request.POST.get("role", "")
    changed = add_team_member(team, present.membership, wanted, by=request.actor)
    name = changed.membership.user.display_name
    messages.success(request, f"{name} is {changed.get_role_display()} of {team} now.")
    if wants_part(request):
        if present.membership.user_id == request.user.pk:
            return HttpResponseClientRefresh()
        return render(request, "organization/team_members.html", _context(request, team))
    listed = reverse("registries:teams:team", args=[team.organization.name, team.name])
    return redirect(f"{listed}{place(request)}")


@require_POST
@in_team
def remove(request: SignedIn, team: Team, pk: int) -> HttpResponse:
    """Take somebody out of the team; oneself always may."""
    members = team.memberships.select_related("membership__user__entity")
    is_oneself = members.filter(pk=pk, membership__user=request.user).exists()
    if not is_oneself:
        require(request.actor, TeamPermission.MANAGE, team)
    gone = get_object_or_404(members, pk=pk).membership
    remove_team_member(team, gone, by=request.actor)
    who = "You are" if is_oneself else f"{gone.user.display_name} is"
    messages.success(request, f"{who} out of {team}.")
    return redirect("registries:teams:team", team.organization.name, team.name)


@require_http_methods(["GET", "HEAD", "POST"])
@in_team
def delete(request: SignedIn, team: Team) -> HttpResponse:
    """Ask before deleting a team; a POST deletes it."""
    require(request.actor, TeamPermission.MANAGE, team)
    if request.method == "POST":
        delete_team(team, by=request.actor)
        messages.success(request, f"The team {team} is deleted. Its projects stay.")
        return redirect("registries:teams:list", team.organization.name)
    return render(request, "organization/team_delete.html", _context(request, team))


def _listed(request: SignedIn, organization: Organization) -> dict[str, Any]:
    wanted = words(request, "team")
    sort = sorting(request, ORDERS)
    found = organization.teams.live().filter(entity__name__icontains=wanted)
    rows = found.select_related("entity").annotate(
        sort_name=by_letters("entity__name"), people=Count("memberships")
    )
    return {
        "organization": organization,
        "team_words": wanted,
        "clear": address(request, team=""),
        "sort": sort,
        "page": page_of(rows, sort.order, request),
    }


def _context(request: SignedIn, team: Team) -> dict[str, Any]:
    members = team.memberships.select_related("membership__user__entity", "team")
    members = members.annotate(
        sort_name=by_letters("membership__user__entity__name"),
        sort_role=by_strength("role"),
    )
    sort = sorting(request, MEMBER_ORDERS)
    seen = Registry.objects.visible_to(request.user).filter(
        organization=team.organization_id
    )
    roles = RegistryMember.objects.in_force().filter(team=team, registry__in=seen)
    return {
        "organization": team.organization,
        "team": team,
        "place": place(request),
        "sort": sort,
        "page": page_of(members, sort.order, request),
        "roles": [(role.value, role.label) for role in reversed(STANDING_ROLES)],
        "registries": roles.select_related("registry__organization__entity").order_by(
            "registry__name"
        )[:REGISTRIES],
    }
