"""Where somebody is signed in, and ending that. Rows come from allauth at each sign-in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor, Missing
from accounts.events import record
from accounts.models import User
from accounts.operations.locks import hold
from accounts.operations.users import authorize_account


def sessions_of(user: User) -> QuerySet[UserSession]:
    """The sessions of the user that go on, the newest first."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    mine: QuerySet[UserSession] = UserSession.objects.filter(
        user=user, session_key__in=live
    )
    return mine.order_by("-pk")


@transaction.atomic
def end_session(session: UserSession, *, by: Actor) -> None:
    """Sign a browser out; its next request asks to sign in. Writes session.end."""
    authorize_account(session.user, by=by)
    found = hold(UserSession.objects.filter(pk=session.pk))
    if found.first() is None:
        raise Missing("This session has ended already.")
    record("session.end", session, by=by, after={"user": session.user.username})
    end_all(found)


@transaction.atomic
def end_other_sessions(user: User, *, but: str, by: Actor) -> int:
    """Sign every browser out but the one of that session key; return how many.

    Writes session.end for each.
    """
    authorize_account(user, by=by)
    others = sessions_of(user).exclude(session_key=but)
    ended = list(others)
    for session in ended:
        record("session.end", session, by=by, after={"user": user.username})
    end_all(UserSession.objects.filter(user=user).exclude(session_key=but))
    return len(ended)


def forget_expired() -> None:
    """Delete what was noted of sessions that are there no more."""
    there = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=there).delete()


def end_all(sessions: QuerySet[UserSession]) -> None:
    """Delete sessions and what they hold, inside the caller's transaction."""
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.filter(session_key__in=keys).delete()
