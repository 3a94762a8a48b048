"""Describing content: one text and one metadata for an artifact, wherever it is linked."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts import text
from accounts.actors import Actor, forget, may, refuse_read_only, require
from accounts.operations.locks import hold
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Artifact, Version
from registries.operations.aliases import edit_permission, locked_version
from registries.operations.seen import refuse_stale
from registries.permissions import Permission


@transaction.atomic
def edit_description(
    version: Version, description: str, *, seen: str | None = None, by: Actor
) -> Artifact:
    """Replace the description of a version's artifact, in Markdown.

    With the mark of the text that was seen, one that changed meanwhile is a Conflict.
    Writes version.edit_description for each home of the artifact.
    """
    artifact = _locked(version, by=by)
    after = text.text(description)
    before, artifact.description = artifact.description, after
    if before == after:
        return artifact
    refuse_stale("description", before, seen)
    artifact.save(update_fields=["description"])
    _record("version.edit_description", artifact, before, after, by=by)
    return artifact


@transaction.atomic
def edit_metadata(version: Version, metadata: dict[str, Any], *, by: Actor) -> Artifact:
    """Replace the metadata of a version's artifact.

    Writes version.edit_metadata for each home of the artifact.
    """
    artifact = _locked(version, by=by)
    after = text.metadata(metadata)
    before, artifact.metadata = artifact.metadata, after
    if before == after:
        return artifact
    artifact.save(update_fields=["metadata"])
    _record("version.edit_metadata", artifact, before, after, by=by)
    return artifact


def _locked(version: Version, *, by: Actor) -> Artifact:
    """Lock a version and its artifact, which the actor may describe."""
    refuse_read_only(by)
    version = locked_version(version)
    if by.user is not None:
        forget(by.user)
    require_description(version, by=by)
    return hold(Artifact.objects.all()).get(pk=version.artifact_id)


def _record(kind: str, artifact: Artifact, before: Any, after: Any, *, by: Actor) -> None:
    homes = artifact.versions.select_related(
        "collection__registry__organization", "collection__project"
    )
    for home in homes.order_by("pk"):
        record(kind, home, by=by, before=before, after=after)


def may_describe(version: Version, *, by: Actor) -> bool:
    """Say whether the actor may here, or in another home of the same content."""
    here = edit_permission(Permission.EDIT_DESCRIPTION, version)
    anywhere = (Permission.EDIT_DESCRIPTION, TeamPermission.LOG)
    return may(by, here, version) or any(
        may(by, permission, version.artifact) for permission in anywhere
    )


def require_description(version: Version, *, by: Actor) -> None:
    """Raise Denied unless the actor may describe the content of a version."""
    if not may_describe(version, by=by):
        require(by, edit_permission(Permission.EDIT_DESCRIPTION, version), version)
