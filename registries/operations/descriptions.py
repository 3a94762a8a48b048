"""Describing content: one text for an artifact, wherever it is linked."""

from __future__ import annotations

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
    refuse_read_only(by)
    version = locked_version(version)
    if by.user is not None:
        forget(by.user)
    require_description(version, by=by)
    artifact = hold(Artifact.objects.all()).get(pk=version.artifact_id)
    after = text.text(description)
    before, artifact.description = artifact.description, after
    if before == after:
        return artifact
    refuse_stale("description", before, seen)
    artifact.save(update_fields=["description"])
    homes = artifact.versions.select_related(
        "collection__registry__organization", "collection__project"
    )
    for home in homes.order_by("pk"):
        record("version.edit_description", home, by=by, before=before, after=after)
    return artifact


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
