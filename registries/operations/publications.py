"""Publishing: files become an artifact in a project, and a version in a registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.actors import Actor, Missing
from accounts.models import Team, User
from registries.models import Artifact, Registry, Version
from registries.operations import members
from registries.operations.artifacts import (
    attach_files,
    begin_artifact,
    commit_artifact,
    source_name,
)
from registries.operations.links import check_link, link
from registries.operations.projects import UPLOADS, ensure_project
from registries.storage import Staged


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is to become a version, where, and whose project keeps the files."""

    registry: Registry
    collection: str
    artifact_type: str
    owner: Team | User
    aliases: Sequence[str] = ()
    description: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """The version in the registry, and whether its content was logged before."""

    version: Version
    was_known: bool


@transaction.atomic
def publish_files(
    publication: Publication, files: Sequence[tuple[str, Staged]], *, by: Actor
) -> Published:
    """Make a version of staged files, all at once.

    Writes artifact.begin, artifact.attach, artifact.commit, version.link; project.create
    and collection.create for what is new; alias.add or alias.move for each alias.
    """
    artifact = begin_publication(publication, by=by)
    attach_files(artifact, files, by=by)
    return publish_artifact(
        artifact,
        publication.registry,
        publication.collection,
        aliases=publication.aliases,
        by=by,
    )


@transaction.atomic
def begin_publication(publication: Publication, *, by: Actor) -> Artifact:
    """Open an artifact in the project `uploads` of the owner.

    What linking would refuse is refused before. Writes artifact.begin; project.create and
    collection.create for what is new.
    """
    registry, owner = publication.registry, publication.owner
    name, artifact_type = publication.collection, publication.artifact_type
    check_link(registry, name, artifact_type, aliases=publication.aliases, by=by)
    if isinstance(owner, Team) and owner.organization_id != registry.organization_id:
        raise Missing(f"There is no team {owner} in {registry.organization}.")
    project = ensure_project(owner, UPLOADS, by=by)
    return begin_artifact(
        project,
        source_name(project, name, artifact_type),
        artifact_type=artifact_type,
        description=publication.description,
        metadata=publication.metadata,
        by=by,
    )


@transaction.atomic
def publish_artifact(
    artifact: Artifact,
    registry: Registry,
    name: str,
    *,
    aliases: Sequence[str] = (),
    by: Actor,
) -> Published:
    """Commit a pending artifact and link it, or leave it pending.

    The registry is locked before its source: who links locks in this order. Writes what
    commit_artifact and link write.
    """
    registry = members.locked(registry)
    logged = commit_artifact(artifact, by=by)
    version = link(logged.artifact, registry, name, aliases=aliases, by=by)
    return Published(version, was_known=logged.artifact_id != artifact.pk)
