"""Publishing files of this machine: upload into a project, commit, link into a registry."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from django.db import DatabaseError

from accounts.actors import Actor, Refusal
from registries.management.progress import Progress
from registries.management.reading import SourceFile, read
from registries.models import Artifact
from registries.operations.artifacts import abandon_artifact, attach_files
from registries.operations.blobs import check_room
from registries.operations.publications import (
    Publication,
    Published,
    begin_publication,
    publish_artifact,
)
from registries.storage import Staged, store

BATCH_FILES = 200
BATCH_BYTES = 64 << 20
"""What is attached in one transaction: few enough to be quick, large enough to be few."""


def publish(
    publication: Publication, files: Sequence[SourceFile], *, progress: Progress, by: Actor
) -> Published:
    """Make a version of the files, or leave nothing: not on a refusal, not on Ctrl-C."""
    artifact = begin_publication(publication, by=by)
    try:
        check_room(sum(file.size for file in files))
        _upload(artifact, files, progress=progress, by=by)
        return publish_artifact(
            artifact,
            publication.registry,
            publication.collection,
            aliases=publication.aliases,
            by=by,
        )
    except BaseException:
        _abandon(artifact, by=by)
        raise


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
