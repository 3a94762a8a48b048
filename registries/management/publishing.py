"""Publishing files of this machine: upload into a project, commit, link into a registry."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError

from accounts.actors import Actor, Refusal
from accounts.models import Team, User
from registries.management.progress import Progress
from registries.management.reading import SourceFile, read
from registries.models import Artifact, Registry, Version
from registries.operations.artifacts import (
    abandon_artifact,
    attach_files,
    begin_artifact,
    commit_artifact,
    source_name,
)
from registries.operations.links import check_link, link
from registries.operations.projects import UPLOADS, ensure_project
from registries.storage import Staged, store

BATCH_FILES = 200
BATCH_BYTES = 64 << 20
"""What is attached in one transaction: few enough to be quick, large enough to be few."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be published, and where."""

    files: Sequence[SourceFile]
    registry: Registry
    collection: str
    artifact_type: str
    owner: Team | User
    aliases: Sequence[str] = ()
    description: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Published:
    """The version in the registry, and whether its content was logged before."""

    version: Version
    was_known: bool


def publish(publication: Publication, *, progress: Progress, by: Actor) -> Published:
    """Make a version of the files, or leave nothing: not on a refusal, not on Ctrl-C."""
    check_link(
        publication.registry,
        publication.collection,
        publication.artifact_type,
        aliases=publication.aliases,
        by=by,
    )
    artifact = _begin(publication, by=by)
    try:
        _upload(artifact, publication.files, progress=progress, by=by)
        logged = commit_artifact(artifact, by=by)
    except BaseException:
        _abandon(artifact, by=by)
        raise
    version = link(
        logged.artifact,
        publication.registry,
        publication.collection,
        aliases=publication.aliases,
        by=by,
    )
    return Published(version, was_known=logged.artifact_id != artifact.pk)


def _begin(publication: Publication, *, by: Actor) -> Artifact:
    project = ensure_project(publication.owner, UPLOADS, by=by)
    artifact_type = publication.artifact_type
    return begin_artifact(
        project,
        source_name(project, publication.collection, artifact_type),
        artifact_type=artifact_type,
        description=publication.description,
        metadata=publication.metadata,
        by=by,
    )


def _upload(
    artifact: Artifact, files: Sequence[SourceFile], *, progress: Progress, by: Actor
) -> None:
    batch: list[tuple[str, Staged]] = []
    try:
        for file in files:
            batch.append((file.path, store().stage(read(file, progress))))
            full = sum(staged.size for _, staged in batch) >= BATCH_BYTES
            if full or len(batch) == BATCH_FILES:
                attach_files(artifact, batch, by=by)
                batch = []
        if batch:
            attach_files(artifact, batch, by=by)
    except BaseException:
        store().discard(staged for _, staged in batch)
        raise


def _abandon(artifact: Artifact, *, by: Actor) -> None:
    """Give the artifact up; what stopped us is the news, not that this fails too."""
    with suppress(Refusal, DatabaseError):
        abandon_artifact(artifact, by=by)
