"""The server that the SDK talks to, and the processes in which it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from select import select
from textwrap import dedent
from typing import Any

from django.conf import settings

from tests.installation import Installation
from tests.needs import lacks
from tests.sdk.databases import own_database

HOW_TO_GET_IT = "run `uv run --group sdk pytest -m sdk`"
IS_HERE = find_spec("wandb") is not None
PATIENCE = 240
"""How many seconds a snippet may take."""
DRIVER = Path(__file__).with_name("driver.py")
QUIET = {
    "WANDB_CONSOLE": "off",
    "WANDB_DISABLE_GIT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_SILENT": "true",
    "WANDB_X_DISABLE_STATS": "true",
}


class Raised(Exception):
    """What the SDK raised: `CommError: There is no …`."""


class Place(Installation):
    """An installation with the cast, and a key for each of them."""

    keys: dict[str, str]

    def fill(self) -> None:
        """Make the cast, before the server starts."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.sdk.fill"],
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "registry_site.settings"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.keys = json.loads(done.stdout)


@contextmanager
def filled(data: Path) -> Iterator[Place]:
    """A place on the database of the test run's kind; it is still to be started."""
    with own_database(os.environ.get("DATABASE_URL")) as url:
        place = Place(data)
        if url:
            place.environment["DATABASE_URL"] = url
        place.fill()
        yield place


def need_the_sdk() -> None:
    """Skip or fail where it is not installed."""
    if not IS_HERE:
        lacks("sdk", HOW_TO_GET_IT)


def environment(home: Path, place: Installation, key: str) -> dict[str, str]:
    """What a person's shell has who works with the SDK."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "WANDB_BASE_URL": place.url,
        "WANDB_DIR": str(home),
        **({"WANDB_API_KEY": key} if key else {}),
        **QUIET,
    }


class Sdk:
    """A process of somebody in which the SDK is imported, and stays."""

    patience = PATIENCE

    def __init__(
        self, home: Path, place: Installation, key: str, python: str = sys.executable
    ) -> None:
        home.mkdir(exist_ok=True)
        self.home, self.place, self.key = home, place, key
        self.log = home / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [python, str(DRIVER)],
                env=environment(home, place, key),
                cwd=home,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __call__(self, code: str, **values: object) -> Any:
        """Run a snippet; return what its last line is worth, or raise Raised."""
        asked = {"code": dedent(code).strip(), "values": values}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select([self.process.stdout], [], [], self.patience)
        if not ready:
            self.process.kill()
        line = self.process.stdout.readline() if ready else ""
        assert line, (self.process.wait(10), self.log.read_text())
        said = json.loads(line)
        if "error" in said:
            raise Raised(f"{said['error']}: {said['text']}")
        return said["value"]

    @property
    def is_over(self) -> bool:
        """Whether it ended, or was killed because it took too long."""
        return self.process.poll() is not None

    def tried(self, code: str, **values: object) -> Any:
        """Run a snippet; return what its last line is worth, or what was raised."""
        try:
            return self(code, **values)
        except Raised as raised:
            return str(raised)

    def refused(self, code: str, **values: object) -> str:
        """Run a snippet that must raise; return the exception's type and text."""
        try:
            value = self(code, **values)
        except Raised as raised:
            return str(raised)
        raise AssertionError(f"answered {value!r}")

    def close(self) -> None:
        """End it, and what it started."""
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
