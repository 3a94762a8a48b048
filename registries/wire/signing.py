"""Addresses that carry their own right: signed, bound to what they are for, and expiring.

The SDK sends no key to them. Whoever uses one is whoever got it, and what they may do is
asked again then. No name that people choose stands in the signed part.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.actors import Actor, Denied
from accounts.models import ApiKey
from registries.wire.fields import Asking

UP = timedelta(hours=24)
DOWN = timedelta(hours=1)
"""How long addresses are good: the SDK asks anew for files to fetch, not to upload."""
WAYS = {
    "upload": UP,
    "upload_manifest": UP,
    "upload_part": UP,
    "file": DOWN,
    "manifest": DOWN,
}
WAYS |= {"run_upload": UP, "run_file": DOWN}
OVER = "This address has expired or was changed: ask for another one."


def sign(asking: Asking, way: str, **bound: Any) -> str:
    """Return the address of a transfer for the asker, bound to these values."""
    key = asking.actor.key
    assert key is not None
    token = _signer(way).sign_object({"key": key.pk, **bound})
    return asking.base + reverse(f"wire:{way}", args=[token])


def opened(way: str, token: str, *, address: str) -> tuple[Actor, dict[str, Any]]:
    """Return who may use the address, and what it is bound to; raise Denied."""
    try:
        bound = _signer(way).unsign_object(token, max_age=WAYS[way])
    except signing.BadSignature:
        raise Denied(OVER) from None
    keys = ApiKey.objects.live().select_related("user__entity", "user__team__entity")
    key = keys.filter(pk=bound.pop("key")).first()
    if key is None:
        raise Denied(OVER)
    return Actor(user=key.user, via="wire", key=key, address=address), bound


def _signer(way: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(key=settings.TRANSFER_KEY, salt=way)
