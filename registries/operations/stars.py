"""Starring what one wants at hand, which is of no concern to anybody else."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.actors import Actor, Denied, authorize
from accounts.events import record
from accounts.models import User
from registries.models import Collection, Registry, Star
from registries.permissions import Permission


@transaction.atomic
def star(place: Registry | Collection, *, by: Actor) -> Star:
    """Star a registry or collection that one sees. Writes user.star, once."""
    user = _somebody(place, by=by)
    found, is_new = Star.objects.get_or_create(user=user, **_on(place))
    if is_new:
        record("user.star", user, by=by, after=place.full_name)
    return found


@transaction.atomic
def unstar(place: Registry | Collection, *, by: Actor) -> None:
    """Take one's star off, if it is there. Writes user.unstar then."""
    user = _somebody(place, by=by)
    deleted, _ = Star.objects.filter(user=user, **_on(place)).delete()
    if deleted:
        record("user.unstar", user, by=by, before=place.full_name)


def _somebody(place: Registry | Collection, *, by: Actor) -> User:
    """Return who acts, if they see the place: the server itself has no stars."""
    authorize(by, Permission.VIEW_COLLECTION, place)
    if by.user is None:
        raise Denied("Only people star something.")
    return by.user


def _on(place: Registry | Collection) -> dict[str, Any]:
    return {"registry" if isinstance(place, Registry) else "collection": place}
