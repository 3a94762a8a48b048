"""Code as pages show it: for the `wandb` SDK, and for a shell on the server's machine."""

from __future__ import annotations

import json
from typing import NamedTuple

from accounts.models import User
from registries.models import Collection, Project, Registry
from registries.views import commands

BEGIN = "import wandb\n\n{before}with wandb.init({init}) as run:\n    "
EXAMPLE = 'project="my-project"'
"""Where a run logs that somebody else's artifact is for."""


class Code(NamedTuple):
    """One thing to do, said in both languages; without a command in Python alone."""

    python: str
    shell: str = ""


def use(collection: Collection, alias: str, user: User) -> Code:
    """Return what downloads the version that an alias, or `v<number>`, is on."""
    name = json.dumps(f"{_target(collection)}:{alias}", ensure_ascii=False)
    lines = ["artifact = run.use_artifact(name)", "folder = artifact.download()"]
    full_name = f"{collection.full_name}:{alias}"
    python = _python(EXAMPLE, lines, before=f"name = {name}\n")
    return Code(python, commands.fetch(full_name, user))


def publish(registry: Registry, collection: Collection | None, user: User) -> Code:
    """Return what links a new version into that collection, or into a new one."""
    name = collection.name if collection else commands.EXAMPLE
    target = json.dumps(f"{registry.sdk_name}/{name}", ensure_ascii=False)
    artifact_type = collection.type if collection else _type(registry)
    lines = [*_logged(name, artifact_type), "run.link_artifact(artifact, target)"]
    python = _python(EXAMPLE, lines, before=f"target = {target}\n")
    return Code(python, commands.publish(registry, collection, user))


def log(project: Project | None, collection: Collection | None = None) -> Code:
    """Return what logs a new version in a project."""
    assert project  # of a source collection, too
    name = collection.name if collection else commands.EXAMPLE
    lines = _logged(name, collection.type if collection else "model")
    entity = json.dumps(project.entity.name)
    where = json.dumps(project.name, ensure_ascii=False)
    return Code(_python(f"entity={entity}, project={where}", lines))


def _python(init: str, lines: list[str], *, before: str = "") -> str:
    return BEGIN.format(init=init, before=before) + "\n    ".join(lines)


def _logged(name: str, artifact_type: str) -> list[str]:
    # The SDK takes no space in the name of what is logged, only in that of the target.
    logged = json.dumps(name.replace(" ", "-"))
    kind = json.dumps(artifact_type, ensure_ascii=False)
    return [
        f"artifact = wandb.Artifact({logged}, type={kind})",
        'artifact.add_dir("./model")',
        "run.log_artifact(artifact)",
    ]


def _target(collection: Collection) -> str:
    home = collection.registry.sdk_name if collection.registry else collection.project
    return f"{home}/{collection}"


def _type(registry: Registry) -> str:
    types = [str(accepted) for accepted in registry.accepted_types.all()]
    return next(iter(types), "model")
