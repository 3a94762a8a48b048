"""What pages show of requests for a role: one's own, and those that wait for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from registries.backends import role_in
from registries.forms.members import AcceptForm, RequestForm
from registries.models import AccessRequest, Registry
from registries.permissions import GIVEN_ROLES

MOST = 50
"""How many requests the settings show at once, the oldest first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that nobody has answered, with the form to accept it."""

    asked: AccessRequest
    form: AcceptForm


def waiting(registry: Registry) -> list[Waiting]:
    """The open requests, the oldest first."""
    rows = registry.access_requests.filter(answered_at=None).order_by("pk")
    found = rows.select_related("membership__user__entity")[:MOST]
    return [Waiting(asked, AcceptForm(asked)) for asked in found]


def asking(
    registry: Registry, user: User, data: Any = None, *, need: Role | None = None
) -> dict[str, Any]:
    """Return one's open request and the form to make one; no form where none would help."""
    present = role_in(registry, user)
    if present is None or present.rank >= Role.ADMIN.rank:
        return {}
    mine = registry.access_requests.filter(membership__user=user, answered_at=None)
    asked = mine.first()
    wanted = asked.role if asked else need
    if wanted not in GIVEN_ROLES:
        wanted = None
    initial = {"role": wanted, "message": asked.message if asked else ""}
    return {"request_form": RequestForm(present, data, initial=initial), "asked": asked}
