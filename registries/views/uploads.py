"""Uploading a version: what it is to be, its files one by one, its end."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect, replace_url

from accounts.actors import Conflict, may, require
from accounts.backends import in_team
from accounts.models import Team
from accounts.permissions import TeamPermission
from accounts.text import parse_json
from registries.forms.uploads import AliasesForm, UploadForm
from registries.models import Blob, Collection, Registry, UploadSession, Version
from registries.operations.blobs import check_room
from registries.operations.publications import Published, publish_files
from registries.operations.uploads import (
    announce_files,
    begin_upload,
    cancel_upload,
    finish_upload,
    receive_file,
    refuse_others,
)
from registries.permissions import Permission
from registries.storage.bodies import body_of, length_of
from registries.storage.uploads import StagingHandler
from registries.views.lookups import in_collection, in_registry
from registries.views.paging import Order, page_of

if TYPE_CHECKING:
    from accounts.requests import SignedIn

FILES = 2000
"""How many files a list of what the server knows has."""
BY_AGE = Order({"id": int})
DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


@csrf_exempt  # asked for in _form: first who may, then the body is read
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_registry
def new(request: SignedIn, registry: Registry) -> HttpResponse:
    """Ask for a version of a new collection, or begin it."""
    return _ask(request, registry, None)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_collection
def version(request: SignedIn, collection: Collection) -> HttpResponse:
    """Ask for a new version of a collection, or begin it."""
    assert collection.registry
    return _ask(request, collection.registry, collection)


def _ask(
    request: SignedIn, registry: Registry, collection: Collection | None
) -> HttpResponse:
    """Decide before anything of the body is read, which may hold a whole file."""
    require(request.actor, Permission.LINK_ARTIFACT, registry)
    staging = StagingHandler(request)
    if request.method == "POST":
        check_room(length_of(request) or 0)
        request.upload_handlers = [staging]
    try:
        return _form(request, registry, collection)
    finally:
        staging.discard()


@csrf_protect
def _form(
    request: SignedIn, registry: Registry, collection: Collection | None
) -> HttpResponse:
    teams = _teams(request, registry)
    given: dict[str, Any] = {"initial": {"team": _usual(registry, collection, teams)}}
    if request.method == "POST":
        given |= {"data": request.POST, "files": request.FILES}
    form = UploadForm(registry, collection, teams, request.user, **given)
    if form.is_valid() and (response := _begin(request, form)):
        return response
    part = "#form" if request.htmx else ""
    context = {"registry": registry, "collection": collection, "form": form}
    return render(request, f"registries/upload.html{part}", context, status=form.status)


def _begin(request: SignedIn, form: UploadForm) -> HttpResponse | None:
    """Publish the file that came along; without one, open the upload that will bring it."""
    by = request.actor
    if files := form.staged():
        published = form.carries_out(
            lambda: publish_files(form.publication(), files, by=by)
        )
        return _arrived(request, published) if published else None
    if not request.htmx:
        form.refuse("file", "Choose a file.", 422)
        return None
    session = form.carries_out(lambda: begin_upload(form.publication(), by=by))
    if session is None:
        return None
    context = _running_context(request, _running(form.registry, session.pk))
    response = render(request, "registries/upload_session.html#panel", context)
    return replace_url(response, _address(session))


@require_safe
@vary_on_headers("HX-Request")
@in_registry
def session(request: SignedIn, registry: Registry, pk: int) -> HttpResponse:
    """Show how far an upload is; whoever began it goes on with it here."""
    found = _find(registry, pk)
    if found is None:
        return _over(request, registry, pk)
    part = "#progress" if request.htmx else ""
    context = _running_context(request, found)
    return render(request, f"registries/upload_session.html{part}", context)


def _over(request: SignedIn, registry: Registry, pk: int) -> HttpResponse:
    """Lead to what an upload became; of nothing new, tell the page that watches it."""
    try:
        version = _became(registry, pk)
    except Http404:
        if request.htmx.target != "progress":
            raise
        return render(request, "registries/upload_session.html#progress")
    to = HttpResponseClientRedirect if request.htmx else redirect
    return to(version.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@in_registry
def files(request: SignedIn, registry: Registry, pk: int) -> HttpResponse:
    """Say which files are known, and which of them are here; or take in more of them."""
    session = _running(registry, pk)
    if request.method == "POST":
        session = announce_files(session, _lines(request), by=request.actor)
        return JsonResponse({"files": session.file_count, "bytes": session.size})
    refuse_others(session, by=request.actor)
    uploads = session.artifact.uploads.select_related("blob")
    page = page_of(uploads, BY_AGE, request, size=FILES)
    rows = [[row.path, row.size, _base64(row.blob)] for row in page.rows]
    return JsonResponse({"files": rows, "next": page.next})


@require_http_methods(["PUT"])
@in_registry
def file(request: SignedIn, registry: Registry, pk: int, path: str) -> HttpResponse:
    """Take in the bytes of one file, as they come."""
    session = _running(registry, pk)
    if (size := length_of(request)) is None:
        return HttpResponse("Say how many bytes come.\n", "text/plain", status=411)
    claimed, by = _digest(request), request.actor
    try:
        receive_file(session, path, body_of(request), size=size, sha256=claimed, by=by)
    except UnreadablePostError:
        raise BadRequest("The body was cut off.") from None
    return HttpResponse(status=204)


@require_POST
@in_registry
def finish(request: SignedIn, registry: Registry, pk: int) -> HttpResponse:
    """Make a version of what is here."""
    session = _running(registry, pk)
    form = AliasesForm(request.POST)
    if form.is_valid():
        published = form.carries_out(
            lambda: finish_upload(session, aliases=form.names(), by=request.actor)
        )
        if published:
            return _arrived(request, published)
    context = _running_context(request, session) | {"form": form}
    part = "#finish" if request.htmx else ""
    name = f"registries/upload_session.html{part}"
    return render(request, name, context, status=form.status)


@require_POST
@in_registry
def cancel(request: SignedIn, registry: Registry, pk: int) -> HttpResponse:
    """Give up an upload."""
    session = _running(registry, pk)
    cancel_upload(session, by=request.actor)
    messages.success(request, f"The upload to {session.collection} was cancelled.")
    return redirect(_collection(session) or registry)


def _teams(request: SignedIn, registry: Registry) -> dict[str, Team]:
    """The teams of the organization into whose projects the person logs."""
    teams = in_team(request.user).filter(organization=registry.organization_id)
    named = teams.filter(deleted_at=None).select_related("entity").order_by("entity__name")
    return {t.name: t for t in named if may(request.actor, TeamPermission.LOG, t)}


def _usual(
    registry: Registry, collection: Collection | None, teams: dict[str, Team]
) -> str:
    """The team that keeps the newest version, or else the first."""
    newest = Version.objects.filter(collection=collection).order_by("-number")
    found = newest.values_list("artifact__source__project__entity__name", flat=True)
    usual = found.first() if collection else None
    return usual if usual in teams else "" if usual else next(iter(teams), "")


def _find(registry: Registry, pk: int) -> UploadSession | None:
    sessions = registry.upload_sessions.with_number().filter(pk=pk)
    session = sessions.select_related("artifact", "created_by__entity").first()
    if session:
        session.registry = registry
    return session


def _running(registry: Registry, pk: int) -> UploadSession:
    """Return an upload that can go on; of one that is over, say what it became."""
    if session := _find(registry, pk):
        return session
    raise Conflict(f"This upload is finished: it became {_became(registry, pk)}.")


def _became(registry: Registry, pk: int) -> Version:
    versions = Version.objects.committed().select_related("collection")
    version = versions.filter(artifact=pk, collection__registry=registry).first()
    if version is None or version.collection.deleted_at:
        raise Http404
    version.collection.registry = registry
    return version


def _running_context(request: SignedIn, session: UploadSession) -> dict[str, Any]:
    return {
        "session": session,
        "registry": session.registry,
        "collection": _collection(session),
        "is_own": session.created_by_id == request.user.pk,
        "form": AliasesForm(initial={"aliases": ", ".join(session.aliases)}),
    }


def _collection(session: UploadSession) -> Collection | None:
    """Return the collection that it goes into, if that is there already."""
    found = session.registry.collections.named(session.collection).first()
    if found:
        found.registry = session.registry
    return found


def _address(session: UploadSession) -> str:
    registry = session.registry
    names = [registry.organization.name, registry.name, session.pk]
    return reverse("registries:upload_session", args=names)


def _arrived(request: SignedIn, published: Published) -> HttpResponse:
    """Lead to the version, and say what it is."""
    version = published.version
    if published.was_known:
        said = (
            f"The content is known already: this is v{version.number}. "
            "Its description and metadata stay as they were."
        )
    else:
        said = f"v{version.number} is here."
    messages.success(request, said)
    to = HttpResponseClientRedirect if request.htmx else redirect
    return to(version.get_absolute_url())


def _lines(request: SignedIn) -> list[tuple[str, int]]:
    """Read the announced paths and sizes; what they may be is the operation's."""
    if request.content_type != "application/json":
        raise BadRequest("Announce files as application/json.")
    match parse_json(request.body, "files"):
        case {"files": [*lines], **more} if not more and all(
            isinstance(line, list) and len(line) == 2 for line in lines
        ):
            return [(path, size) for path, size in lines]
    raise BadRequest('Announce files as {"files": [["path", 1], …]}.')


def _digest(request: SignedIn) -> str | None:
    """Which bytes the sender means to send, where it says so."""
    if (given := request.headers.get("Content-Digest")) is None:
        return None
    if match := DIGEST.fullmatch(given):
        return b64decode(match[1]).hex()
    raise BadRequest("Give the digest as sha-256=:base64:.")


def _base64(blob: Blob | None) -> str | None:
    return b64encode(bytes.fromhex(blob.sha256)).decode() if blob else None
