"""Finding what an address names, for those who may see it; everybody else gets one 404.

The decorators hand a view what was found, in place of the names. Another letter case, a
former name or a display name leads, for reads, to the one address that a thing has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet, Subquery
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Organization, Team
from accounts.text import fold, is_askable
from registries.models import Collection, Project, Registry, Run, Version
from registries.models.registry import RegistryQuerySet
from registries.models.star import with_stars
from registries.views.remembered import remember_organization

if TYPE_CHECKING:
    from accounts.requests import SignedIn

NAMES = {"org", "team", "registry", "collection", "number"}
NAMES |= {"entity", "project", "type", "run"}

type Names = dict[str, Any]
type View = Callable[..., HttpResponseBase]


def _finding[T](find: Callable[[SignedIn, Names], T]) -> Callable[[View], View]:
    """Make a decorator of a function that finds a thing and writes its canonical names."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: SignedIn, **names: Any) -> HttpResponseBase:
            given = dict(names)
            thing = find(request, names)
            if names != given:
                return _elsewhere(request, names)
            others = {name: names[name] for name in names.keys() - NAMES}
            return remember_organization(request, view(request, thing, **others))

        return answer

    return decorate


def _organization(request: SignedIn, names: Names) -> Organization:
    organizations = Organization.objects.visible_to(request.user).select_related("entity")
    found = _seen(organizations.named(names["org"]))
    names["org"] = found.name
    request.organization = found
    return found


def _team(request: SignedIn, names: Names) -> Team:
    organization = _organization(request, names)
    teams = organization.teams.live().select_related("entity")
    name = names["team"]
    found = (
        teams.filter(entity__names__key=fold(name)).first() if is_askable(name) else None
    )
    if found is None:
        raise Http404
    found.organization = organization
    names["team"] = found.name
    return found


def _one(named: QuerySet[Any]) -> Subquery:
    """What a name can only once mean: known to be one, the database reads no others."""
    return Subquery(named.values("pk")[:1])


def _registry(request: SignedIn, names: Names) -> Registry:
    there = with_stars(_registries(request, names), request.user)
    found = _seen(there.select_related("organization__entity", "owner__user__entity"))
    _at_home(request, names, found)
    return found


def _collection(request: SignedIn, names: Names) -> Collection:
    there = Collection.objects.named(names["collection"]).select_related(
        "registry__organization__entity", "created_by__entity", "updated_by__entity"
    )
    there = there.filter(registry=_one(_registries(request, names)))
    found = _seen(with_stars(there, request.user))
    _at_home(request, names, found.registry)
    names["collection"] = found.name
    return found


def _version(request: SignedIn, names: Names) -> Version:
    there = Version.objects.committed().select_related(
        "collection__registry__organization__entity",
        "collection__project__entity__team__organization__entity",
        "artifact__created_by__entity",
        "created_by__entity",
    )
    named = Collection.objects.named(names["collection"])
    if "project" in names:
        named = named.filter(project=_one(_projects(request, names)), type=names["type"])
    else:
        named = named.filter(registry=_one(_registries(request, names)))
    found = _seen(there.filter(collection=_one(named), number=names["number"]))
    if found.project is not None:
        _at_project(request, names, found.project)
    else:
        _at_home(request, names, found.registry)
    names["collection"] = found.collection.name
    return found


def _project(request: SignedIn, names: Names) -> Project:
    there = _projects(request, names)
    found = _seen(there.select_related("entity__team__organization__entity"))
    _at_project(request, names, found)
    return found


def _run(request: SignedIn, names: Names) -> Run:
    project = _project(request, names)
    runs = project.runs.defer("config", "summary").select_related("created_by__entity")
    found = _seen(runs.filter(name=names["run"]))
    found.project = project
    return found


def _source(request: SignedIn, names: Names) -> Collection:
    there = Collection.objects.named(names["collection"]).select_related(
        "project__entity__team__organization__entity", "created_by__entity"
    )
    named = there.filter(project=_one(_projects(request, names)), type=names["type"])
    found = _seen(named)
    assert found.project is not None
    _at_project(request, names, found.project)
    names["collection"] = found.name
    return found


def _registries(request: SignedIn, names: Names) -> RegistryQuerySet:
    """The one registry of that name in that organization, if the person sees it."""
    seen = Registry.objects.visible_to(request.user).named(names["registry"])
    return seen.filter(organization__entity__names__key=fold(names["org"]))


def _projects(request: SignedIn, names: Names) -> QuerySet[Project]:
    """The one project of that name of that team or person, if the person sees it."""
    if not (is_askable(names["entity"]) and is_askable(names["project"])):
        return Project.objects.none()
    return Project.objects.visible_to(request.user).filter(
        entity__names__key=fold(names["entity"]), key=fold(names["project"])
    )


def _at_project(request: SignedIn, names: Names, project: Project) -> None:
    """Note the canonical names of a project; a personal one is in no organization."""
    names |= {"entity": project.entity.name, "project": project.name}
    team: Team | None = getattr(project.entity, "team", None)
    if team is not None:
        request.organization = team.organization


def _seen[T: Model](rows: QuerySet[T]) -> T:
    """Return the one row that the names lead to; without it, all of it does not exist."""
    found = rows.first()
    if found is None:
        raise Http404
    return found


def _at_home(request: SignedIn, names: Names, registry: Registry | None) -> None:
    """Note the canonical names of the registry that a row was looked for in."""
    assert registry is not None
    names |= {"org": registry.organization.name, "registry": registry.name}
    request.organization = registry.organization


in_organization = _finding(_organization)
in_team = _finding(_team)
in_registry = _finding(_registry)
in_collection = _finding(_collection)
in_version = _finding(_version)
in_project = _finding(_project)
in_source = _finding(_source)
in_run = _finding(_run)


def _elsewhere(request: SignedIn, names: Names) -> HttpResponseBase:
    """Lead a reader to the canonical address; a change goes nowhere but there."""
    if request.method not in {"GET", "HEAD"} or request.resolver_match is None:
        raise Http404
    address = reverse(request.resolver_match.view_name, kwargs=names)
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{address}?{query}" if query else address)
