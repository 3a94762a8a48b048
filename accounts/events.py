"""Writing events, by operations only, inside their transaction: no event, no change."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import models

from accounts.actors import Actor
from accounts.models import Event, Organization


class Place(NamedTuple):
    """Where something happened, by id and name, for both outlive the row."""

    id: int | None = None
    name: str = ""


def record(
    kind: str,
    subject: models.Model,
    *,
    by: Actor,
    organization: Organization | None = None,
    registry: Place = Place(),  # noqa: B008 - an immutable tuple
    collection: Place = Place(),  # noqa: B008
    before: Any = None,
    after: Any = None,
    reason: str = "",
) -> Event:
    """Write one event of the kind `subject.verb`; before and after are JSON."""
    return Event.objects.create(
        kind=kind,
        actor_id=by.user.pk if by.user else None,
        actor_name=by.name,
        via=by.via,
        key_id=by.key.pk if by.key else None,
        address=by.address,
        organization_id=organization.pk if organization else None,
        organization_name=organization.display_name if organization else "",
        registry_id=registry.id,
        registry_name=registry.name,
        collection_id=collection.id,
        collection_name=collection.name,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        subject_name=str(subject)[:1100],
        before=before,
        after=after,
        reason=reason,
    )
