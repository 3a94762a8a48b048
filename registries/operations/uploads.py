"""Uploading from a browser, file by file: begin, announce, receive, finish or cancel.

Only who began an upload goes on with it, and only as long as they may link its version.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import batched

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import (
    Actor,
    Conflict,
    Denied,
    Invalid,
    Missing,
    TooLarge,
    authorize,
)
from registries.events import record
from registries.manifests import ENTRY_LIMIT
from registries.models import Artifact, Entry, Upload, UploadSession
from registries.operations import members
from registries.operations.artifacts import (
    abandon_artifact,
    check_pending,
    lock_pending,
)
from registries.operations.blobs import check_room, claim
from registries.operations.links import check_link
from registries.operations.publications import (
    Publication,
    Published,
    begin_publication,
    publish_artifact,
)
from registries.permissions import Permission
from registries.storage import Staged, staging, store

ANNOUNCED = 1000
"""How many files are announced at once."""
BATCH = 2000
NOTED = timedelta(seconds=5)
"""How often it is noted that bytes of one file still come."""


@transaction.atomic
def begin_upload(publication: Publication, *, by: Actor) -> UploadSession:
    """Open a version for files from a browser.

    Writes artifact.begin; project.create and collection.create for what is new.
    """
    artifact = begin_publication(publication, by=by)
    return UploadSession.objects.create(
        artifact=artifact,
        registry=publication.registry,
        collection=text.collection_name(publication.collection),
        aliases=[text.alias(alias) for alias in publication.aliases],
        created_by=by.user,
    )


@transaction.atomic
def announce_files(
    session: UploadSession, files: Sequence[tuple[str, int]], *, by: Actor
) -> UploadSession:
    """Say which files will come, by path and size; saying it again changes nothing.

    Writes artifact.attach where some are new.
    """
    refuse_others(session, by=by)
    session = _own(lock_pending(session.artifact, by=by), by=by)
    new = _new(session.artifact, _by_path(files))
    if not new:
        return session
    size = sum(new.values())
    session.file_count += len(new)
    session.size = text.size(session.size + size)
    if session.file_count > ENTRY_LIMIT:
        raise TooLarge(f"An artifact has at most {ENTRY_LIMIT:,} files.")
    check_room(session.size - session.received_size)
    Upload.objects.bulk_create(
        Upload(artifact=session.artifact, path=path, size=length, created_by=by.user)
        for path, length in new.items()
    )
    session.save(update_fields=["file_count", "size"])
    after = {"files": len(new), "bytes": size}
    record("artifact.attach", session.artifact, by=by, after=after)
    return session


def receive_file(
    session: UploadSession,
    path: str,
    chunks: Iterable[bytes],
    *,
    size: int,
    sha256: str | None = None,
    by: Actor,
) -> Upload:
    """Keep the bytes of an announced file; the same bytes again change nothing.

    `size` is how many bytes the sender says will come, and `sha256` which ones, if it says
    so. Nothing is kept unless as many come as were announced, which is when they were
    recorded.
    """
    refuse_others(session, by=by)
    session = _own(check_pending(session.artifact, by=by), by=by)
    upload = _announced(session, path)
    _refuse_another_size(upload, size)
    check_room(size)
    with staging(_noting(session, chunks), limit=size) as staged:
        _refuse_another_size(upload, staged.size)
        if sha256 not in {None, staged.sha256}:
            raise Invalid("digest", f"{path} arrived with other bytes than were sent.")
        return _keep(session, path, staged, by=by)


def finish_upload(
    session: UploadSession, *, aliases: Sequence[str] | None = None, by: Actor
) -> Published:
    """Make a version of the files once all of them are here.

    The aliases are those it was begun with, or others. Writes artifact.commit and
    version.link; collection.create where the collection is new; alias.add or alias.move
    for each alias.
    """
    refuse_others(session, by=by)
    session = _own(check_pending(session.artifact, by=by), by=by)
    wanted = session.aliases if aliases is None else aliases
    name, artifact_type = session.collection, session.artifact.type
    check_link(session.registry, name, artifact_type, aliases=wanted, by=by)
    _refuse_incomplete(session)
    _check_bytes(session)
    return _publish(session, wanted, by=by)


@transaction.atomic
def cancel_upload(session: UploadSession, *, by: Actor) -> None:
    """Give up an upload; the bytes that came go with the next sweeps.

    Writes artifact.abandon.
    """
    refuse_others(session, by=by)
    artifact = lock_pending(session.artifact, by=by)
    abandon_artifact(artifact, by=by)


def refuse_others(session: UploadSession, *, by: Actor) -> None:
    """Raise Denied unless the actor began the upload.

    Asked first: what else it takes would tell others of a project that they may not see.
    """
    if not by.is_system and (by.user is None or by.user.pk != session.created_by_id):
        raise Denied(f"Only {session.author}, who began this upload, can go on with it.")


def _own(artifact: Artifact, *, by: Actor) -> UploadSession:
    """Return the session of a pending artifact, if the actor may go on with it."""
    sessions = UploadSession.objects.select_related(
        "registry__organization__entity", "created_by__entity"
    )
    session = sessions.filter(pk=artifact.pk).first()
    if session is None or not session.registry.is_live:
        raise Missing("There is no such upload.")
    authorize(by, Permission.LINK_ARTIFACT, session.registry)
    session.artifact = artifact
    return session


def _by_path(files: Sequence[tuple[str, int]]) -> dict[str, int]:
    if len(files) > ANNOUNCED:
        raise TooLarge(f"Announce at most {ANNOUNCED:,} files at once.")
    sizes: dict[str, int] = {}
    for path, size in files:
        if text.entry_path(path) in sizes:
            raise Invalid("path", f"{path} is named twice.")
        sizes[path] = text.size(size)
    return sizes


def _new(artifact: Artifact, sizes: dict[str, int]) -> dict[str, int]:
    """Those that were not announced before; a known one has kept its size."""
    known = artifact.uploads.filter(path__in=sizes).values_list("path", "size")
    for path, size in known:
        if sizes.pop(path) != size:
            raise Conflict(f"{path} was announced with {size:,} bytes before.")
    return sizes


def _announced(session: UploadSession, path: str) -> Upload:
    uploads = session.artifact.uploads.select_related("blob")
    if (upload := uploads.filter(path=text.entry_path(path)).first()) is None:
        raise Missing(f"No file {path} was announced.")
    return upload


def _refuse_another_size(upload: Upload, size: int) -> None:
    sentence = f"{upload} was announced with {upload.size:,} bytes, not {size:,}."
    if size > upload.size:
        raise TooLarge(sentence)
    if size < upload.size:
        raise Invalid("size", sentence)


def _noting(session: UploadSession, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass the bytes on; others see when the last ones came."""
    noted = time.monotonic()
    for chunk in chunks:
        yield chunk
        if time.monotonic() - noted >= NOTED.total_seconds():
            UploadSession.objects.filter(pk=session.pk).update(last_byte_at=timezone.now())
            noted = time.monotonic()


@transaction.atomic
def _keep(session: UploadSession, path: str, staged: Staged, *, by: Actor) -> Upload:
    """Put a staged file where it was announced, judged anew: reading it took its time."""
    session = _own(lock_pending(session.artifact, by=by), by=by)
    upload = _announced(session, path)
    if upload.blob is not None:
        if upload.blob.sha256 != staged.sha256:
            raise Conflict(f"{path} is here already, with other bytes.")
        store().discard([staged])
        return upload
    upload.blob = claim([staged])[staged.sha256]
    upload.md5 = staged.md5
    upload.save(update_fields=["blob", "md5"])
    session.received_count += 1
    session.received_size += upload.size
    session.last_byte_at = timezone.now()
    session.save(update_fields=["received_count", "received_size", "last_byte_at"])
    return upload


def _refuse_incomplete(session: UploadSession) -> None:
    if session.file_count == 0:
        raise Conflict("Choose at least one file.")
    if missing := session.missing_count:
        raise Conflict(f"{missing:,} of {session.file_count:,} files are still missing.")


def _check_bytes(session: UploadSession) -> None:
    """Raise OSError where the store does not have what it took."""
    uploads = session.artifact.uploads.select_related("blob").order_by("pk")
    for upload in uploads.iterator(chunk_size=BATCH):
        blob = upload.blob
        if blob is None or not store().exists(blob.sha256, size=upload.size):
            raise OSError(errno.EIO, f"The bytes of {upload} are missing or cut short")


@transaction.atomic
def _publish(session: UploadSession, aliases: Sequence[str], *, by: Actor) -> Published:
    artifact = lock_pending(session.artifact, by=by)
    members.locked(session.registry)
    session = _own(artifact, by=by)  # into where it goes now: no rename comes after this
    _refuse_incomplete(session)
    uploads = session.artifact.uploads.select_related("blob").order_by("pk")
    for some in batched(uploads.iterator(chunk_size=BATCH), BATCH, strict=False):
        Entry.objects.bulk_create(
            Entry(
                artifact=session.artifact,
                path=upload.path,
                blob=upload.blob,
                digest=upload.md5,
                size=upload.size,
            )
            for upload in some
        )
    published = publish_artifact(
        session.artifact, session.registry, session.collection, aliases=aliases, by=by
    )
    UploadSession.objects.filter(pk=session.pk).delete()
    return published
