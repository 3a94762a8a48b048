"""The bytes of one file of a version."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.actors import require
from registries.backends import downloading
from registries.models import Artifact, Blob, Version
from registries.storage.serving import guard, serve
from registries.views.lookups import in_version

if TYPE_CHECKING:
    from accounts.requests import Request


@require_safe
@in_version
def raw(request: Request, version: Version, path: str) -> HttpResponseBase:
    """Send a file of the version, to whoever may download files."""
    require(request.actor, downloading(version), version)
    entry = version.artifact.entries.select_related("blob").filter(path=path).first()
    if entry is None or entry.blob is None:
        raise Http404
    return guard(serve(request, version, entry.blob), version, entry.path)


def checked_at(blob: Blob, artifact: Artifact) -> datetime | None:
    """Return when the bytes were last checked, if that was since they were logged here."""
    since = artifact.committed_at or artifact.created_at
    return blob.checked_at if blob.checked_at and blob.checked_at >= since else None
