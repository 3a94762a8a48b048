"""Management commands in tests: called in this process, or run as real ones."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


class Said(NamedTuple):
    """What a command wrote."""

    out: str
    err: str


def manage(name: str, *arguments: object) -> Said:
    """Call a command; raise CommandError where a process would exit."""
    out, err = StringIO(), StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=err)
    return Said(out.getvalue().rstrip("\n"), err.getvalue().rstrip("\n"))


def command_line(name: str, *arguments: object) -> list[str]:
    """What a shell would run."""
    return [sys.executable, str(MANAGE), name, *map(str, arguments)]


def run(
    name: str, *arguments: object, data: Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command as a process on a data folder of its own."""
    return subprocess.run(
        command_line(name, *arguments),
        env=product_environment(data),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def product_environment(data: Path) -> dict[str, str]:
    """The environment of the product itself, not of the tests."""
    ours = {"SECRET_KEY", "API_KEY_PEPPER", "TRANSFER_KEY", "SEALING_KEY", "DATABASE_URL"}
    # What nobody sets who runs a command; without bytecode each process compiles Django.
    ours |= {"DJANGO_SETTINGS_MODULE", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "DATA_DIR": str(data)}
