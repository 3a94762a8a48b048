"""Giving, changing and ending roles in a registry; making somebody else its Owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.actors import Conflict, Invalid, Missing, forget, require
from accounts.models import Entity, Team, User
from accounts.permissions import Role
from registries.backends import role_in
from registries.forms.members import AddMemberForm, RoleForm, SeenRoleForm
from registries.models import Registry, RegistryMember
from registries.operations.members import (
    NO_MEMBER,
    add_members,
    change_role,
    move_ownership,
    remove_role,
)
from registries.permissions import Permission
from registries.views.lookups import in_registry
from registries.views.members import Holder, holder_of
from registries.views.paging import place
from registries.views.settings import members_context, settings_page

if TYPE_CHECKING:
    from accounts.requests import SignedIn

type Tell = Callable[[Registry, Entity, Holder | None], str]

SECTION = "members"
"""The tag of messages that stand in the section, not at the top of the page."""


@require_http_methods(["GET", "HEAD", "POST"])
@in_registry
def add(request: SignedIn, registry: Registry) -> HttpResponse:
    """Ask for people and teams, or give them a role."""
    require(request.actor, Permission.MANAGE_MEMBERS, registry)
    form = AddMemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        added = form.carries_out(
            lambda: add_members(registry, **form.values(), by=request.actor)
        )
        if added:
            return _added(request, registry, added)
    asked = {"add_form": form, "is_adding": True}
    if not request.htmx:
        return settings_page(request, registry, status=form.status, **asked)
    context = members_context(request, registry) | asked
    return render(request, "components/members.html", context, status=form.status)


@require_POST
@in_registry
def change(request: SignedIn, registry: Registry, holder: str) -> HttpResponse:
    """Give somebody a role in place of the one they have."""
    found = _holder(registry, holder)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _refused(request, registry, found, Invalid("role", "Choose a role."))
    try:
        change_role(registry, _who(found), **form.cleaned_data, by=request.actor)
    except (Conflict, Invalid) as refusal:
        return _refused(request, registry, found, refusal)
    return _changed(request, registry, found, _now_has)


@require_POST
@in_registry
def end(request: SignedIn, registry: Registry, holder: str) -> HttpResponse:
    """End the role that somebody was given."""
    found = _holder(registry, holder)
    form = SeenRoleForm(request.POST)
    if not form.is_valid():
        return _refused(request, registry, found, Conflict("Reload the page first."))
    try:
        remove_role(registry, _who(found), **form.cleaned_data, by=request.actor)
    except (Conflict, Invalid) as refusal:
        return _refused(request, registry, found, refusal)
    return _changed(request, registry, found, _still_has)


@require_http_methods(["GET", "HEAD", "POST"])
@in_registry
def make_owner(request: SignedIn, registry: Registry, holder: str) -> HttpResponse:
    """Ask before making somebody the Owner; a POST does it."""
    found = _holder(registry, holder)
    if request.method == "POST":
        user = _who(found)
        if isinstance(user, Team):
            raise Invalid("owner", "A team cannot own a registry.")
        move_ownership(registry, user, by=request.actor)
        said = f"{user.display_name} owns {registry} now."
        return _to_page(request, registry, said)
    require(request.actor, Permission.MOVE_OWNERSHIP, registry)
    row = holder_of(registry, found)
    if row is None or not row.may_own:
        raise Missing(NO_MEMBER)
    return settings_page(request, registry, owner_to_be=row)


def _holder(registry: Registry, name: str) -> Entity:
    """The person or team of the registry's organization; others do not exist."""
    organization = registry.organization_id
    people = Q(user__memberships__organization=organization)
    teams = Q(team__organization=organization, team__deleted_at=None)
    return get_object_or_404(Entity.objects.filter(people | teams), name=name)


def _who(entity: Entity) -> User | Team:
    is_team = entity.kind == Entity.Kind.TEAM
    found: User | Team = entity.team if is_team else entity.user
    return found


def _settings(registry: Registry) -> str:
    names = [registry.organization.name, registry.name]
    return reverse("registries:settings", args=names)


def _added(
    request: SignedIn, registry: Registry, added: list[RegistryMember]
) -> HttpResponse:
    names = ", ".join(given.shown for given in added)
    verb = "has" if len(added) == 1 else "have"
    said = f"{names} {verb} the role {Role(added[0].role).label} now."
    if not request.htmx:
        return _to_page(request, registry, said)
    context = members_context(request, registry) | {"said": said}
    return render(request, "components/members.html", context)


def _changed(
    request: SignedIn, registry: Registry, entity: Entity, tell: Tell
) -> HttpResponse:
    """Answer with the row as it is now; with the whole page after one's own change."""
    row = holder_of(registry, entity)
    said = tell(registry, entity, row)
    if entity.pk == request.user.entity_id or not request.htmx:
        return _to_page(request, registry, said)
    return _row(request, registry, entity, row, said)


def _refused(
    request: SignedIn, registry: Registry, entity: Entity, refusal: Conflict | Invalid
) -> HttpResponse:
    """Answer with the row as it is, and why it is not as was wanted."""
    status = 409 if isinstance(refusal, Conflict) else 422
    if not request.htmx:
        messages.error(request, str(refusal), extra_tags=SECTION)
        return settings_page(request, registry, status=status)
    row = holder_of(registry, entity)
    return _row(request, registry, entity, row, str(refusal), status=status)


def _row(
    request: SignedIn,
    registry: Registry,
    entity: Entity,
    row: Holder | None,
    said: str,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "registry": registry,
        "holder": row,
        "said": said,
        "is_refused": status != 200,
        "takes_focus": status != 200 or row is None or row.grant is None,
        "place": place(request),
    }
    return render(request, "registries/member_changed.html", context, status=status)


def _to_page(request: SignedIn, registry: Registry, said: str) -> HttpResponse:
    """Lead to the settings, or home whoever does not see them any more."""
    forget(request.user)
    sees = request.user.is_superuser or role_in(registry, request.user)
    messages.success(request, said, extra_tags=SECTION if sees else "")
    if not sees:
        address = reverse("registries:home", args=[registry.organization.name])
    else:
        address = f"{_settings(registry)}{place(request)}"
    if request.htmx:
        return HttpResponseClientRedirect(address)
    return redirect(f"{address}#members" if sees else address)


def _now_has(registry: Registry, entity: Entity, row: Holder | None) -> str:
    if row is None or row.standing.given is None:
        return f"The role of {row.name if row else entity} ended meanwhile."
    given, role = row.standing.given, row.standing.role
    if role in {None, given}:
        return f"{row.name} has the role {given.label} now."
    return f"{row.name} was given {given.label}, and is {role.label} {row.standing.origin}."


def _still_has(registry: Registry, entity: Entity, row: Holder | None) -> str:
    if entity.kind == Entity.Kind.TEAM:
        return f"The team {entity} has no role here any more."
    if row is None or row.standing.role is None:
        name = entity.user.display_name
        return f"{name} has no access to {registry} any more."
    label, origin = row.standing.role.label, row.standing.origin
    return f"The role given to {row.name} ended. {row.name} is {label} now: {origin}."
