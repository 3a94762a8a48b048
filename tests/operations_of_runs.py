"""More of the list in `operations.py`: runs, and what they say of themselves."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.actors import Conflict, Missing
from registries.models import Project, Run
from registries.operations import projects, runs
from registries.operations.artifacts import attach_files, begin_artifact, commit_artifact
from registries.operations.runs import RunDetails
from tests.doors import Scene
from tests.factories import SYSTEM, logged_version
from tests.operations import INSTALLATION, LOGGING, TEAM, Case, file, started

DESCRIBED = RunDetails(display_name="first try", tags=["baseline"], config='{"lr": 1}')


def project(scene: Scene) -> Project:
    return projects.ensure_project(scene.cast.other, "p", by=SYSTEM)


def ended(scene: Scene) -> Project:
    return runs.finish_run(started(scene), exit_code=1, by=SYSTEM).project


def with_artifact(scene: Scene) -> Run:
    run = started(scene)
    artifact = begin_artifact(run.project, "a", artifact_type="model", run=run, by=SYSTEM)
    attach_files(artifact, [file(b"logged")], by=SYSTEM)
    commit_artifact(artifact, aliases=["best"], by=SYSTEM)
    return run


def silent(scene: Scene) -> None:
    heard = timezone.now() - runs.SILENCE - timedelta(seconds=1)
    Run.objects.filter(pk=started(scene).pk).update(heartbeat_at=heard)


CASES = [
    Case(
        operation=runs.start_run,
        right="log_artifacts",
        **LOGGING,
        writes="run.start",
        given=lambda scene: projects.ensure_project(scene.cast.other, "p", by=SYSTEM),
        act=lambda scene, project, by: runs.start_run(project, "r", by=by),
        again=Conflict,
    ),
    Case(
        operation=runs.use_artifact,
        right="log_artifacts",
        **LOGGING,
        writes="run.use_artifact",
        given=lambda scene: (started(scene), logged_version(scene.cast.other).artifact),
        act=lambda scene, given, by: runs.use_artifact(*given, by=by),
    ),
    Case(
        operation=runs.finish_run,
        right="log_artifacts",
        **LOGGING,
        writes="run.finish",
        given=started,
        act=lambda scene, run, by: runs.finish_run(run, by=by),
    ),
    Case(
        operation=runs.upsert_run,
        right="log_artifacts",
        **LOGGING,
        writes="run.start",
        given=project,
        act=lambda scene, project, by: runs.upsert_run(
            project, "r", details=DESCRIBED, by=by
        ),
    ),
    Case(
        operation=runs.upsert_run,
        right="log_artifacts",
        variant="that had ended",
        **LOGGING,
        writes="run.resume run.update",
        given=ended,
        act=lambda scene, project, by: runs.upsert_run(
            project, "r", details=DESCRIBED, by=by
        ),
    ),
    Case(
        operation=runs.edit_run,
        right="log_artifacts",
        **LOGGING,
        writes="run.update",
        given=started,
        act=lambda scene, run, by: runs.edit_run(run, DESCRIBED, by=by),
    ),
    Case(
        operation=runs.note_alert,
        right="log_artifacts",
        **LOGGING,
        writes="run.alert",
        given=started,
        act=lambda scene, run, by: runs.note_alert(
            run, "Loss", "It is NaN.", level="warn", by=by
        ),
        again="run.alert",
    ),
    Case(
        operation=runs.delete_run,
        right="delete_content",
        **TEAM,
        writes="run.delete",
        given=started,
        act=lambda scene, run, by: runs.delete_run(run, with_artifacts=False, by=by),
        again=Missing,
    ),
    Case(
        operation=runs.delete_run,
        right="delete_content",
        variant="with its artifacts",
        **TEAM,
        writes="alias.remove artifact.delete run.delete",
        given=with_artifact,
        act=lambda scene, run, by: runs.delete_run(run, with_artifacts=True, by=by),
        again=Missing,
    ),
    Case(
        operation=runs.mark_crashed,
        right="installation",
        **INSTALLATION,
        writes="run.finish",
        given=silent,
        act=lambda scene, _, by: runs.mark_crashed(by=by),
    ),
]
