"""Deleting: a collection into the trash; what was logged, a version or a run, for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.actors import require
from accounts.permissions import TeamPermission
from registries.models import Collection, Run, Version
from registries.operations.collections import delete_collection
from registries.operations.keeping import delete_artifact
from registries.operations.runs import delete_run
from registries.permissions import Permission
from registries.views.asking import ask, done
from registries.views.collections import ALIASES, HELD, held
from registries.views.lookups import in_collection, in_run, in_source, in_version

if TYPE_CHECKING:
    from accounts.requests import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_run
def run(request: SignedIn, run: Run) -> HttpResponse:
    """Say what goes with a run, or delete it for good."""
    if request.method != "POST":
        require(request.actor, TeamPermission.DELETE, run)
        return ask(request, "delete_run", run, run=run)
    delete_run(run, with_artifacts=False, by=request.actor)
    said = f"The run {run} is deleted."
    return done(request, run.project.get_absolute_url(), said, is_gone=True)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_collection
def collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """Say what goes with a collection of a registry, or put it into the trash."""
    return _collection(request, collection, Permission.DELETE_COLLECTION)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_source
def source(request: SignedIn, collection: Collection) -> HttpResponse:
    """Say what goes with a collection of a project, or put it into the trash."""
    return _collection(request, collection, TeamPermission.DELETE)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_version
def version(request: SignedIn, version: Version) -> HttpResponse:
    """Say what ends with a source version, or delete it for good."""
    if request.method == "POST":
        delete_artifact(version.artifact, with_aliases=True, by=request.actor)
        address, said = version.collection.get_absolute_url(), f"{version} is deleted."
        return done(request, address, said, is_gone=True)
    require(request.actor, TeamPermission.DELETE, version)
    versions = Version.objects.filter(artifact=version.artifact)
    aliases = list(version.aliases.with_protection()[: ALIASES + 1])
    context: dict[str, Any] = {"version": version, "aliases": aliases, "most": ALIASES}
    context |= _linked(request, versions)
    return ask(request, "delete_version", version, **context)


def _collection(
    request: SignedIn, collection: Collection, permission: Permission | TeamPermission
) -> HttpResponse:
    if request.method != "POST":
        require(request.actor, permission, collection)
        what_goes = _what_goes(request, collection)
        return ask(request, "delete_collection", collection, **what_goes)
    delete_collection(collection, by=request.actor)
    days = f"can be restored for {collection.home.trash_days} days"
    said = f"{collection} is in the trash, and {days}."
    return done(request, collection.home.get_absolute_url(), said, is_gone=True)


def _what_goes(request: SignedIn, collection: Collection) -> dict[str, Any]:
    aliases = collection.aliases.by_hand().protected_first().select_related("version")
    logged = Version.objects.filter(artifact__source=collection)
    in_the_way = (
        _linked(request, logged) if collection.project else {"held": held(collection)}
    )
    return in_the_way | {
        "collection": collection,
        "aliases": list(aliases[: ALIASES + 1]),
        "most": ALIASES,
    }


def _linked(request: SignedIn, versions: QuerySet[Version]) -> dict[str, Any]:
    """What of it is in registries, which stands in the way: as far as the person sees."""
    linked = versions.exclude(collection__registry=None)
    seen = Version.objects.visible_to(request.user).filter(pk__in=linked.values("pk"))
    homes = seen.with_homes().order_by("pk")[: HELD + 1]
    return {"is_linked": linked.exists(), "links": list(homes), "most_links": HELD}
