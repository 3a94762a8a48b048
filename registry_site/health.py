"""Whether the server is alive, and whether it can work."""

from __future__ import annotations

import logging
import tempfile
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

logger = logging.getLogger("accession.health")


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether the database answers and the blob store can be written."""
    parts = {"database": _works(check_database), "blobs": _works(check_blobs)}
    return JsonResponse(
        {name: "ok" if works else "away" for name, works in parts.items()},
        status=200 if all(parts.values()) else 503,
    )


def _works(check: Callable[[], None]) -> bool:
    try:
        check()
    except (Error, OSError):
        logger.exception("Not ready")
        return False
    return True


def check_database() -> None:
    """Ask the database for something small, or raise django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_blobs() -> None:
    """Write a byte where the blobs are, or raise OSError."""
    with tempfile.TemporaryFile(dir=settings.BLOB_DIR) as file:
        file.write(b"x")
        file.flush()
