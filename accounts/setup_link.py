"""The link with which the first person sets the installation up.

It is signed, lasts an hour, and dies when the first user exists: there is nothing to steal
from a log later, and nothing to replay.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner

from accounts.models import User

LIFETIME = timedelta(hours=1)
SIGNER = TimestampSigner(salt="accession.setup", sep=".")
PURPOSE = "first"


def is_needed() -> bool:
    """Say whether nobody can sign in yet, because there is no user."""
    return not User.objects.exists()


def new_token() -> str:
    """Return a token for the address of the set-up page."""
    return SIGNER.sign(PURPOSE)


def is_valid(token: str) -> bool:
    """Say whether the token opens the set-up page now."""
    try:
        return SIGNER.unsign(token, max_age=LIFETIME) == PURPOSE and is_needed()
    except BadSignature:
        return False
