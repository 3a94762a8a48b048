"""The worker, as a command of its own."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from registries.management.worker import Worker


class Command(BaseCommand):
    """Do the jobs that changes have asked for."""

    help = "Do the jobs that changes have asked for, until stopped. `start` runs it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --once."""
        parser.add_argument(
            "--once", action="store_true", help="do what is due now, then exit"
        )

    def handle(self, *, once: bool, **options: Any) -> None:
        """Work; SIGTERM and Ctrl-C stop after the present job."""
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        if not once:
            worker.run()
            return
        done = worker.drain()
        self.stdout.write(f"{done} {'job' if done == 1 else 'jobs'} done.")
