"""The runs of the demo: trainings that logged its tabular models."""

from __future__ import annotations

import json
from math import exp

from accounts.actors import Actor
from registries.management.demo.content import metadata_of, metric
from registries.management.demo.files import dice
from registries.management.demo.shelves import Line
from registries.models import Artifact, Project, Run
from registries.models.run import Stream
from registries.operations.run_streams import log_lines
from registries.operations.runs import RunDetails, start_run, use_artifact
from registries.streams import Lines

STEPS = 80


def train(
    project: Project, line: Line, index: int, data: Artifact | None, *, by: Actor
) -> Run:
    """Start a run, let it use the data, and log how it went."""
    run = start_run(project, f"{line.name}-{index}", details=_details(line, index), by=by)
    if data is not None:
        use_artifact(run, data, by=by)
    history = _history(line, index)
    rows = [json.dumps({"_step": step, **row}) for step, row in enumerate(history)]
    said = [f"step {n}: loss {row['loss']:.4f}" for n, row in enumerate(history)]
    log_lines(
        run,
        [Lines(Stream.HISTORY, 0, rows), Lines(Stream.CONSOLE, 0, said)],
        summary=json.dumps(history[-1]),
        by=by,
    )
    return run


def _details(line: Line, index: int) -> RunDetails:
    random = dice("run", line.name, index)
    training = metadata_of(line, index)["training"]
    return RunDetails(
        display_name=f"{line.name} {index}",
        group=line.name,
        job_type="train",
        tags=[line.kind, "nightly"],
        config=json.dumps({key: {"value": value} for key, value in training.items()}),
        host=f"train-{random.randint(1, 4)}",
        program="train.py",
        commit=f"{random.getrandbits(160):040x}",
    )


def _history(line: Line, index: int) -> list[dict[str, float]]:
    """The loss falls and the measure rises, each with some noise."""
    random = dice("history", line.name, index)
    name, best = metric(line, index) or ("score", 1.0)
    key = f"valid/{name.lower().replace(' ', '_')}"
    rows = []
    for step in range(STEPS):
        left = exp(-6 * step / STEPS)
        loss = 0.12 + 0.5 * left + random.uniform(0, 0.03)
        rows.append({"loss": loss, key: best - 0.3 * left, "lr": 3e-4 * (1 - step / STEPS)})
    return rows
