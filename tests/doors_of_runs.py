"""Runs on the wire as doors: more of the list in `doors.py`."""

from __future__ import annotations

from typing import Any

from registries.wire.ids import encode
from tests.doors import Scene
from tests.doors_of_wire import mutation
from tests.operations import started

RUN = {"entityName": "other", "projectName": "p", "runName": "r"}

mutation(
    "log_artifacts",
    "upsertBucket",
    {"entityName": "other", "modelName": "fresh", "name": "r"},
    writes="project.create run.start",
)


def by_id(scene: Scene, run: Any) -> dict[str, Any]:
    return {"id": encode("Run", run.pk), "notes": "Odd."}


mutation(
    "log_artifacts",
    "upsertBucket",
    by_id,
    variant="by its id",
    writes="run.update",
    given=started,
    denied=404,
)
mutation(
    "delete_content",
    "deleteRun",
    lambda scene, run: {"id": encode("Run", run.pk)},
    writes="run.delete",
    given=started,
    denied=404,
)
mutation(
    "log_artifacts",
    "createRunFiles",
    RUN | {"files": ["config.yaml"]},
    is_quiet=True,
    given=started,
    denied=404,
)
mutation(
    "view_projects",
    "markRunFilesUploaded",
    RUN | {"files": ["config.yaml"]},
    given=started,
    denied=404,
)
mutation(
    "view_projects",
    "notifyScriptableRunAlert",
    RUN | {"title": "Loss", "text": "It is NaN."},
    given=started,
    denied=404,
)
