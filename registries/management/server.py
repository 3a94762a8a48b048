"""The web server's process: granian, one worker process, as many threads as asked for.

Run by `start` as a module of its own, so that granian's parent process is without Django.
Bodies go through in both directions as they come; nothing of a file is kept in memory.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from registries.management.processes import PATIENCE, die_with

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler


IDLE = 600
"""After how many seconds a thread ends that does nothing; with it its connection to the
database, but not before garbage is collected."""


def serve(address: str, port: int, threads: int) -> None:
    """Listen until told to stop; then finish what is under way, for a while."""
    server = Server(
        "registry_site.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=threads,
        blocking_threads_idle_timeout=IDLE,
        workers_kill_timeout=PATIENCE - 5,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=load, wrap_loader=False)


def load() -> WSGIHandler:
    """Return the application, in the process that runs it."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with(parent.pid)
    application: WSGIHandler = import_string(settings.WSGI_APPLICATION)
    # What is loaded by now stays: a request that collects garbage need not walk it.
    gc.collect()
    gc.freeze()
    return application


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
