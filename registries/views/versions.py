"""A version: how to use it, what it says of itself, its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F, Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from registries.models import Alias, Artifact, Entry, Run, Usage, Version
from registries.models.ordering import by_bytes, with_words
from registries.operations.descriptions import may_describe
from registries.views import code
from registries.views.archives import MOST_FILES
from registries.views.commands import missing_for_download
from registries.views.files import checked_at
from registries.views.lookups import in_version
from registries.views.outline import outline, tree
from registries.views.paging import Order, page_of, text, wants_part, words

if TYPE_CHECKING:
    from accounts.requests import SignedIn

FILES = 200
VALUES = 200
"""How many files and metadata values are shown at once."""
SIBLINGS = 10
ALIASES = 20
HOMES = 20
RUNS = 20
BY_PATH = Order({"sort_path": text})


@require_safe
@vary_on_headers("HX-Request")
@in_version
def version(request: SignedIn, version: Version) -> HttpResponse:
    """Show a version, in a registry or in the project where it was logged."""
    if wants_part(request):
        context = _places(version) | _files(request, version)
        return render(request, "components/files.html#files", context)
    return version_page(request, version)


def version_page(
    request: SignedIn, version: Version, *, dialog: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, with a dialog before it or without."""
    context = (
        _places(version)
        | _files(request, version)
        | _facts(request, version)
        | {"dialog": dialog}
    )
    return render(request, f"{_home(version)}/version.html", context, status=status)


def _home(version: Version) -> str:
    return "registries" if version.registry else "projects"


def _places(version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "collection": version.collection,
        "registry": version.registry,
        "project": version.project,
        "artifact": version.artifact,
    }


def _facts(request: SignedIn, version: Version) -> dict[str, Any]:
    """Return what stands around the files."""
    return {
        **_siblings(version),
        "previous": _previous(version),
        "tags": version.tags.all(),
        "may_describe": may_describe(version, by=request.actor),
        "metadata": outline(version.artifact.metadata, VALUES + 1),
        "homes": _homes(request, version),
        "produced_by": _runs(request, version, Usage.Role.PRODUCED),
        "used_by": _runs(request, version, Usage.Role.USED),
        "use": code.use(version.collection, f"v{version.number}", request.user),
        "most": {
            "values": VALUES,
            "homes": HOMES,
            "runs": RUNS,
            "zipped": MOST_FILES,
        },
    }


def _files(request: SignedIn, version: Version) -> dict[str, Any]:
    """Return a page of the files as a tree, and whether they may be downloaded."""
    entries = version.artifact.entries.select_related("blob").defer("digest")
    wanted = words(request, "files")
    if wanted:
        entries = entries.filter(with_words("path", wanted))
    by_path = entries.annotate(sort_path=by_bytes("path"))
    page = page_of(by_path, BY_PATH, request, size=FILES)
    return {
        "page": page,
        "filter": wanted,
        "folder": tree(page.rows),
        "checked_at": _checked(page.rows, version.artifact),
        "missing": missing_for_download(request, version),
    }


def _checked(rows: Sequence[Entry], artifact: Artifact) -> datetime | None:
    """When the oldest check of its bytes was, if all of them are here and were checked."""
    moments = [checked_at(entry.blob, artifact) for entry in rows if entry.blob]
    if len(rows) != artifact.file_count or not moments or None in moments:
        return None
    return min(moment for moment in moments if moment)


def _siblings(version: Version) -> dict[str, Any]:
    """Return the newest versions with this one among them, and this one's aliases."""
    siblings: list[Any] = list(
        version.collection.versions.committed().order_by("-number")[:SIBLINGS]
    )
    if version not in siblings:
        siblings.append(version)
    some = Alias.objects.protected_first()[: ALIASES + 1]
    prefetch_related_objects(siblings, Prefetch("aliases", some, to_attr="shown_aliases"))
    here = siblings[siblings.index(version)]
    held = [alias for alias in here.shown_aliases if alias.is_protected]
    return {"siblings": siblings, "aliases": here.shown_aliases, "held": held}


def _previous(version: Version) -> int | None:
    """Return the number of the version before it, where there are pages that compare."""
    if version.registry is None:
        return None
    earlier = version.collection.versions.committed().filter(number__lt=version.number)
    return earlier.order_by("-number").values_list("number", flat=True).first()


def _homes(request: SignedIn, version: Version) -> QuerySet[Version]:
    """Return where else the artifact is, its source first, as far as the person sees."""
    homes = Version.objects.visible_to(request.user).filter(artifact=version.artifact)
    return (
        homes.exclude(pk=version.pk)
        .select_related(
            "collection__registry__organization__entity", "collection__project__entity"
        )
        .order_by(F("collection__project").asc(nulls_last=True), "pk")[: HOMES + 1]
    )


def _runs(request: SignedIn, version: Version, role: Usage.Role) -> list[Run]:
    """The last runs that logged the artifact, or used it, of those that the person sees."""
    usages = Usage.objects.filter(artifact=version.artifact, role=role)
    runs = Run.objects.visible_to(request.user).filter(pk__in=usages.values("run"))
    found = runs.brief().select_related("project__entity", "created_by__entity")
    return list(found.order_by("-pk")[: RUNS + 1])
