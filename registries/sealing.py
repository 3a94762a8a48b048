"""Secrets of others that we keep: sealed by a key of its own, opened only to be used.

Each use has a key of its own, derived from `SEALING_KEY`, so that what is sealed cannot be
moved to another row (security.md, 5).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

UNREADABLE = (
    "This secret cannot be read any more, as after a change of SEALING_KEY: enter it anew."
)


class Broken(Exception):
    """What was sealed was changed, is of something else, or the key is another one."""


def seal(secret: str, use: str) -> str:
    """Return the secret as it is stored, for this use only."""
    return _lock(use).encrypt(secret.encode()).decode()


def opened(sealed: str, use: str) -> str:
    """Return the secret; raise Broken where it is not as it was sealed."""
    try:
        return _lock(use).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Broken(UNREADABLE) from None


def _lock(use: str) -> Fernet:
    derive = HKDF(SHA256(), length=32, salt=None, info=use.encode()).derive
    return Fernet(urlsafe_b64encode(derive(settings.SEALING_KEY.encode())))
