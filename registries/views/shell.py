"""What the shell around every page shows."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.functional import SimpleLazyObject

from accounts.backends import administers
from accounts.models import Organization, User
from registries.models import Star
from registries.views.remembered import LAST_USED

MOST = 50
STARRED = 8
"""How many organizations the menu lists, and how many stars."""


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs; nothing is read from the database until it is shown.

    `organization` is the one the page is in; `around` the one whose menu stands beside it,
    on pages outside of any (account, errors) the one used last, or the first.
    """
    organization: Organization | None = getattr(request, "organization", None)
    organizations = SimpleLazyObject(partial(_organizations, request))
    around = organization or SimpleLazyObject(partial(_usual, request, organizations))
    return {
        "sprite": static("img/icons.svg"),
        "organization": organization,
        "dialog": "",  # of pages that have none
        "organizations": organizations,
        "administers": SimpleLazyObject(lambda: administers(request.user)),
        "around": around,
        "starred": SimpleLazyObject(partial(_starred, request, around)),
    }


def _usual(request: HttpRequest, organizations: Any) -> Organization | None:
    last = request.COOKIES.get(LAST_USED)
    found = (each for each in organizations if each.name == last)
    return next(found, next(iter(organizations), None))


def _starred(request: HttpRequest, around: Any) -> list[Star]:
    """Return the newest stars of the person in that organization.

    Most people have none; asking that first spares every page of theirs the long question.
    """
    if not Star.objects.filter(user=request.user.pk).exists():
        return []
    return list(Star.objects.shown_to(request.user, around)[:STARRED])


def _organizations(request: HttpRequest) -> list[Organization]:
    if not isinstance(request.user, User):
        return []
    mine = Organization.objects.visible_to(request.user)
    return list(mine.select_related("entity").order_by("display_name", "pk")[:MOST])
