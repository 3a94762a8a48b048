"""Processes that `start` runs: none outlives it, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from registries.management.binding import Binding

PATIENCE = 15
"""Seconds that a process gets to finish what it is doing."""
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """Let the system kill this process when its parent, that process, is gone."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def spawn(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process that dies with this one.

    It has a group of its own: Ctrl-C in the terminal reaches `start` only, which then stops
    it in good order.
    """
    return subprocess.Popen(  # noqa: S603 - the arguments are ours
        arguments,
        env=environment,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509 - there are no threads
    )


def stop(*processes: subprocess.Popen[bytes]) -> None:
    """Ask processes to stop, and kill those that do not; a second Ctrl-C kills at once."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    try:
        for process in processes:
            process.wait(max(deadline - time.monotonic(), 0))
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        pass
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def start_server(binding: Binding, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the web server."""
    where = [binding.address, str(binding.port), str(settings.SERVER_THREADS)]
    paths = [str(settings.BASE_DIR), environment.get("PYTHONPATH", "")]
    return spawn(
        [sys.executable, "-P", "-m", "registries.management.server", *where],
        {**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )


def start_worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the worker."""
    return spawn(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"], environment
    )
