"""Projects of an organization's teams: what was logged there, and by which runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Organization
from accounts.text import fold
from registries.models import Collection, Project, Run, Version
from registries.models.collection import LATEST
from registries.models.ordering import by_letters, by_shown_name
from registries.views import code
from registries.views.filters import RUN_FILTERS, SOURCE_FILTERS, Filters, offered_versions
from registries.views.lookups import in_organization, in_project, in_source
from registries.views.paging import (
    Order,
    address,
    moment,
    page_of,
    text,
    wants_part,
    words,
)
from registries.views.sorting import COLLECTION_ORDERS, VERSION_ORDERS, sorting

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.requests import SignedIn

PROJECT_ORDERS = {
    "name": Order({"sort_name": text, "id": int}),
    "owner": Order({"sort_owner": text, "sort_name": text, "id": int}),
    "created": Order({"created_at": moment, "id": int}, descending=True),
}
RUN_ORDERS = {
    "started": Order({"id": int}, descending=True),
    "name": Order({"sort_name": text, "id": int}),
}
RUNS = 10
"""How many runs the page of a project shows."""


@require_safe
@vary_on_headers("HX-Request")
@in_organization
def projects(request: SignedIn, organization: Organization) -> HttpResponse:
    """List the projects of its teams that the person sees, and the person's own."""
    wanted = words(request, "filter")
    sort = sorting(request, PROJECT_ORDERS)
    page = page_of(_matching(request, organization, wanted), sort.order, request)
    context = {
        "organization": organization,
        "filter": wanted,
        "clear": address(request, filter=""),
        "sort": sort,
        "page": page,
        "rows": _with_counts(page.rows),
    }
    part = "#projects" if wants_part(request) else ""
    return render(request, f"projects/list.html{part}", context)


def _matching(
    request: SignedIn, organization: Organization, wanted: str
) -> QuerySet[Project]:
    mine = Project.objects.visible_to(request.user).filter(
        Q(entity__team__organization=organization) | Q(entity=request.user.entity_id)
    )
    if wanted:
        named = Q(key__contains=fold(wanted)) | Q(entity__name__icontains=wanted)
        mine = mine.filter(named)
    return mine.select_related("entity__team").annotate(
        sort_name=by_letters("name"), sort_owner=by_letters("entity__name")
    )


def _with_counts(projects: Sequence[Project]) -> list[tuple[Project, int]]:
    """Tell with each how many collections it has: of those shown, not of all."""
    lines = Collection.objects.live().filter(project__in=projects)
    counts = dict(lines.order_by().values_list("project").annotate(Count("pk")))
    return [(project, counts.get(project.pk, 0)) for project in projects]


@require_safe
@in_project
def project(request: SignedIn, project: Project) -> HttpResponse:
    """Show what was logged, sorted as asked, and the newest runs."""
    sort = sorting(request, COLLECTION_ORDERS)
    lines = project.collections.live().select_related("updated_by__entity")
    runs = project.runs.brief().select_related("created_by__entity").order_by("-id")
    context = {
        "project": project,
        "sort": sort,
        "page": page_of(lines.for_table(), sort.order, request),
        "runs": list(runs[: RUNS + 1]),
        "most": RUNS,
        "log": code.log(project),
    }
    return render(request, "projects/project.html", context)


@require_safe
@vary_on_headers("HX-Request")
@in_project
def runs(request: SignedIn, project: Project) -> HttpResponse:
    """List the runs that match, sorted as asked."""
    if wants_part(request):
        context = _runs(request, project) | {"part": True}
        return render(request, "projects/runs.html#runs", context)
    context = _runs(request, project) | {"log": code.log(project)}
    return render(request, "projects/runs.html", context)


def _runs(request: SignedIn, project: Project) -> dict[str, Any]:
    filters = Filters(RUN_FILTERS, request.GET)
    sort = sorting(request, RUN_ORDERS)
    rows = project.runs.brief().select_related("created_by__entity")
    named = rows.annotate(sort_name=by_shown_name("display_name", "name"))
    page = page_of(filters.narrow(named, project), sort.order, request)
    counted = project.runs.filter(pk__in=[run.pk for run in page.rows]).counted()
    for run in page.rows:
        run.counted = counted.get(run.pk)
    return {
        "project": project,
        "filters": filters,
        "clear": filters.off(request),
        "controls": filters.controls(request, _offered(request, page.rows)),
        "sort": sort,
        "page": page,
    }


def _offered(request: SignedIn, runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return what filters offer: the states, and what is on this page."""
    makers = {run.created_by.username for run in runs if run.created_by}
    groups = {"group": {run.group for run in runs}, "job": {run.job_type for run in runs}}
    said = {name: sorted(values - {""}) for name, values in groups.items()}
    return {
        "state": [*Run.State.values],
        **{name: values for name, values in said.items() if values or name in request.GET},
        "by": [request.user.username, *sorted(makers)],
    }


@require_safe
@in_source
def source(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show the versions that were logged under one name, newest first."""
    return source_page(request, collection)


def source_page(
    request: SignedIn, collection: Collection, *, dialog: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, with a dialog before it or without."""
    context = _versions(request, collection) | {
        "project": collection.project,
        "collection": collection,
        "use": code.use(collection, LATEST, request.user),
        "log": code.log(collection.project, collection),
        "dialog": dialog,
    }
    return render(request, "projects/source.html", context, status=status)


def _versions(request: SignedIn, collection: Collection) -> dict[str, Any]:
    """Return a page of the versions that match, sorted as asked."""
    filters = Filters(SOURCE_FILTERS, request.GET)
    sort = sorting(request, VERSION_ORDERS)
    sources = filters.narrow(collection.versions.committed().for_table(), collection)
    linked = Version.objects.visible_to(request.user).filter(
        artifact=OuterRef("artifact"), collection__project=None
    )
    page = page_of(sources.annotate(is_linked=Exists(linked)), sort.order, request)
    return {
        "filters": filters,
        "clear": filters.off(request),
        "controls": filters.controls(request, offered_versions(request, page.rows)),
        "sort": sort,
        "page": page,
    }
