"""Runs: started, used and produced artifacts, finished (rules.md, section 2)."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Denied, Invalid, Missing, authorize, may
from accounts.operations.locks import hold
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Artifact, Project, Run, Usage
from registries.permissions import Permission

ENDS = (Run.State.FINISHED, Run.State.FAILED, Run.State.CRASHED)


@transaction.atomic
def start_run(project: Project, name: str, *, display_name: str = "", by: Actor) -> Run:
    """Open a run under its id in a project. Writes run.start."""
    authorize(by, TeamPermission.LOG, project)
    run = Run(project=project, name=text.run_id(name), created_by=by.user)
    if display_name:
        run.display_name = text.printable(display_name, "display_name", most=128)
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        raise Conflict(f"{project} has a run {run.name} already.") from None
    record("run.start", run, by=by)
    return run


@transaction.atomic
def use_artifact(run: Run, artifact: Artifact, *, by: Actor) -> Usage:
    """Note that the run used an artifact which the actor may use; once is enough.

    Writes run.use_artifact.
    """
    authorize(by, TeamPermission.LOG, run)
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
def finish_run(run: Run, state: str = Run.State.FINISHED, *, by: Actor) -> Run:
    """Close a run as finished, failed or crashed. Writes run.finish."""
    authorize(by, TeamPermission.LOG, run)
    if state not in ENDS:
        raise Invalid("state", "A run ends as finished, failed or crashed.")
    run = hold(Run.objects.all()).get(pk=run.pk)
    if run.state == state:
        return run
    run.state, run.finished_at = Run.State(state), timezone.now()
    run.save(update_fields=["state", "finished_at"])
    record("run.finish", run, by=by, after={"state": state})
    return run
