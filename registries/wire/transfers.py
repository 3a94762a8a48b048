"""Bytes on their way: up into drafts, down from versions, at addresses that are signed."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.actors import Actor, Invalid, Missing, may, require
from accounts.text import is_askable
from registries.backends import downloading
from registries.manifests import write_manifest
from registries.models import Artifact, Entry, Version
from registries.operations.arrivals import receive_promised
from registries.operations.artifacts import check_pending
from registries.operations.blobs import check_room
from registries.operations.manifests import take_manifest
from registries.operations.parts import receive_part
from registries.storage import store
from registries.storage.bodies import body_of
from registries.storage.serving import guard, serve
from registries.wire.auth import actor_of
from registries.wire.fields import Asking
from registries.wire.ids import decode, encode
from registries.wire.requests import length, on_the_wire
from registries.wire.resolvers.homes import find_home
from registries.wire.signing import opened

if TYPE_CHECKING:
    from accounts.requests import Request

MANIFEST_LIMIT = 1 << 28
"""How large a manifest may be, in bytes: a million entries have about 200 MB."""


def _opened(request: Request, way: str, token: str) -> tuple[Actor, dict[str, Any]]:
    return opened(way, token, address=request.actor.address)


@on_the_wire("PUT")
def upload(request: Request, token: str) -> HttpResponseBase:
    """Take in a file of a draft."""
    actor, bound = _opened(request, "upload", token)
    entry = _entry(bound["e"])
    size, md5 = length(request), bound["m"]
    received = receive_promised(entry, body_of(request), size=size, md5=md5, by=actor)
    assert received.blob
    return HttpResponse(headers={"ETag": f'"{received.blob.sha256}"'})


@on_the_wire("PUT")
def upload_part(request: Request, token: str) -> HttpResponseBase:
    """Take in a part of a file; the tag is its MD5, which the SDK sends back."""
    actor, bound = _opened(request, "upload_part", token)
    entry, number, md5 = _entry(bound["e"]), bound["n"], bound["m"]
    size = length(request)
    receive_part(entry, number, body_of(request), size=size, md5=md5, by=actor)
    return HttpResponse(headers={"ETag": f'"{b64decode(md5).hex()}"'})


def _entry(pk: int) -> Entry:
    entry = Entry.objects.select_related("artifact").filter(pk=pk).first()
    if entry is None:
        raise Missing("There is no such file.")
    return entry


@on_the_wire("PUT")
def upload_manifest(request: Request, token: str) -> HttpResponseBase:
    """Take in the manifest of a draft."""
    actor, bound = _opened(request, "upload_manifest", token)
    artifacts = Artifact.objects.select_related("source__project__entity__team")
    artifact = artifacts.filter(pk=bound["a"]).first()
    if artifact is None:
        raise Missing("There is no such artifact.")
    check_pending(artifact, by=actor)
    check_room(length(request))
    staged = store().stage(body_of(request), limit=MANIFEST_LIMIT)
    try:
        if bound["m"] not in {"", staged.md5}:
            raise Invalid("digest", "The manifest arrived with other bytes than were sent.")
        with staged.path.open("rb") as stream:
            take_manifest(artifact, stream, kind=bound["t"], numbers=_number, by=actor)
    finally:
        store().discard([staged])
    return HttpResponse()


def _number(artifact_id: str) -> int:
    return decode("Artifact", artifact_id)


@on_the_wire("GET", "HEAD")
def file(request: Request, token: str) -> HttpResponseBase:
    """Send a file of a version."""
    actor, bound = _opened(request, "file", token)
    version = Version.objects.committed().with_homes().filter(pk=bound["v"]).first()
    if version is None:
        raise Missing("There is no such version.")
    entry = Entry.objects.select_related("blob").filter(
        pk=bound["e"], artifact=version.artifact_id
    )
    return send(request, actor, version, entry.first())


def send(
    request: Request, actor: Actor, version: Version, entry: Entry | None
) -> HttpResponseBase:
    """Send the bytes of an entry to whoever may download them from the version's home."""
    _require_bytes(actor, version)
    if entry is None or entry.blob is None:
        raise Missing("There is no such file.")
    return guard(serve(request, version, entry.blob), version, entry.path)


def _require_bytes(actor: Actor, version: Version) -> None:
    """Let a download go on; whoever may not even see the version learns nothing of it.

    What decides comes first: to ask what somebody sees costs as much as all the rest.
    """
    permission = downloading(version, whole=True)
    if may(actor, permission, version):
        return
    if not Version.objects.visible_to(actor.user).filter(pk=version.pk).exists():
        raise Missing("There is no such version.")
    require(actor, permission, version)


@on_the_wire("GET", "HEAD")
def manifest(request: Request, token: str) -> HttpResponseBase:
    """Send the manifest of an artifact that is still visible."""
    actor, bound = _opened(request, "manifest", token)
    found = Artifact.objects.visible_to(actor.user).filter(pk=bound["a"]).first()
    if found is None:
        raise Missing("There is no such artifact.")
    lines = write_manifest(found, own_id=encode("Artifact", found.pk))
    answer = StreamingHttpResponse(lines, content_type="application/json")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer = StreamingHttpResponse(_zipped(lines), content_type="application/json")
        answer["Content-Encoding"] = "gzip"
    answer["Vary"], answer["Cache-Control"] = "Accept-Encoding", "private, no-store"
    return answer


def _zipped(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


@on_the_wire("GET", "HEAD")
def fallback(request: Request, **names: str) -> HttpResponseBase:
    """Send a file by artifact and digest, to whoever comes with a key.

    The name of the file finds it at once where it fits: the SDK does not quote it, and
    sends the last part of a path. Those of entity, project and collection are not asked
    where the artifact's id says more.
    """
    actor = actor_of(request)
    digest = _base64(names["digest"])
    seen = list(_named(actor, names, digest))
    if not seen or not digest:
        raise Missing("There is no such file.")
    allowed = [v for v in seen if may(actor, downloading(v, whole=True), v)] or seen
    return send(request, actor, allowed[0], _same(seen[0].artifact, digest, names["name"]))


def _same(artifact: Artifact, digest: str, name: str) -> Entry | None:
    """Return the file with that digest, the one of that path if there is."""
    entries = artifact.entries.select_related("blob")
    same = entries.filter(digest=digest, blob__isnull=False)
    named = same.filter(path=name).first() if is_askable(name) else None
    return named or same.first()


def _named(actor: Actor, names: dict[str, str], digest: str) -> QuerySet[Version]:
    """Return the artifact's versions; of a collection only, the newest with that file."""
    assert actor.user is not None
    versions = Version.objects.visible_to(actor.user).with_homes()
    if "artifact" in names:
        return versions.filter(artifact=decode("Artifact", names["artifact"]))
    home = find_home(Asking(actor, base=""), names["entity"], names["project"])
    if home is None:
        return versions.none()
    collections = home.collections.named(names["collection"])
    with_it = Entry.objects.filter(
        artifact=OuterRef("artifact"), digest=digest, blob__isnull=False
    )
    found = versions.filter(Exists(with_it), collection__in=collections)
    return found.order_by("-number")[:1]


def _base64(digest: str) -> str:
    try:
        return b64encode(bytes.fromhex(digest)).decode()
    except ValueError:
        return ""
