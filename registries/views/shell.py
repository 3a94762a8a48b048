"""What the shell around every page shows."""

from typing import Any

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs."""
    return {}
