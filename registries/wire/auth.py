"""Who is asking on the wire: HTTP Basic with an API key; cookies open nothing here."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from accounts.actors import Actor
from accounts.operations.keys import use_api_key

if TYPE_CHECKING:
    from accounts.requests import Request

USERNAME = "api"
"""What the SDK signs in as; the key is the password."""


class Unauthenticated(Exception):
    """No key came, or one that opens nothing (401)."""


def actor_of(request: Request) -> Actor:
    """Return who came with a live API key; raise Unauthenticated."""
    key = use_api_key(_secret(request.headers.get("Authorization", "")))
    if key is None:
        raise Unauthenticated
    address = request.actor.address
    return Actor(user=key.user, via="wire", key=key, address=address)


def _secret(header: str) -> str:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        name, _, secret = b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        return ""
    return secret if name == USERNAME else ""
