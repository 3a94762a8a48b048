"""The addresses that the `wandb` SDK prints: each leads to the page of what it names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from accounts.models import Organization, Team
from accounts.text import fold, is_askable
from registries.models import Project, Registry, Version
from registries.views.lookups import in_project, in_version
from registries.views.shell import context

if TYPE_CHECKING:
    from accounts.requests import SignedIn

NUMBER = re.compile(r"v([0-9]{1,9})")
CORE_MODELS = "model"
"""Older versions of the SDK know one registry, of models."""


@require_safe
@in_project
def project(request: SignedIn, project: Project) -> HttpResponse:
    """Lead from a tab that there is not to the project."""
    return redirect(project)


@require_safe
@in_version
def version(request: SignedIn, version: Version) -> HttpResponse:
    """Lead from a tab that there is not to the version."""
    return redirect(version)


@require_safe
def entity(request: SignedIn, name: str) -> HttpResponse:
    """Lead to an organization, to a team, or to one's own projects."""
    if organization := _organization(request, name):
        return redirect("registries:home", organization.name)
    if team := _team(request, name):
        return redirect("registries:teams:team", team.organization.name, team.name)
    if request.user.entity.names.filter(key=fold(name)).exists():
        return _own_projects(request)
    raise Http404


@require_safe
def model_registry(request: SignedIn, name: str) -> HttpResponse:
    """Lead to what is selected in the core registry of an organization, or of a team's."""
    team = _team(request, name)
    organization = team.organization if team else _organization(request, name)
    if organization is None:
        raise Http404
    return _selected(request, organization.name, CORE_MODELS)


def selected(request: SignedIn, registry: Registry) -> HttpResponse:
    """Lead to what `selectionPath` names in a registry: ENTITY/PROJECT/COLLECTION."""
    return _selected(request, registry.organization.name, registry.name)


def _selected(request: SignedIn, organization: str, registry: str) -> HttpResponse:
    """Lead to a collection, or to the version of it; there it shows who sees it."""
    collection = request.GET.get("selectionPath", "").rpartition("/")[2]
    try:
        address = reverse(
            "registries:collection", args=[organization, registry, collection]
        )
    except NoReverseMatch:
        raise Http404 from None
    number = NUMBER.fullmatch(request.GET.get("version", ""))
    return redirect(f"{address}v/{number[1]}/" if number else address)


def _own_projects(request: SignedIn) -> HttpResponse:
    """They are listed in each organization that the person is in."""
    around = context(request)["around"]
    if not around:
        return redirect("registries:index")
    mine = urlencode({"filter": request.user.username})
    return redirect(f"{reverse('registries:projects', args=[around.name])}?{mine}")


def _organization(request: SignedIn, name: str) -> Organization | None:
    seen = Organization.objects.visible_to(request.user).named(name)
    return seen.select_related("entity").first()


def _team(request: SignedIn, name: str) -> Team | None:
    if not is_askable(name):
        return None
    seen = Team.objects.visible_to(request.user).filter(entity__names__key=fold(name))
    return seen.select_related("entity", "organization__entity").first()
