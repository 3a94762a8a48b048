"""Secrets of others that we keep: sealed by a key of its own, opened only to be used.

Encrypted by HMAC-SHA256 in counter mode under a random nonce, then authenticated together
with what the secret is for, so that it cannot be moved to another row (security.md, 5).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.conf import settings

NONCE = 16
TAG = 32


class Broken(Exception):
    """What was sealed was changed, is of something else, or the key is another one."""


def seal(secret: str, use: str) -> str:
    """Return the secret as it is stored, for this use only."""
    nonce = os.urandom(NONCE)
    hidden = _mixed(secret.encode(), nonce)
    return urlsafe_b64encode(nonce + hidden + _tag(nonce + hidden, use)).decode()


def opened(sealed: str, use: str) -> str:
    """Return the secret; raise Broken where it is not as it was sealed."""
    try:
        whole = urlsafe_b64decode(sealed)
    except ValueError:
        raise Broken from None
    body, tag = whole[:-TAG], whole[-TAG:]
    if not hmac.compare_digest(tag, _tag(body, use)):
        raise Broken
    return _mixed(body[NONCE:], body[:NONCE]).decode()


def _key(purpose: str) -> bytes:
    return hmac.digest(settings.SEALING_KEY.encode(), purpose.encode(), "sha256")


def _tag(body: bytes, use: str) -> bytes:
    bound = hashlib.sha256(use.encode()).digest()
    return hmac.digest(_key("authenticate"), bound + body, "sha256")


def _mixed(text: bytes, nonce: bytes) -> bytes:
    """Mix a text with the stream of its nonce; a second time gives the text back."""
    key, stream = _key("encrypt"), b""
    while len(stream) < len(text):
        stream += hmac.digest(key, nonce + len(stream).to_bytes(8), "sha256")
    return bytes(a ^ b for a, b in zip(text, stream, strict=False))
