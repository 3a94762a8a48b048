"""Runs as the SDK logs them: started, described, their files promised."""

from __future__ import annotations

from typing import Any

from accounts.actors import Conflict, Invalid, Missing, authorize
from accounts.permissions import TeamPermission
from registries.models import Project, Run
from registries.operations import runs
from registries.operations.run_files import promise_run_files
from registries.operations.runs import RunDetails, edit_run, upsert_run
from registries.wire.fields import Asking, Info, mutation
from registries.wire.ids import encode, row_of
from registries.wire.resolvers.home_changes import UNCATEGORIZED, project_in
from registries.wire.resolvers.homes import find_home
from registries.wire.resolvers.runs import RunNode, find_run
from registries.wire.signing import sign


@mutation
def upsert_bucket(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Start a run or go on with it; by its id alone, only change what is said of it."""
    details = RunDetails(
        display_name=input.get("display_name"),
        description=input.get("description"),
        notes=input.get("notes"),
        group=input.get("group_name"),
        job_type=input.get("job_type"),
        tags=input.get("tags"),
        config=input.get("config"),
        summary=input.get("summary_metrics"),
        host=input.get("host"),
        program=input.get("job_program"),
        commit=input.get("commit"),
        repo=input.get("job_repo"),
    )
    by = info.context.actor
    if not input.get("name"):
        run = edit_run(_by_id(info.context, input.get("id")), details, by=by)
        return _written(info, run, is_new=False)
    try:
        name = input.get("model_name") or UNCATEGORIZED
        project = project_in(info.context, input.get("entity_name"), name)
        run, is_new = upsert_run(
            project, input["name"], details=details, writer=info.context.writer, by=by
        )
    except Conflict as conflict:  # which the SDK would ask again here, and only here
        raise Invalid("name", str(conflict)) from None
    return _written(info, run, is_new=is_new)


def _written(info: Info, run: Run, *, is_new: bool) -> dict[str, Any]:
    """Return the answer; SDKs before 0.26 synchronize nothing without `serverSettings`."""
    settings: dict[str, Any] = {"server_messages": []}
    run_node = RunNode(info.context, run)
    return {"bucket": run_node, "inserted": is_new, "server_settings": settings}


def _by_id(asking: Asking, run: Any) -> Run:
    runs = Run.objects.visible_to(asking.user).brief().select_related("project__entity")
    return row_of(runs, "Run", run)


def named_run(asking: Asking, entity: str, project: str, name: str) -> Run:
    """Return the run of these names, if the asker sees it; raise Missing."""
    home = find_home(asking, entity, project)
    run = find_run(home, name) if isinstance(home, Project) else None
    if run is None:
        raise Missing(f"There is no run {entity}/{project}/{name}.")
    return run


def _named(info: Info, names: dict[str, Any]) -> Run:
    return named_run(
        info.context, names["entity_name"], names["project_name"], names["run_name"]
    )


@mutation
def delete_run(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Delete a run for good."""
    run = _by_id(info.context, input["id"])
    runs.delete_run(
        run, with_artifacts=bool(input.get("delete_artifacts")), by=info.context.actor
    )
    return {"client_mutation_id": input.get("client_mutation_id")}


@mutation
def create_run_files(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Promise files beside a run, and say where to send each; nowhere is to skip it."""
    run = _named(info, input)
    files = promise_run_files(run, input["files"], by=info.context.actor)
    return {
        "run_id": encode("Run", run.pk),
        "upload_headers": [],
        "files": [
            {
                "name": path,
                "upload_url": file and sign(info.context, "run_upload", file=file.pk),
            }
            for path, file in zip(input["files"], files, strict=True)
        ],
    }


@mutation
def mark_run_files_uploaded(
    info: Info,
    input: dict[str, Any],
) -> dict[str, bool]:
    """Change nothing: what has arrived is known here."""
    authorize(info.context.actor, TeamPermission.LOG, _named(info, input))
    return {"success": True}


@mutation
def notify_scriptable_run_alert(
    info: Info,
    input: dict[str, Any],
) -> dict[str, bool]:
    """Keep an alert of a run."""
    runs.note_alert(
        _named(info, input),
        input["title"],
        input["text"],
        level=(input.get("severity") or "info").lower(),
        by=info.context.actor,
    )
    return {"success": True}
