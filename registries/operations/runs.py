"""Runs: started, described, used and produced artifacts, finished (rules.md, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
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
    may,
)
from accounts.operations.locks import hold
from accounts.operations.users import authorize_installation
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Artifact, Project, Run, RunWriter, Usage
from registries.operations.keeping import delete_artifact
from registries.permissions import Permission

ENDS = (Run.State.FINISHED, Run.State.FAILED, Run.State.CRASHED)
SILENCE = timedelta(minutes=5)
"""After so long without a heartbeat a run is taken for crashed."""
DOCUMENT_LIMIT = 10 << 20
"""The largest configuration or summary, in characters."""
TAG_LIMIT = 100
LONGEST = {"host": 255, "program": 1024, "commit": 128, "repo": 1024}
ALERT_TITLE, ALERT_TEXT = 200, 10_000
"""How much of an alert is kept, in characters."""
SHORT = ("display_name", "group", "job_type", "tags")
LONG = ("description", "notes")
OWN = "_wandb"
"""What the SDK notes about itself in a configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """What a run says of itself; None leaves a field as it is."""

    display_name: str | None = None
    description: str | None = None
    notes: str | None = None
    group: str | None = None
    job_type: str | None = None
    tags: Sequence[str] | None = None
    config: str | None = None
    summary: str | None = None
    host: str | None = None
    program: str | None = None
    commit: str | None = None
    repo: str | None = None

    def clean(self) -> dict[str, Any]:
        """Return the fields that are given, in the form in which they are kept.

        What a person wrote is checked; what a program found out is cut to fit.
        """
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: _clean(name, value) for name, value in given.items() if value is not None
        }


NOTHING = RunDetails()


def _clean(name: str, value: Any) -> Any:
    match name:
        case "tags":
            return _tags(value)
        case "config" | "summary":
            return logged_object(value, name)
        case "description" | "notes":
            return text.text(value, name)
        case "display_name" | "group" | "job_type":
            stripped = value.strip()
            return text.printable(stripped, name, most=128) if stripped else ""
    return text.line(value, LONGEST[name])


def _tags(values: Sequence[str]) -> list[str]:
    if len(values) > TAG_LIMIT:
        raise Invalid("tags", f"A run has at most {TAG_LIMIT} tags.")
    tags = (text.printable(value.strip(), "tag", most=128) for value in values)
    return list(dict.fromkeys(tags))


def logged_object(document: str, field: str) -> dict[str, Any]:
    """Return a configuration or summary of its JSON: never refused for a value in it."""
    if len(document) > DOCUMENT_LIMIT:
        raise TooLarge(f"The {field} is larger than {DOCUMENT_LIMIT:,} characters.")
    value = text.logged_json(document, field)
    if not isinstance(value, dict):
        raise Invalid(field, f"The {field} is a JSON object.")
    return value


@transaction.atomic
def start_run(
    project: Project, name: str, *, details: RunDetails = NOTHING, by: Actor
) -> Run:
    """Open a run under its id in a project. Writes run.start."""
    authorize(by, TeamPermission.LOG, project)
    run = Run(project=project, name=text.run_id(name), created_by=by.user)
    _set(run, details.clean())
    run.heartbeat_at = timezone.now()
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        raise Conflict(f"{project} has a run {run.name} already.") from None
    record("run.start", run, by=by)
    return run


@transaction.atomic
def upsert_run(
    project: Project,
    name: str,
    *,
    details: RunDetails = NOTHING,
    writer: str = "",
    by: Actor,
) -> tuple[Run, bool]:
    """Open a run, or go on with the one of that id; say whether it is new.

    One that has ended is at work again, unless a process that writes it only goes on.
    Writes run.start for a new one; run.resume for one that is at work again, and run.update
    where what people wrote of it changes. What programs write all the time (configuration,
    summary) has no event of its own. Starting it, and locking it, ask who may.
    """
    known = Run.objects.filter(project=project, name=text.run_id(name))
    if (run := known.first()) is None:
        try:
            run = start_run(project, name, details=details, by=by)
        except Conflict:  # in this moment, by somebody else
            if (run := known.first()) is None:  # and deleted again
                raise Missing("There is no such run.") from None
        else:
            writer_of(run, writer)
            return run, True
    run = lock_run(run, by=by)
    _, is_known = writer_of(run, writer)
    if run.is_over and not is_known:
        resume(run, by=by)
    run.heartbeat_at = timezone.now()
    _edit(run, details, is_shared=bool(writer), by=by)
    return run, False


def writer_of(run: Run, client: str) -> tuple[RunWriter | None, bool]:
    """Return the process of that name that writes a locked run, and if it was known."""
    if not client:
        return None, False
    writer, is_new = run.writers.get_or_create(client=client)
    return writer, not is_new


def laid_over(known: Any, new: Any) -> Any:
    """Return what one process says on top of what others said, objects in each other."""
    if not (isinstance(known, dict) and isinstance(new, dict)):
        return new
    return known | {key: laid_over(known.get(key), value) for key, value in new.items()}


@transaction.atomic
def edit_run(run: Run, details: RunDetails, *, by: Actor) -> Run:
    """Change what is said of a run; it stays ended where it has ended.

    Writes run.update where what people wrote of it changes.
    """
    run = lock_run(run, by=by)
    _edit(run, details, by=by)
    return run


def lock_run(
    run: Run, *, permission: TeamPermission = TeamPermission.LOG, by: Actor
) -> Run:
    """Lock the run, and return it if the actor may log into it now, or what is meant."""
    runs = hold(Run.objects.filter(project__deleted_at=None))
    found = runs.select_related("project__entity").filter(pk=run.pk).first()
    if found is None:
        raise Missing("There is no such run.")
    authorize(by, permission, found)
    return found


def resume(run: Run, *, by: Actor) -> None:
    """Let a locked run that had ended be at work again; the caller saves it."""
    run.state, run.finished_at, run.exit_code = Run.State.RUNNING, None, None
    record("run.resume", run, by=by)


def _set(run: Run, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(run, name, value)


def _edit(run: Run, details: RunDetails, *, is_shared: bool = False, by: Actor) -> None:
    values = details.clean()
    if is_shared:
        documents = {"config", "summary"} & values.keys()
        values |= {name: laid_over(getattr(run, name), values[name]) for name in documents}
    elif "config" in values and OWN in run.config:  # whoever edits does not send it along
        values["config"].setdefault(OWN, run.config[OWN])
    changed = {name for name in values if getattr(run, name) != values[name]}
    before = {name: getattr(run, name) for name in SHORT if name in changed}
    _set(run, values)
    run.save()
    if changed & {*SHORT, *LONG}:
        after = {name: getattr(run, name) for name in before}
        if edited := [name for name in LONG if name in changed]:
            after["edited"] = edited
        record("run.update", run, by=by, before=before, after=after)


@transaction.atomic
def use_artifact(run: Run, artifact: Artifact, *, by: Actor) -> Usage:
    """Note that the run used an artifact which the actor may use; once is enough.

    Writes run.use_artifact.
    """
    run = lock_run(run, by=by)  # nobody deletes it meanwhile
    if not (
        may(by, Permission.USE_ARTIFACT, artifact) or may(by, TeamPermission.VIEW, artifact)
    ):
        if may(by, Permission.VIEW_ARTIFACT, artifact):
            raise Denied(
                "Using an artifact needs the role Viewer in a registry that has it.",
                Permission.USE_ARTIFACT,
                artifact,
            )
        raise Missing("There is no such artifact.")
    usage, is_new = run.usages.get_or_create(artifact=artifact, role=Usage.Role.USED)
    if is_new:
        record("run.use_artifact", run, by=by, after={"artifact": artifact.pk})
    return usage


@transaction.atomic
def finish_run(
    run: Run,
    state: str = Run.State.FINISHED,
    *,
    exit_code: int | None = None,
    by: Actor,
) -> Run:
    """Close a run as finished, failed or crashed; an exit code other than 0 is a failure.

    Of several that write a run, the first that ends closes it, and each that fails makes it
    a failure. Writes run.finish.
    """
    if state not in ENDS:
        raise Invalid("state", "A run ends as finished, failed or crashed.")
    run = lock_run(run, by=by)
    if exit_code is not None:
        state = Run.State.FAILED if exit_code else Run.State.FINISHED
    if (run.state, run.exit_code) == (state, exit_code):
        return run
    if run.state == Run.State.FAILED and run.writers.exists():
        return run
    _end(run, Run.State(state), timezone.now(), exit_code, by=by)
    return run


def _end(
    run: Run, state: Run.State, at: datetime, exit_code: int | None = None, *, by: Actor
) -> None:
    run.state, run.finished_at, run.exit_code = state, at, exit_code
    run.save(update_fields=["state", "finished_at", "exit_code", "updated_at"])
    record("run.finish", run, by=by, after={"state": state})


@transaction.atomic
def note_alert(run: Run, title: str, said: str, *, level: str, by: Actor) -> None:
    """Keep what a run wants somebody to know. Writes run.alert."""
    run = lock_run(run, by=by)
    after = {
        "title": text.line(text.whole(title), ALERT_TITLE),
        "text": text.whole(said)[:ALERT_TEXT],
        "level": text.line(level, 16),
    }
    record("run.alert", run, by=by, after=after)


@transaction.atomic
def delete_run(run: Run, *, with_artifacts: bool, by: Actor) -> None:
    """Delete a run for good, with what it logged; its artifacts only if they are meant.

    What is in the trash by now stays there until its days are over. Writes run.delete;
    artifact.delete for each artifact, and alias.remove for its aliases.
    """
    run = lock_run(run, permission=TeamPermission.DELETE, by=by)
    if with_artifacts:
        committed = run.logged.committed().filter(source__deleted_at=None)
        # Their sources are locked on the way, in the one order in which all lock several.
        sources = committed.select_related("source__project__entity")
        for artifact in sources.order_by("source_id", "pk"):
            delete_artifact(artifact, with_aliases=True, by=by)
    run.logged.update(run=None)
    record("run.delete", run, by=by, before={"run": run.name})
    run.delete()


def mark_crashed(*, by: Actor, now: datetime | None = None) -> int:
    """Take the runs for crashed whose heartbeats stopped five minutes ago.

    Writes run.finish for each; returns how many.
    """
    authorize_installation(by)
    before = (now or timezone.now()) - SILENCE
    silent = Run.objects.filter(state=Run.State.RUNNING, heartbeat_at__lt=before)
    return sum(
        _crash(pk, before, by=by) for pk in list(silent.values_list("pk", flat=True))
    )


@transaction.atomic
def _crash(pk: int, before: datetime, *, by: Actor) -> bool:
    silent = Run.objects.filter(state=Run.State.RUNNING, heartbeat_at__lt=before)
    run = hold(silent).select_related("project__entity").filter(pk=pk).first()
    if run is None or run.heartbeat_at is None:
        return False  # it was heard of in this moment
    _end(run, Run.State.CRASHED, run.heartbeat_at, by=by)
    return True
