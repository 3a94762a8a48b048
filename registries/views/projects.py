"""Projects of an organization's teams: what was logged there, and by which runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Organization
from registries.models import Collection, Project, Version
from registries.models.collection import LATEST
from registries.models.ordering import by_letters
from registries.views import code
from registries.views.lookups import in_organization, in_project, in_source
from registries.views.paging import (
    NEWEST_VERSION,
    Order,
    address,
    moment,
    page_of,
    text,
    wants_part,
    words,
)
from registries.views.sorting import COLLECTION_ORDERS, sorting

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.requests import SignedIn

PROJECT_ORDERS = {
    "name": Order({"sort_name": text, "id": int}),
    "owner": Order({"sort_owner": text, "sort_name": text, "id": int}),
    "created": Order({"created_at": moment, "id": int}, descending=True),
}
NEWEST_RUN = Order({"id": int}, descending=True)
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
        mine = mine.filter(Q(name__icontains=wanted) | Q(entity__name__icontains=wanted))
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
@in_project
def runs(request: SignedIn, project: Project) -> HttpResponse:
    """List all runs, the newest first."""
    rows = project.runs.brief().select_related("created_by__entity")
    context = {"project": project, "page": page_of(rows, NEWEST_RUN, request)}
    return render(request, "projects/runs.html", context)


@require_safe
@in_source
def source(request: SignedIn, collection: Collection) -> HttpResponse:
    """Show the versions that were logged under one name, newest first."""
    return source_page(request, collection)


def source_page(
    request: SignedIn, collection: Collection, *, dialog: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, with a dialog before it or without."""
    sources = collection.versions.committed().for_table()
    linked = Version.objects.visible_to(request.user).filter(
        artifact=OuterRef("artifact"), collection__project=None
    )
    rows = sources.annotate(is_linked=Exists(linked))
    context = {
        "project": collection.project,
        "collection": collection,
        "page": page_of(rows, NEWEST_VERSION, request),
        "use": code.use(collection, LATEST, request.user),
        "log": code.log(collection.project, collection),
        "dialog": dialog,
    }
    return render(request, "projects/source.html", context, status=status)
