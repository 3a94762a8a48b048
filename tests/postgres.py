"""A PostgreSQL of the test run's own: made in a temporary folder, gone with the run."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HOW_TO_GET_IT = (
    "install PostgreSQL (Debian: apt-get install postgresql) and run "
    "`ACCESSION_TEST_DATABASE=postgres uv run --extra postgres pytest`"
)
# What is lost when the machine stops was a test's anyway.
QUICK = (
    "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=64MB"
)
OWNERS = ("postgres", "nobody")
"""The server refuses to run as root: one of these users runs it then."""


def start() -> str:
    """Start a server that ends with this process; return its DATABASE_URL."""
    programs = find_programs()
    if programs is None:
        sys.exit(f"There is no PostgreSQL here: {HOW_TO_GET_IT}")
    folder = Path(tempfile.mkdtemp(prefix="accession-postgres-"))
    data, user = folder / "data", _owner()
    if user:
        shutil.chown(folder, user)
    _run([programs / "initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8"], user)
    options = f"{QUICK} -c max_connections=200 -c listen_addresses='' -k {folder}"
    _run(
        [
            programs / "pg_ctl",
            "-D",
            data,
            "-l",
            folder / "log",
            "-w",
            "-o",
            options,
            "start",
        ],
        user,
    )
    atexit.register(_end, programs, folder, user, os.getpid())
    return f"postgres://test@/postgres?host={folder}"


def find_programs() -> Path | None:
    """The folder of the newest PostgreSQL programs, if there is one."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name)
    )
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else debian[-1] if debian else None


def _owner() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return next(name for name in OWNERS if name in known)


def _run(command: Sequence[str | Path], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr}")


def _end(programs: Path, folder: Path, user: str | None, pid: int) -> None:
    if os.getpid() != pid:  # a fork of the run is not its end
        return
    _run(
        [programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"], user
    )
    shutil.rmtree(folder)
