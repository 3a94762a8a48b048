"""Where a person is signed in."""

from __future__ import annotations

import re

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.operations.sessions import end_other_sessions, end_session, sessions_of
from accounts.requests import SignedIn

MOST = 100
BROWSERS = {
    "Edge": r"Edg/",
    "Opera": r"OPR/",
    "Firefox": r"Firefox/",
    "Chrome": r"Chrom(e|ium)/",
    "Safari": r"Safari/",
}
SYSTEMS = {
    "Windows": r"Windows",
    "Android": r"Android",
    "iOS": r"iPhone|iPad",
    "macOS": r"Mac OS X",
    "Linux": r"Linux",
}
"""What tells browsers and systems, the more special before what they pretend to be."""


@require_safe
def sessions(request: SignedIn) -> HttpResponse:
    """List the sessions, the newest first."""
    rows = list(sessions_of(request.user)[:MOST])
    here = request.session.session_key
    shown = [(row, browser(row.user_agent), row.session_key == here) for row in rows]
    others = sum(not is_here for _, _, is_here in shown)
    return render(request, "accounts/sessions.html", {"sessions": shown, "others": others})


@require_POST
def end(request: SignedIn, pk: int) -> HttpResponse:
    """Sign one browser out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    end_session(session, by=request.actor)
    messages.success(request, f"{browser(session.user_agent)} is signed out.")
    return redirect("accounts:sessions")


@require_POST
def end_others(request: SignedIn) -> HttpResponse:
    """Sign every other browser out."""
    here = request.session.session_key or ""
    count = end_other_sessions(request.user, but=here, by=request.actor)
    messages.success(request, f"Signed out elsewhere: {count}.")
    return redirect("accounts:sessions")


def browser(agent: str) -> str:
    """Return what a browser says of itself, in words: "Firefox on Linux"."""
    name, system = (
        next((word for word, sign in known.items() if re.search(sign, agent)), "")
        for known in (BROWSERS, SYSTEMS)
    )
    known_name = name or "Another browser"
    return f"{known_name} on {system}" if system else known_name
