"""Code of the help pages to copy, with this server's address and the reader's names."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from django.conf import settings

from accounts import sdk
from registries.models.registry import PREFIX
from registries.views.shell import context

if TYPE_CHECKING:
    from accounts.requests import SignedIn

ELSEWHERE = "acme"
"""The organization of the examples for somebody who is in none."""

type Examples = dict[str, str]


def first_steps(request: SignedIn) -> Examples:
    """Return what publishes, names, lists and fetches a small model."""
    place, person = f"{_organization(request)}/model/greeter", quote(request.user.username)
    return {
        "publish": "mkdir greeter\n"
        "echo '{\"temperature\": 0.2}' > greeter/config.json\n"
        f"{settings.MANAGE} publish greeter {place} --as {person}",
        "alias": f"{settings.MANAGE} set_alias {place}:v0 production --as {person}",
        "again": "echo '{\"temperature\": 0.3}' > greeter/config.json\n"
        f"{settings.MANAGE} publish greeter {place} --as {person}\n"
        f"{settings.MANAGE} list {place} --as {person}",
        "fetch": f"{settings.MANAGE} fetch {place}:production served --as {person}",
    }


def sdk_in(request: SignedIn) -> Examples:
    """Return what logs in, measures, publishes, uses and lists, from Python."""
    organization = _organization(request)
    target = f"{organization}/{PREFIX}model/greeter"
    return {
        "login": f"{sdk.INSTALL}\n{sdk.login()}",
        "environment": sdk.environment(),
        "measure": "import wandb\n\n"
        'with wandb.init(project="greetings", config={"epochs": 20}) as run:\n'
        '    for epoch in range(run.config["epochs"]):\n'
        '        run.log({"loss": 1 / (epoch + 1)})',
        "publish": "import wandb\n\n"
        f'target = "{target}"\n'
        'with wandb.init(project="greetings") as run:\n'
        '    artifact = wandb.Artifact("greeter", type="model")\n'
        '    with artifact.new_file("config.json") as file:\n'
        "        file.write('{\"temperature\": 0.2}')\n"
        "    run.log_artifact(artifact)\n"
        '    run.link_artifact(artifact, target, aliases=["production"])',
        "use": "import wandb\n\n"
        f'name = "{target}:production"\n'
        'with wandb.init(project="greetings") as run:\n'
        "    artifact = run.use_artifact(name)\n"
        "    folder = artifact.download()",
        "registries": "import wandb\n\n"
        f'registry = wandb.Api().registry("model", organization="{organization}")\n'
        "for version in registry.versions():\n"
        "    print(version.qualified_name, version.aliases)",
    }


def configuration(request: SignedIn) -> Examples:
    """Return how variables are given."""
    return {
        "start": f"BASE_URL={settings.BASE_URL} LOG_LEVEL=WARNING {settings.MANAGE} start",
        "check": f"{settings.MANAGE} check --deploy",
    }


def operations(request: SignedIn) -> Examples:
    """Return what keeps an installation running."""
    organization = _organization(request)
    return {
        "backup": "mkdir backup\n"
        "uv run python -c \"import sqlite3; sqlite3.connect('data/accession.sqlite3')"
        ".execute('VACUUM INTO ?', ['backup/accession.sqlite3'])\"\n"
        "cp -a data/secrets data/blobs backup/",
        "restore": f"DATA_DIR=backup {settings.MANAGE} start",
        "upgrade": f"git pull\n{settings.MANAGE} start",
        "worker": f"{settings.MANAGE} worker --once",
        "postgres": "DATABASE_URL=postgres://user:password@host/accession "
        "uv run --extra postgres manage.py start",
        "dump": 'pg_dump --format=custom --file backup/accession.dump "$DATABASE_URL"',
        "check": f"{settings.MANAGE} verify_blobs --limit 1000",
        "sweep": f"{settings.MANAGE} sweep_blobs",
        "ready": f"curl --fail {settings.BASE_URL}/ready",
        "logs": f"{settings.MANAGE} start 2>> accession.log\n"
        'grep \'"request": "REQUEST"\' accession.log',
        "days": f"{settings.MANAGE} edit_organization {organization} --trash-days 90",
        "untrash": f"{settings.MANAGE} restore_registry {organization}/REGISTRY",
    }


def _organization(request: SignedIn) -> str:
    """The name of the organization that the reader is in."""
    around = context(request)["around"]
    return quote(around.name) if around else ELSEWHERE
