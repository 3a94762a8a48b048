"""What `check --deploy` says about an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import DatabaseError, connection

from registry_site.health import check_blobs

if TYPE_CHECKING:
    from collections.abc import Sequence


@register(Tags.files, deploy=True)
def blob_store(**options: Any) -> Sequence[CheckMessage]:
    """Check that blobs can be written."""
    try:
        check_blobs()
    except OSError as error:
        return [Error(f"The blob store cannot be written: {error}", id="accession.E001")]
    return []


@register(Tags.database, deploy=True)
def write_ahead_log(
    databases: Sequence[str] | None = None, **options: Any
) -> Sequence[CheckMessage]:
    """Check that SQLite lets readers read while somebody writes."""
    if not databases or connection.vendor != "sqlite":
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            (mode,) = cursor.fetchone()
    except DatabaseError as error:
        return [Error(f"The database cannot be read: {error}", id="accession.E002")]
    if mode == "wal":
        return []
    hint = "Network file systems do not have it: keep the data folder on a local disk."
    return [Error(f"SQLite is in {mode} mode, not WAL.", hint=hint, id="accession.E003")]


@register(Tags.security, deploy=True)
def keys(**options: Any) -> Sequence[CheckMessage]:
    """Check that sessions, API keys and signed addresses each have their own secret."""
    names = ("SECRET_KEY", "API_KEY_PEPPER", "TRANSFER_KEY", "SEALING_KEY")
    if len({getattr(settings, name) for name in names}) == len(names):
        return []
    sentence = f"{', '.join(names[:-1])} and {names[-1]} are not all different."
    return [Error(sentence, id="accession.E004")]


@register(Tags.security, deploy=True)
def base_url(**options: Any) -> Sequence[CheckMessage]:
    """Check that people reach the server by https."""
    if settings.BASE_URL.startswith("https://"):
        return []
    hint = "Put a proxy with a certificate before the server, set BASE_URL and TRUST_PROXY."
    return [
        Warning(f"BASE_URL is {settings.BASE_URL}.", hint=hint, id="accession.W001"),
    ]
