"""Events of everything in a registry or project: the place is read off the subject."""

from __future__ import annotations

from typing import Any

from accounts import events
from accounts.actors import Actor
from accounts.events import Place
from accounts.models import Event, Organization, Team
from registries.models import Artifact, Collection, Project, Registry, Version


def record(
    kind: str,
    subject: Registry | Collection | Version | Project | Artifact,
    *,
    by: Actor,
    before: Any = None,
    after: Any = None,
    reason: str = "",
) -> Event:
    """Write one event, `subject.verb`, about something in a registry or project."""
    collection = _collection(subject)
    registry = subject if isinstance(subject, Registry) else None
    if collection is not None:
        registry = collection.registry
    return events.record(
        kind,
        subject,
        by=by,
        organization=_organization(registry, collection, subject),
        registry=Place(registry.pk, registry.name) if registry else Place(),
        collection=Place(collection.pk, collection.name) if collection else Place(),
        before=before,
        after=after,
        reason=reason,
    )


def _collection(subject: Any) -> Collection | None:
    if isinstance(subject, Collection):
        return subject
    if isinstance(subject, Artifact):
        return subject.source
    return getattr(subject, "collection", None)


def _organization(
    registry: Registry | None, collection: Collection | None, subject: Any
) -> Organization | None:
    if registry is not None:
        return registry.organization
    project = getattr(collection, "project", None)
    if isinstance(subject, Project):
        project = subject
    if project is None:
        return None
    team = (
        Team.objects.select_related("organization").filter(entity=project.entity_id).first()
    )
    return team.organization if team else None
