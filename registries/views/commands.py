"""Commands as pages show them, ready to be copied into a shell; and who may fetch."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from django.conf import settings

from accounts.actors import may
from accounts.models import User
from registries.backends import downloading
from registries.models import Collection, Registry, Version

if TYPE_CHECKING:
    from accounts.requests import SignedIn

EXAMPLE = "my-collection"
"""The collection that an example names where there is none yet."""


def publish(registry: Registry, collection: Collection | None, user: User) -> str:
    """Return the command that links a version into that collection, or into a new one."""
    name = quote(f"{registry.full_name}/{collection or EXAMPLE}")
    types = [str(accepted) for accepted in registry.accepted_types.all()] or ["model"]
    is_clear = collection or (len(types) == 1 and not registry.accepts_all_types)
    type_option = "" if is_clear else f" --type {quote(types[0])}"
    what = f"publish ./model {name}{type_option} --as {quote(user.username)}"
    return f"{settings.MANAGE} {what}"


def fetch(full_name: str, user: User) -> str:
    """Return the command that fetches the version of that name."""
    what = f"fetch {quote(full_name)} ./model --as {quote(user.username)}"
    return f"{settings.MANAGE} {what}"


def missing_for_download(request: SignedIn, place: Collection | Version) -> str:
    """Say what downloading takes, to somebody who sees names and sizes only."""
    permission = downloading(place)
    if may(request.actor, permission, place):
        return ""
    return f"{permission.label} needs {permission.needs(place)}."
