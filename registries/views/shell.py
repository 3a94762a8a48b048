"""What the shell around every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

from accounts.models import Organization, User

MOST = 50
"""How many organizations the menu lists."""


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs; nothing is read from the database until it is shown."""
    return {
        "sprite": static("img/icons.svg"),
        "organization": getattr(request, "organization", None),
        "organizations": lambda: _organizations(request),
    }


def _organizations(request: HttpRequest) -> list[Organization]:
    if not isinstance(request.user, User):
        return []
    mine = Organization.objects.visible_to(request.user)
    return list(mine.select_related("entity").order_by("display_name", "pk")[:MOST])
