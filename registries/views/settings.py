"""A registry's settings: what it is, who sees it, who is in it and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.actors import may, require
from accounts.models import Membership
from registries.backends import explain
from registries.forms.members import AddMemberForm
from registries.forms.registries import AliasForm, GeneralForm, TypesForm, VisibilityForm
from registries.models import Registry
from registries.operations.registries import change_visibility
from registries.permissions import Permission
from registries.views.lookups import in_registry
from registries.views.members import ORDERS, holders
from registries.views.paging import address, place, wants_part, words
from registries.views.requests import waiting
from registries.views.sorting import sorting

if TYPE_CHECKING:
    from accounts.requests import SignedIn

NAMED = 10
"""How many of the people whom a change concerns are named."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Whom another visibility would let in, or shut out."""

    visibility: str
    count: int
    people: list[Membership]

    @property
    def others(self) -> int:
        """How many there are besides those named."""
        return self.count - len(self.people)


@require_safe
@vary_on_headers("HX-Request")
@in_registry
def settings(request: SignedIn, registry: Registry) -> HttpResponse:
    """Show the settings: as facts, or as a form to whoever may change them."""
    if wants_part(request):
        context = members_context(request, registry)
        return render(request, "components/members.html#members", context)
    return settings_page(request, registry)


def settings_page(
    request: SignedIn, registry: Registry, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Render the whole page, with a question before it or a form that was refused."""
    context = members_context(request, registry) | _facts(request, registry) | more
    return render(request, "registries/settings.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_registry
def visibility(request: SignedIn, registry: Registry) -> HttpResponse:
    """Say whom another visibility would concern; or change it."""
    form = VisibilityForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise BadRequest("The visibility is organization or restricted.")
    effect = _effect(request, registry, form.cleaned_data["visibility"])
    if request.method == "POST":
        return _change(request, registry, effect)
    require(request.actor, Permission.CHANGE_VISIBILITY, registry)
    if wants_part(request):
        context = {"registry": registry, "effect": effect}
        return render(request, "registries/visibility.html", context)
    return settings_page(request, registry, effect=effect)


def _change(request: SignedIn, registry: Registry, effect: Effect) -> HttpResponse:
    change_visibility(registry, effect.visibility, by=request.actor)
    people = f"{effect.count} {'person' if effect.count == 1 else 'people'}"
    if effect.visibility == Registry.Visibility.RESTRICTED:
        done = f"{people} lost access. Opening the registry again gives it back."
    else:
        done = f"{people} got access."
    messages.success(request, done)
    names = [registry.organization.name, registry.name]
    return redirect(f"{reverse('registries:settings', args=names)}#visibility")


def _effect(request: SignedIn, registry: Registry, wanted: str) -> Effect:
    """Whom only the visibility Organization lets in; whoever restricts it stays in."""
    if wanted == registry.visibility:
        return Effect(wanted, 0, [])
    people = registry.people_by_default().exclude(user=request.user)
    named = people.select_related("user__entity").order_by("user__entity__name")
    return Effect(wanted, people.count(), list(named[:NAMED]))


def _facts(request: SignedIn, registry: Registry) -> dict[str, Any]:
    may_answer = may(request.actor, Permission.ASSIGN_ROLE, registry)
    return {
        "waiting": waiting(registry) if may_answer else None,
        "standing": explain(registry, request.user),
        "types": registry.accepted_types.all(),
        "protected": registry.protected_aliases.all(),
        "former_names": registry.names.filter(is_current=False).order_by("key"),
        "general_form": GeneralForm(registry),
        "types_form": TypesForm(registry),
        "alias_form": AliasForm(),
    }


def members_context(request: SignedIn, registry: Registry) -> dict[str, Any]:
    """Return what the section of members and roles shows."""
    wanted = words(request, "member")
    sort = sorting(request, ORDERS)
    page, rows = holders(registry, wanted, sort.order, request)
    return {
        "registry": registry,
        "member": wanted,
        "clear": address(request, member=""),
        "sort": sort,
        "page": page,
        "holders": rows,
        "add_form": AddMemberForm(),
        "place": place(request),
    }
