"""Logging artifacts into a project: begin, attach files, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Invalid, Missing, TooLarge, authorize
from accounts.operations.locks import hold
from accounts.operations.users import authorize_installation
from accounts.permissions import TeamPermission
from registries.events import record
from registries.manifests import BATCH, ENTRY_LIMIT, Manifest
from registries.models import (
    Artifact,
    Collection,
    CollectionNumber,
    Draft,
    Entry,
    Multipart,
    Project,
    Run,
    Usage,
    Version,
)
from registries.models.collection import LATEST
from registries.operations.aliases import locked, locked_version, put
from registries.operations.blobs import claim, release
from registries.operations.collections import add_tag
from registries.operations.numbers import add_version, lock_numbers
from registries.storage import Staged

STALE = timedelta(days=7)
"""How long an artifact may be pending."""
STALE_DRAFT = timedelta(days=1)
"""How long a program may send nothing of one: as long as addresses to send to are good."""
PATH_TAKEN = "The artifact has a file at one of these paths already."


@transaction.atomic
def begin_artifact(
    project: Project,
    name: str,
    *,
    artifact_type: str,
    description: str = "",
    metadata: dict[str, Any] | None = None,
    run: Run | None = None,
    by: Actor,
) -> Artifact:
    """Open an artifact for files, in the project's collection of that name.

    Writes artifact.begin, and collection.create where the collection is new. Nobody sees
    the artifact until it is committed.
    """
    project = _live(project)
    authorize(by, TeamPermission.LOG, project)
    artifact_type = text.artifact_type(artifact_type)
    artifact = Artifact.objects.create(
        source=_source(project, text.collection_name(name), artifact_type, by=by),
        type=artifact_type,
        description=text.text(description),
        metadata=text.metadata(metadata or {}),
        run=run,
        created_by=by.user,
    )
    record("artifact.begin", artifact, by=by)
    return artifact


@transaction.atomic
def attach_files(
    artifact: Artifact, files: Sequence[tuple[str, Staged]], *, by: Actor
) -> None:
    """Put staged files into a pending artifact under their paths.

    Writes artifact.attach.
    """
    artifact = lock_pending(artifact, by=by)
    if not files:
        raise Invalid("files", "An artifact needs at least one file.")
    paths = [text.entry_path(path) for path, _ in files]
    if artifact.entries.count() + len(paths) > ENTRY_LIMIT:
        raise TooLarge(f"An artifact has at most {ENTRY_LIMIT:,} files.")
    if len(set(paths)) < len(paths) or artifact.entries.filter(path__in=paths).exists():
        raise Conflict(PATH_TAKEN)
    blobs = claim([staged for _, staged in files])
    Entry.objects.bulk_create(
        Entry(
            artifact=artifact,
            path=path,
            blob=blobs[staged.sha256],
            digest=staged.md5,
            size=staged.size,
        )
        for path, staged in files
    )
    size = sum(staged.size for _, staged in files)
    record("artifact.attach", artifact, by=by, after={"files": len(files), "bytes": size})


@transaction.atomic
def commit_artifact(
    artifact: Artifact, *, aliases: Iterable[str] = (), claimed: str = "", by: Actor
) -> Version:
    """Make a pending artifact a version of its collection, for good.

    Content that a committed version of the collection has already gives that version back,
    and the aliases move there. With the digest that its sender claims, another content is
    Invalid. Writes artifact.commit, and alias.add or alias.move for each alias.
    """
    collection = locked(artifact.source)
    numbers = lock_numbers(collection)
    artifact = lock_pending(artifact, by=by)
    return publish(artifact, collection, numbers, aliases=aliases, claimed=claimed, by=by)


def publish(
    artifact: Artifact,
    collection: Collection,
    numbers: CollectionNumber,
    *,
    aliases: Iterable[str],
    tags: Iterable[str] = (),
    claimed: str,
    by: Actor,
) -> Version:
    """Make a version of what is locked and judged; part of committing."""
    if collection.type != artifact.type:
        raise Conflict(f"{collection.full_name} holds the type {collection.type}.")
    aliases = [text.alias(alias) for alias in aliases]
    run, manifest = artifact.run, Manifest(artifact)
    if claimed not in {"", manifest.digest}:
        raise Invalid("digest", "The artifact's digest is not that of its files.")
    same = collection.logged_artifacts.committed().filter(fingerprint=manifest.fingerprint)
    if twin := same.first():
        _give_way(artifact, twin)
        version = collection.versions.get(artifact=twin)
    else:
        _commit(artifact, manifest)
        version = add_version(collection, artifact, numbers, by=by)
        record("artifact.commit", version, by=by, after={"version": version.number})
    version.collection = collection
    _note(version, aliases, tags, run, by=by)
    return version


@transaction.atomic
def note_logged(
    version: Version,
    *,
    aliases: Iterable[str] = (),
    tags: Iterable[str] = (),
    run: Run | None = None,
    by: Actor,
) -> None:
    """Give a version what it was logged with, and note the run that produced it.

    Writes alias.add or alias.move for each alias, version.add_tag for each new tag.
    """
    version = locked_version(version)
    authorize(by, TeamPermission.LOG, version)
    _note(version, aliases, tags, run, by=by)


def _note(
    version: Version,
    aliases: Iterable[str],
    tags: Iterable[str],
    run: Run | None,
    *,
    by: Actor,
) -> None:
    if run is not None:
        run.usages.get_or_create(artifact=version.artifact, role=Usage.Role.PRODUCED)
    for alias in aliases:
        if alias != LATEST:
            put(version, alias, by=by)
    for tag in tags:
        add_tag(version, tag, by=by)


@transaction.atomic
def abandon_artifact(artifact: Artifact, *, by: Actor) -> None:
    """Give up a pending artifact; its bytes go with the next sweeps.

    Writes artifact.abandon.
    """
    artifact = lock_pending(artifact, by=by)
    record("artifact.abandon", artifact, by=by)
    Artifact.objects.filter(twin=artifact).delete()  # what others called it
    release(artifact.entries.all())
    artifact.delete()


def abandon_stale(*, by: Actor, now: datetime | None = None) -> int:
    """Give up what has been pending for a week without a byte: whoever began it left.

    Of what a program logs nothing came for a day: it goes on by itself, or is over. What
    programs called content that was here is forgotten. Writes artifact.abandon for each
    that is given up; returns how many.
    """
    authorize_installation(by)
    now = now or timezone.now()
    before = now - STALE
    pending = Artifact.objects.filter(state=Artifact.State.PENDING)
    of_people = pending.filter(created_at__lt=before, draft=None)
    of_people = of_people.exclude(session__last_byte_at__gte=before)
    of_programs = pending.filter(draft__active_at__lt=now - STALE_DRAFT)
    count = 0
    for artifact in [*of_people, *of_programs]:
        with suppress(Missing, Conflict):  # it was committed or given up in this moment
            abandon_artifact(artifact, by=by)
            count += 1
    _forget_names(before)
    return count


def _forget_names(before: datetime) -> None:
    """Delete what only says how a sender called content that was here already."""
    names = Artifact.objects.filter(state=Artifact.State.DELETED, created_at__lt=before)
    old = names.exclude(twin=None).exclude(twin__state=Artifact.State.PENDING)
    for some in batched(list(old.values_list("pk", flat=True)), BATCH, strict=False):
        Artifact.objects.filter(pk__in=some).delete()


def source_name(project: Project, name: str, artifact_type: str) -> str:
    """Return the name under which the project logs this type: -2, -3 … if another type has
    it.
    """
    name = text.collection_name(name)
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        candidate = f"{name[: 128 - len(suffix)].rstrip()}{suffix}"
        collection = project.collections.named(candidate).first()
        if collection is None or _holds(collection, artifact_type):
            return candidate
    raise Conflict(f"{project} has too many collections named {name}.")


def _live(project: Project) -> Project:
    found = Project.objects.live().select_related("entity__team").filter(pk=project.pk)
    if (live := found.first()) is None:
        raise Missing(f"There is no project {project}.")
    return live


def _holds(collection: Collection, artifact_type: str) -> bool:
    return collection.kind == Collection.Kind.LOGGED and collection.type == artifact_type


def _source(project: Project, name: str, artifact_type: str, *, by: Actor) -> Collection:
    collections = project.collections.named(name)
    collection = collections.first() or _new_source(project, name, artifact_type, by=by)
    if not _holds(collection, artifact_type):
        message = f"{project}/{collection} holds the type {collection.type}."
        raise Invalid("type", message)
    return collection


def _new_source(
    project: Project, name: str, artifact_type: str, *, by: Actor
) -> Collection:
    try:
        with transaction.atomic():
            collection = Collection.objects.create(
                project=project,
                kind=Collection.Kind.LOGGED,
                name=name,
                key=name.lower(),
                type=artifact_type,
                created_by=by.user,
                updated_by=by.user,
            )
    except IntegrityError:
        return project.collections.named(name).get()
    record("collection.create", collection, by=by, after={"type": artifact_type})
    return collection


def check_pending(artifact: Artifact, *, by: Actor) -> Artifact:
    """Raise what attaching files would raise, before anybody sends them."""
    return _pending(Artifact.objects.all(), artifact, by=by)


def lock_pending(artifact: Artifact, *, by: Actor) -> Artifact:
    """Lock the artifact, authorize, and return it if it still takes files."""
    return _pending(hold(Artifact.objects.all()), artifact, by=by)


def _pending(artifacts: QuerySet[Artifact], artifact: Artifact, *, by: Actor) -> Artifact:
    found = artifacts.select_related("source__project__entity__team", "draft")
    pending = found.filter(pk=artifact.pk).first()
    if pending is None or not pending.source.is_live:
        raise Missing("There is no such artifact.")
    authorize(by, TeamPermission.LOG, pending.source)
    if pending.state != Artifact.State.PENDING:
        raise Conflict("The artifact is committed: its content never changes.")
    return pending


def _give_way(artifact: Artifact, twin: Artifact) -> None:
    """End an artifact whose content another one has; its senders still ask for its id."""
    Artifact.objects.filter(twin=artifact).update(twin=twin)
    release(artifact.entries.all())
    if artifact.client_id is None:
        artifact.delete()
        return
    Draft.objects.filter(artifact=artifact).delete()
    artifact.state, artifact.twin = Artifact.State.DELETED, twin
    artifact.save(update_fields=["state", "twin"])


def _commit(artifact: Artifact, manifest: Manifest) -> None:
    artifact.state = Artifact.State.COMMITTED
    artifact.digest = manifest.digest
    artifact.fingerprint = manifest.fingerprint
    artifact.size = manifest.size
    artifact.file_count = manifest.file_count
    artifact.committed_at = timezone.now()
    artifact.save()
    artifact.uploads.all().delete()
    Multipart.objects.filter(entry__artifact=artifact).delete()  # it came as a reference
