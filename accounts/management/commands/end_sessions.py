"""Sign somebody out everywhere."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_user
from accounts.operations.sessions import end_other_sessions


class Command(OperationCommand):
    """Find the person, end all their sessions."""

    help = "Sign a person out of every browser. Their API keys go on."
    example = "end_sessions anouk"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the person."""
        parser.add_argument("user", metavar="USER", help="e-mail or username")

    def handle(self, *, by: Actor, user: str, **options: Any) -> None:
        """End them and say how many there were."""
        found = find_user(user, by=by)
        count = end_other_sessions(found, but="", by=by)
        self.stdout.write(f"{found} was signed out: {count}.")
