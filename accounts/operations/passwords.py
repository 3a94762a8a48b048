"""Passwords of people. Whoever forgot theirs gets a link by mail, from the worker."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.actors import Actor, Conflict
from accounts.events import record
from accounts.models import User
from accounts.operations.sessions import end_all
from accounts.operations.users import authorize_account, set_password


@transaction.atomic
def change_password(user: User, password: str, *, by: Actor) -> User:
    """Give a person another password, which ends their sessions.

    Writes user.change_password.
    """
    authorize_account(user, by=by)
    if user.is_service_account:
        raise Conflict("A service account has no password.")
    set_password(user, password)
    user.save(update_fields=["password"])
    end_all(UserSession.objects.filter(user=user))
    record("user.change_password", user, by=by)
    return user
