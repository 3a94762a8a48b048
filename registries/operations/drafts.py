"""Logging an artifact by a program: it says what will come, sends it, then commits.

Each call may come again after its answer was lost, and then does nothing twice: drafts are
known by the id that their sender gave them, files by their paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import text
from accounts.actors import (
    Actor,
    Conflict,
    Invalid,
    TooLarge,
    authorize,
)
from accounts.operations.locks import hold
from accounts.permissions import TeamPermission
from registries.events import record
from registries.manifests import ENTRY_LIMIT
from registries.models import (
    Artifact,
    Collection,
    Draft,
    Entry,
    Multipart,
    Project,
    Run,
    Version,
)
from registries.operations.aliases import locked
from registries.operations.arrivals import note_activity
from registries.operations.artifacts import (
    begin_artifact,
    lock_pending,
    note_logged,
    publish,
)
from registries.operations.numbers import lock_numbers
from registries.operations.runs import lock_run

NAMED = 5
"""How many of the files that are missing a refusal names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a program says of the artifact that it is going to log."""

    artifact_type: str
    digest: str
    digest_algorithm: str = Artifact.Algorithm.MD5
    description: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    aliases: Sequence[str] = ()
    tags: Sequence[str] = ()
    ttl_seconds: int | None = None
    history_step: int | None = None
    client_id: str | None = None
    distributed_id: str = ""
    storage_region: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """A file that will come, by path and the digest that the manifest will have."""

    path: str
    digest: str


@transaction.atomic
def begin_draft(
    project: Project, name: str, intent: Intent, *, run: Run | None = None, by: Actor
) -> Artifact:
    """Open a draft, or give back what is there: the same draft, or the same content.

    Content that a committed version of the collection has gets the aliases and tags at
    once. Writes artifact.begin, and collection.create where the collection is new; for
    known content what commit_artifact writes for the aliases.
    """
    authorize(by, TeamPermission.LOG, project)
    aliases = [text.alias(alias) for alias in text.some(intent.aliases, "aliases")]
    tags = [text.tag(tag) for tag in text.some(intent.tags, "tags")]
    digest = text.printable(intent.digest, "digest", most=64)
    distributed = text.text(intent.distributed_id, "distributed_id", most=128)
    run = run and _locked_run(run, project, by=by)
    _check_region(intent.storage_region)
    hold(Project.objects.all()).get(pk=project.pk)  # equal calls come one after the other
    if begun := _begun(project, intent, run, by=by):
        return begun
    if distributed and (shared := _shared(project, name, distributed)):
        _join(shared.draft, aliases, tags)
        _keep_client_id(shared, intent)
        return shared
    source = project.collections.named(text.collection_name(name)).first()
    if source and (twin := _twin(source, intent)):
        note_logged(twin, aliases=aliases, tags=tags, run=run, by=by)
        _keep_client_id(twin.artifact, intent)
        return twin.artifact
    artifact = begin_artifact(
        project,
        name,
        artifact_type=intent.artifact_type,
        description=intent.description,
        metadata=intent.metadata,
        run=run,
        by=by,
    )
    _keep_to_one_algorithm(artifact, intent)
    artifact.digest = digest
    artifact.digest_algorithm = Artifact.Algorithm(intent.digest_algorithm)
    artifact.ttl_seconds = intent.ttl_seconds
    artifact.history_step = intent.history_step
    artifact.storage_region = intent.storage_region
    artifact.client_id = _free_client_id(intent)
    artifact.save()
    Draft.objects.create(
        artifact=artifact, aliases=aliases, tags=tags, distributed_id=distributed
    )
    return artifact


@transaction.atomic
def promise_files(
    artifact: Artifact, promises: Sequence[Promise], *, by: Actor
) -> list[Entry]:
    """Note which files will come, in this order; those of them that need not have a blob.

    What the newest version has under the same path with the same digest is not sent again:
    whoever logs into a collection may read it. Writes artifact.attach.
    """
    artifact = lock_pending(artifact, by=by)
    promised = {text.entry_path(promise.path): promise.digest for promise in promises}
    known = {entry.path: entry for entry in _at(artifact, promised)}
    new = promised.keys() - known.keys()
    if artifact.entries.count() + len(new) > ENTRY_LIMIT:
        raise TooLarge(f"An artifact has at most {ENTRY_LIMIT:,} files.")
    for path in promised.keys() & known.keys():
        _promise_anew(known[path], promised[path])
    blobs = _kept(artifact.source, {path: promised[path] for path in new})
    entries = Entry.objects.bulk_create(
        Entry(
            artifact=artifact,
            path=path,
            digest=text.printable(promised[path], "digest", most=64),
            size=blobs[path].size if path in blobs else 0,
            blob=blobs[path].blob if path in blobs else None,
        )
        for path in sorted(new)
    )
    known |= {entry.path: entry for entry in entries}
    note_activity(artifact)
    record("artifact.attach", artifact, by=by, after={"files": len(promises)})
    return [known[text.entry_path(promise.path)] for promise in promises]


@transaction.atomic
def commit_draft(artifact: Artifact, *, by: Actor) -> Version:
    """Make a version of a draft whose manifest and files have all come.

    One that is committed already is given back. Writes artifact.commit, alias.add or
    alias.move for each alias, version.add_tag for each tag.
    """
    collection = locked(artifact.source)
    numbers = lock_numbers(collection)
    authorize(by, TeamPermission.LOG, collection)
    if done := _done(artifact):
        return done
    artifact = lock_pending(artifact, by=by)
    draft = Draft.objects.filter(artifact=artifact).first()
    if draft is None or draft.manifest_at is None:
        raise Conflict("The manifest of the artifact has not come.")
    _refuse_missing(artifact)
    claimed = "" if draft.distributed_id or draft.base else artifact.digest
    version = publish(
        artifact,
        collection,
        numbers,
        aliases=draft.aliases,
        tags=draft.tags,
        claimed=claimed,
        by=by,
    )
    Draft.objects.filter(artifact=artifact.pk).delete()
    return version


def _done(artifact: Artifact) -> Version | None:
    """Return the version that the draft became, or that had its content already."""
    known = Artifact.objects.select_related("twin").filter(pk=artifact.pk).first()
    if known is None:
        return None
    versions = artifact.source.versions.committed().select_related("artifact")
    return versions.filter(artifact=known.present).first()


def _locked_run(run: Run, project: Project, *, by: Actor) -> Run:
    """Lock a run of the project: nobody deletes it meanwhile."""
    if run.project_id != project.pk:
        raise Invalid("run", f"The run {run} is not in {project}.")
    return lock_run(run, by=by)


def _begun(
    project: Project, intent: Intent, run: Run | None, *, by: Actor
) -> Artifact | None:
    """Return the draft, or what became of it, that the same sender began before here.

    A run that is sent again under another id has produced what is there, too.
    """
    if not intent.client_id:
        return None
    client_id = text.printable(intent.client_id, "client_id", most=128)
    artifacts = Artifact.objects.select_related("source", "twin")
    found = artifacts.filter(client_id=client_id, source__project=project).first()
    if found is None:
        return None
    if found.present.state == Artifact.State.DELETED:
        raise Conflict("The artifact was logged before, and has been deleted since.")
    versions = found.source.versions.committed()
    if run and (version := versions.filter(artifact=found.present).first()):
        note_logged(version, run=run, by=by)
    return found.present


def _free_client_id(intent: Intent) -> str | None:
    """None where a run that is sent to a second project too has named another one so."""
    client_id = intent.client_id or None
    if client_id and Artifact.objects.filter(client_id=client_id).exists():
        return None
    return client_id


def _shared(project: Project, name: str, distributed: str) -> Artifact | None:
    """Lock and return the draft that several write, while they do."""
    artifacts = hold(Artifact.objects.all()).select_related("source")
    return artifacts.filter(
        draft__distributed_id=distributed,
        source__project=project,
        source__key=text.collection_name(name).lower(),
        state=Artifact.State.PENDING,
    ).first()


def _join(draft: Draft, aliases: list[str], tags: list[str]) -> None:
    """Add what one more writer calls the version that is to come."""
    aliases = [*dict.fromkeys([*draft.aliases, *aliases])]
    draft.aliases = text.some(aliases, "aliases")
    draft.tags = text.some([*dict.fromkeys([*draft.tags, *tags])], "tags")
    draft.save(update_fields=["aliases", "tags"])


def _keep_client_id(artifact: Artifact, intent: Intent) -> None:
    """Note what one more sender calls an artifact: references to it name it so."""
    if client_id := _free_client_id(intent):
        Artifact.objects.create(
            source_id=artifact.source_id,
            type=artifact.type,
            digest_algorithm=artifact.digest_algorithm,
            state=Artifact.State.DELETED,
            client_id=client_id,
            twin=artifact,
        )


def _twin(source: Collection, intent: Intent) -> Version | None:
    """Return the newest version, if it has this content already.

    Only it: what is to be added to the newest may be all that an older one had. An older
    one that is the same is found when the draft is committed.
    """
    newest = _newest(source)
    if newest is None or source.type != intent.artifact_type or intent.distributed_id:
        return None
    has, said = newest.artifact, (intent.digest, intent.digest_algorithm)
    return newest if (has.digest, has.digest_algorithm) == said else None


def _newest(source: Collection) -> Version | None:
    newest = source.versions.committed().select_related("artifact").order_by("-number")
    return newest.first()


def _keep_to_one_algorithm(artifact: Artifact, intent: Intent) -> None:
    if intent.digest_algorithm not in Artifact.Algorithm:
        raise Invalid("digest_algorithm", "Digests are MD5 or XXH128.")
    before = artifact.source.logged_artifacts.exclude(pk=artifact.pk).first()
    if before and before.digest_algorithm != intent.digest_algorithm:
        name = before.get_digest_algorithm_display()
        raise Invalid("digest_algorithm", f"{artifact.source} has {name} digests for life.")


def _check_region(region: str) -> None:
    if region and region not in settings.STORAGE_REGIONS:
        known = ", ".join(settings.STORAGE_REGIONS)
        raise Invalid(
            "storage_region", f"There is no storage region {region}, only {known}."
        )


def _at(artifact: Artifact, paths: Iterable[str]) -> Iterable[Entry]:
    return artifact.entries.select_related("blob").filter(path__in=list(paths))


def _promise_anew(entry: Entry, digest: str) -> None:
    """Another digest under the same path takes the place of what came before."""
    if entry.digest != digest:
        entry.digest, entry.blob, entry.reference, entry.size = digest, None, "", 0
        entry.save(update_fields=["digest", "blob", "reference", "size"])
        Multipart.objects.filter(entry=entry).delete()


def _kept(source: Collection, digests: dict[str, str]) -> dict[str, Entry]:
    """Return the entries of the newest version that have these paths and digests."""
    newest = _newest(source)
    if newest is None:
        return {}
    kept = _at(newest.artifact, digests)
    return {e.path: e for e in kept if e.blob and e.digest == digests[e.path]}


def _refuse_missing(artifact: Artifact) -> None:
    missing = artifact.entries.filter(blob=None, reference="")
    if names := list(missing.order_by("path").values_list("path", flat=True)[:NAMED]):
        raise Conflict(f"{_files(missing.count())} not come: {', '.join(names)}.")
    wrong = artifact.entries.exclude(blob=None).exclude(size=F("blob__size"))
    if entry := wrong.first():
        raise Invalid("manifest", f"{entry.path} has another size than the manifest says.")


def _files(count: int) -> str:
    return "1 file has" if count == 1 else f"{count:,} files have"


@transaction.atomic
def set_base(artifact: Artifact, base: Artifact | None, *, by: Actor) -> None:
    """Note on which version of the same collection an incremental draft builds.

    Writes no event: the commit does.
    """
    artifact = lock_pending(artifact, by=by)
    if base and (base.source != artifact.source or base.state != base.State.COMMITTED):
        raise Invalid("base", "An artifact builds on a version of its own collection.")
    Draft.objects.filter(artifact=artifact).update(base=base)


def mark_manifest(artifact: Artifact) -> None:
    """Note that a manifest has come whole; part of take_manifest."""
    now = timezone.now()
    Draft.objects.filter(artifact=artifact).update(manifest_at=now, active_at=now)
