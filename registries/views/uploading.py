"""The lines that say how uploads into a registry or collection go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render

from registries.models import Collection, Registry, UploadSession, Version

if TYPE_CHECKING:
    from accounts.requests import SignedIn

SHOWN = 5
"""How many uploads are shown."""


def uploading(place: Registry | Collection) -> dict[str, Any]:
    """Return what components/uploading.html takes."""
    sessions = UploadSession.objects.filter(registry=place.registry)
    if isinstance(place, Collection):
        sessions = sessions.into(place.name)
    shown = sessions.with_number().select_related("created_by__entity").order_by("pk")
    return {"uploads": list(shown[: SHOWN + 1]), "most_uploads": SHOWN}


def lines(request: SignedIn, place: Registry | Collection) -> HttpResponse:
    """Answer a page that asks again, and say what became of the uploads it has seen."""
    seen = [int(pk) for pk in request.GET.getlist("seen")[: 2 * SHOWN] if _is_id(pk)]
    versions = Version.objects.committed().filter(artifact__in=seen).order_by("pk")
    context = {
        "registry": place.registry,
        "collection": place if isinstance(place, Collection) else None,
        "arrived": versions.filter(
            collection__registry=place.registry, collection__deleted_at=None
        ).select_related("collection__registry__organization__entity"),
        **uploading(place),
    }
    return render(request, "components/uploading.html", context)


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19
