"""Edits of long texts that two people have open at once: nothing is overwritten unseen."""

from __future__ import annotations

import hashlib

from accounts.actors import Conflict


def mark(text: str) -> str:
    """Return a short mark of a text, by which an edit says what it has seen."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def refuse_stale(what: str, present: str, seen: str | None) -> None:
    """Raise Conflict where a text is not the one that was seen; None asks for nothing."""
    if seen not in {None, mark(present)}:
        raise Conflict(f"The {what} was changed by somebody else meanwhile.")
