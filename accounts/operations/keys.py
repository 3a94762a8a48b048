"""API keys: issued once, revoked for good; a secret is returned once and never kept."""

from __future__ import annotations

import re
import secrets
import string
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Invalid
from accounts.events import record
from accounts.models import ApiKey, Organization, User
from accounts.models.api_key import digest
from accounts.operations.locks import hold
from accounts.operations.users import authorize_account, authorize_service_account

PREFIX = "accession-"
"""How a secret of ours begins, so that scanners and people recognize one that leaked.

Of what stands behind the hyphen, SDKs before 0.22 take exactly 40 characters.
"""
ALPHABET = string.ascii_letters + string.digits
NOTED = timedelta(minutes=1)
"""How exactly it is kept when a key was last used: a write for each call would be dear."""
LONGEST_CHANGE = 7 * 24
"""How long an old key may go on beside the one that takes its place, in hours."""
GIVEN_SECRET = re.compile(r"[!-~]{40,256}")


@transaction.atomic
def issue_api_key(
    user: User,
    *,
    name: str,
    read_only: bool = False,
    expires_at: datetime | None = None,
    secret: str | None = None,
    by: Actor,
) -> tuple[ApiKey, str]:
    """Make a key with which a program acts as the user; return it with its secret.

    Writes api_key.issue.
    """
    authorize_keys(user, by=by)
    if not user.is_active:
        raise Conflict(f"The account {user.username} is deactivated.")
    name = text.printable(name, "name", most=128)
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid("expires_at", "The key expires in the future, or never.")
    secret = _new() if secret is None else _given(secret)
    key = ApiKey(user=user, name=name, digest=digest(secret), hint=secret[-4:])
    key.read_only, key.expires_at = read_only, expires_at
    try:
        with transaction.atomic():
            key.save()
    except IntegrityError:
        raise Conflict("There is a key with this secret already.") from None
    after = {
        "user": user.username,
        "read_only": read_only,
        "expires_at": expires_at and expires_at.isoformat(),
    }
    record("api_key.issue", key, by=by, organization=_organization(user), after=after)
    return key, secret


@transaction.atomic
def revoke_api_key(key: ApiKey, *, by: Actor) -> ApiKey:
    """End a key for good; a revoked one stays as it is. Writes api_key.revoke."""
    authorize_keys(key.user, by=by)
    key = hold(ApiKey.objects.all()).get(pk=key.pk)
    if key.revoked_at is not None:
        return key
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    organization = _organization(key.user)
    before = {"user": key.user.username}
    record("api_key.revoke", key, by=by, organization=organization, before=before)
    return key


@transaction.atomic
def rotate_api_key(key: ApiKey, *, hours: int = 0, by: Actor) -> tuple[ApiKey, str]:
    """Put another key in the place of one, alike but for its secret; return both.

    The old one ends now, or `hours` later (at most a week), so that programs can change
    over. Writes api_key.issue, and api_key.revoke or api_key.expire.
    """
    authorize_keys(key.user, by=by)
    key = hold(ApiKey.objects.select_related("user")).get(pk=key.pk)
    if not key.is_live:
        raise Conflict(f"The API key {key.name} has ended already.")
    if not 0 <= hours <= LONGEST_CHANGE:
        raise Invalid("hours", f"The old key ends within {LONGEST_CHANGE} hours.")
    now = timezone.now()
    span = None if key.expires_at is None else key.expires_at - key.created_at
    made = issue_api_key(
        key.user,
        name=key.name,
        read_only=key.read_only,
        expires_at=None if span is None else now + span,
        by=by,
    )
    if hours == 0:
        revoke_api_key(key, by=by)
        return made
    ends = now + timedelta(hours=hours)
    key.expires_at = min(key.expires_at or ends, ends)
    key.save(update_fields=["expires_at"])
    after = {"user": key.user.username, "expires_at": key.expires_at.isoformat()}
    organization = _organization(key.user)
    record("api_key.expire", key, by=by, organization=organization, after=after)
    return made


def use_api_key(secret: str) -> ApiKey | None:
    """Return the live key with that secret, and note that it was used; None without one.

    Writes no event: what is done with the key writes its own.
    """
    if not secret:
        return None
    keys = ApiKey.objects.live().select_related(
        "user__entity", "user__team__entity", "user__default_team__entity"
    )
    key = keys.of_secret(secret).first()
    now = timezone.now()
    if key and (key.last_used_at is None or key.last_used_at < now - NOTED):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def authorize_keys(user: User, *, by: Actor) -> None:
    """Raise Denied unless the actor may issue, list and revoke the user's keys.

    A service account's keys also belong to whoever manages the account.
    """
    organization = _organization(user)
    if organization is None or (by.user is not None and by.user.pk == user.pk):
        authorize_account(user, by=by)
    else:
        authorize_service_account(user.team, organization, by=by)


def _organization(user: User) -> Organization | None:
    """Return the organization of a service account; a person's keys are in none."""
    if not user.is_service_account:
        return None
    return Organization.objects.filter(memberships__user=user).first()


def _new() -> str:
    """Make a secret of letters and digits: the SDK cuts off what ends in a hyphen."""
    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(40))


def _given(secret: str) -> str:
    if not GIVEN_SECRET.fullmatch(secret):
        raise Invalid(
            "secret", "The secret needs 40 to 256 printable ASCII characters, no spaces."
        )
    return secret
