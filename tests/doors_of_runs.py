"""Runs on the wire as doors: more of the list in `doors.py`."""

from __future__ import annotations

from typing import Any

from django.test import Client

from registries.wire.ids import encode
from tests.doors import WIRE, Door, Scene, answer, keep
from tests.doors_of_artifacts import address_of
from tests.doors_of_wire import ask, mutation
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
PROMISE = """mutation Promise($input: CreateRunFilesInput!) {
  createRunFiles(input: $input) { files { uploadUrl } }
}"""
FILE = """query File {
  project(name: "p", entityName: "other") { run(name: "r") {
    files { edges { node { directUrl } } }
  } }
}"""


def with_file(scene: Scene) -> None:
    sent(scene, "team admin", started(scene))


def sent(scene: Scene, person: str, given: Any) -> int:
    """Ask where a file beside the run goes, and send it there, without a key."""
    wanted = RUN | {"files": ["config.yaml"]}
    answered = ask(scene.program(person), PROMISE, input=wanted)
    status, path = address_of(answered, "createRunFiles", "files", 0, "uploadUrl")
    return answer(Client().put(path, b"lr: 1")) if path else status


def fetched(scene: Scene, person: str, given: Any) -> int:
    """Ask where a file beside the run is, and fetch it from there, without a key."""
    steps = ("project", "run", "files", "edges", 0, "node", "directUrl")
    status, path = address_of(ask(scene.program(person), FILE), *steps)
    return answer(Client().get(path)) if path else status


def streamed(scene: Scene, person: str, given: Any) -> int:
    """Send a line of history, as a run does every few seconds."""
    history = {"offset": 0, "content": ['{"loss": 1, "_step": 0}']}
    lines = {"files": {"wandb-history.jsonl": history}}
    program, path = scene.program(person), "/files/other/p/r/file_stream"
    return answer(program.post(path, lines, content_type="application/json"))


for place, act in (("wire:run_upload", sent), ("wire:file_stream", streamed)):
    keep(
        Door(
            right="log_artifacts",
            kind=WIRE,
            place=place,
            act=act,
            given=started,
            denied=404,
            is_quiet=True,
        )
    )
keep(
    Door(
        right="view_projects",
        kind=WIRE,
        place="wire:run_file",
        act=fetched,
        given=with_file,
        denied=404,
    )
)
mutation(
    "log_artifacts",
    "markRunFilesUploaded",
    RUN | {"files": ["config.yaml"]},
    given=started,
    denied=404,
)
mutation(
    "log_artifacts",
    "notifyScriptableRunAlert",
    RUN | {"title": "Loss", "text": "It is NaN.", "severity": "WARN"},
    writes="run.alert",
    given=started,
    denied=404,
)
