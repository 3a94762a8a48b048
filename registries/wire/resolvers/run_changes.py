"""Runs as the SDK logs them: started, described, their files promised."""

from __future__ import annotations

from typing import Any

from accounts.actors import Conflict, Invalid, Missing
from accounts.models import Entity, Team, User
from registries.models import Project, Run
from registries.operations import runs
from registries.operations.projects import ensure_project
from registries.operations.run_files import promise_run_files
from registries.operations.runs import RunDetails, edit_run, upsert_run
from registries.wire.fields import Asking, Info, mutation
from registries.wire.ids import decode, encode
from registries.wire.resolvers.homes import find_home
from registries.wire.resolvers.people import find_entity
from registries.wire.resolvers.runs import RunNode, find_run
from registries.wire.signing import sign

UNCATEGORIZED = "uncategorized"
"""Where runs go that name no project."""


@mutation
def upsert_bucket(info: Info, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
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
        return {"bucket": RunNode(info.context, run), "inserted": False}
    try:
        project = project_to_log_into(
            info.context, input.get("entity_name"), input.get("model_name")
        )
        run, is_new = upsert_run(project, input["name"], details=details, by=by)
    except Conflict as conflict:  # which the SDK would ask again here, and only here
        raise Invalid("name", str(conflict)) from None
    return {"bucket": RunNode(info.context, run), "inserted": is_new}


def _by_id(asking: Asking, run: Any) -> Run:
    runs = Run.objects.visible_to(asking.user).select_related("project__entity")
    if (found := runs.filter(pk=decode("Run", run) or 0).first()) is None:
        raise Missing("There is no such run.")
    return found


def project_to_log_into(asking: Asking, entity: str | None, name: str | None) -> Project:
    """Return the project of a team or person, made if missing."""
    found = find_entity(asking, entity)
    if found is None:
        raise Missing(f"There is no team or person {entity}.")
    owner = _owner(found)
    return ensure_project(owner, name or UNCATEGORIZED, by=asking.actor)


def _owner(entity: Entity) -> Team | User:
    match entity.kind:
        case Entity.Kind.TEAM:
            return entity.team
        case Entity.Kind.USER:
            return entity.user
    raise Invalid(
        "entity", f"{entity} is an organization: runs go to one of its teams, or a person."
    )


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
def delete_run(info: Info, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Delete a run for good."""
    run = _by_id(info.context, input["id"])
    runs.delete_run(
        run, with_artifacts=bool(input.get("delete_artifacts")), by=info.context.actor
    )
    return {"client_mutation_id": input.get("client_mutation_id")}


@mutation
def create_run_files(info: Info, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Promise files beside a run, and say where to send each."""
    run = _named(info, input)
    files = promise_run_files(run, input["files"], by=info.context.actor)
    return {
        "run_id": encode("Run", run.pk),
        "upload_headers": [],
        "files": [
            {
                "name": file.path,
                "upload_url": sign(info.context, "run_upload", file=file.pk),
            }
            for file in files
        ],
    }


@mutation
def mark_run_files_uploaded(
    info: Info,
    input: dict[str, Any],  # noqa: A002
) -> dict[str, bool]:
    """Do nothing: what has arrived is known here."""
    _named(info, input)
    return {"success": True}


@mutation
def notify_scriptable_run_alert(
    info: Info,
    input: dict[str, Any],  # noqa: A002
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
