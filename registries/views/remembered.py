"""What a browser remembers in cookies: where somebody was last. Reading changes no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http.response import HttpResponseBase

from registries.models import Collection

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.requests import SignedIn

LAST_USED = "organization"
"""The cookie that remembers which organization `/` leads to."""
OPENED = "opened"
"""The cookie with the collections opened last, newest first, and whose they are."""
MOST = 6
YEAR = 365 * 24 * 60 * 60


def remember_organization(
    request: SignedIn, response: HttpResponseBase
) -> HttpResponseBase:
    """Note which organization was used last."""
    organization: Organization | None = getattr(request, "organization", None)
    if organization is None:
        return response
    return _remember(request, response, LAST_USED, organization.name)


def remember_collection(
    request: SignedIn, response: HttpResponseBase, collection: Collection
) -> HttpResponseBase:
    """Note that a collection was opened."""
    earlier = [number for number in _opened(request) if number != collection.pk]
    numbers = [request.user.pk, collection.pk, *earlier[: MOST - 1]]
    return _remember(request, response, OPENED, ".".join(map(str, numbers)))


def opened_lately(request: SignedIn, organization: Organization) -> list[Collection]:
    """Return what the person opened here last and still sees, newest first."""
    numbers = _opened(request)
    if not numbers:
        return []
    seen = Collection.objects.visible_to(request.user).filter(
        registry__organization=organization
    )
    found = seen.select_related("registry__organization__entity").in_bulk(numbers)
    return [found[number] for number in numbers if number in found]


def _opened(request: SignedIn) -> list[int]:
    """Read the cookie, as far as it is one of ours and of this person."""
    parts = request.COOKIES.get(OPENED, "").split(".")
    numbers = [int(part) for part in parts if part.isdecimal() and len(part) < 19]
    return numbers[1 : MOST + 1] if numbers[:1] == [request.user.pk] else []


def _remember(
    request: SignedIn, response: HttpResponseBase, name: str, value: str
) -> HttpResponseBase:
    if request.COOKIES.get(name) != value:
        response.set_cookie(
            name,
            value,
            max_age=YEAR,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
