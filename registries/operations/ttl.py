"""How long artifacts are kept (sdk-protocol.md, section 7.3)."""

from __future__ import annotations

from accounts.actors import Invalid

INHERIT, NEVER = -1, -2
"""What the SDK sends for what is usual, and for no end."""
FOR_EVER = 0
"""What is kept of it: no end."""
LONGEST = 100 * 365 * 24 * 3600


def ttl_seconds(given: int | None, present: int | None) -> int | None:
    """Return what is kept for a time to live that was sent, in seconds.

    None leaves what is there.
    """
    if given is None:
        return present
    if given == INHERIT:
        return None
    if given == NEVER:
        return FOR_EVER
    if not 0 < given <= LONGEST:
        raise Invalid("ttl", "The time to live is 1 second to 100 years.")
    return given
