"""The one command that runs the product."""

from __future__ import annotations

import io
import os
import signal
import time
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from subprocess import Popen
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import Error, connection, connections
from django.urls import reverse

from accounts import setup_link
from accounts.management.command import Failed
from registries.management.binding import Binding, bind
from registries.management.installation import locked_data, prepare
from registries.management.processes import start_server, start_worker, stop

READY_SECONDS = 60
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RESTART_SECONDS = 2


def port_number(text: str) -> int:
    """Return a port that can be listened on."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


class Command(BaseCommand):
    """Prepare the installation, run server and worker, stop both together."""

    help = "Start Accession: prepare the data folder, then run the server and the worker."
    # Checks ask the database: they wait until it is known to answer.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to listen, and --demo."""
        parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
        parser.add_argument(
            "--port", type=port_number, default=8000, help="default: %(default)s"
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="fill a demo organization and say who is who",
        )

    def handle(self, *, host: str, port: int, demo: bool, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM."""
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _stop_once)
        try:
            with locked_data():
                binding = bind(host, port)
                prepare(self.say)
                self.check()
                self.run(binding, self.fill_demo() if demo else "")
        except KeyboardInterrupt:
            self.say("\nStopped." if self.stdout.isatty() else "Stopped.")

    def say(self, sentence: str) -> None:
        """Tell the person at the terminal at once."""
        self.stdout.write(sentence)
        self.stdout.flush()

    def fill_demo(self) -> str:
        """Fill the demo organization; return what it says about signing in."""
        if setup_link.is_needed():
            self.say("Preparing the demo …")
        said = io.StringIO()
        call_command("demo", stdout=said)
        return said.getvalue()

    def run(self, binding: Binding, signs: str) -> None:
        """Run server and worker; the server's end is the end, the worker starts again."""
        environment = {**os.environ, "BASE_URL": binding.base_url}
        server, worker = start_server(binding, environment), start_worker(environment)
        try:
            _wait_until_ready(server, binding)
            self.announce(binding, signs)
            connections.close_all()
            while server.poll() is None:
                time.sleep(0.5)
                if worker.poll() is not None:
                    self.stderr.write("The worker stopped; it is started again.")
                    time.sleep(RESTART_SECONDS)
                    worker = start_worker(environment)
            raise Failed("The server stopped by itself; its messages stand above.")
        finally:
            stop(server, worker)
            _settle()

    def announce(self, binding: Binding, signs: str) -> None:
        """Print the address, and how to get in."""
        self.say(f"\nAccession is ready: {self.style.SUCCESS(binding.base_url)}\n\n")
        if signs:
            self.say(f"{signs.strip()}\n\n")
        if setup_link.is_needed():
            path = reverse("registries:setup", args=[setup_link.new_token()])
            self.say("Nobody has an account yet. Make yours here, within an hour:")
            self.say(self.style.SUCCESS(f"{binding.base_url}{path}") + "\n\n")
        self.say(f"Data: {settings.DATA_DIR}. Ctrl-C stops.")


def _stop_once(number: int, frame: FrameType | None) -> None:
    """Begin to stop; an impatient second Ctrl-C must not break that off half-way."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _settle() -> None:
    """Let SQLite fold its log into its file, as the last connection does that is closed.

    The processes are gone without closing theirs. Where it fails, the next start does it.
    """
    if connection.vendor == "sqlite":
        with suppress(Error):
            connection.ensure_connection()
        connection.close()


def _wait_until_ready(server: Popen[bytes], binding: Binding) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not binding.is_ready():
        if server.poll() is not None:
            raise Failed("The server did not start; its messages stand above.")
        if time.monotonic() > deadline:
            raise Failed(f"The server was not ready after {READY_SECONDS} seconds.")
        time.sleep(0.1)
