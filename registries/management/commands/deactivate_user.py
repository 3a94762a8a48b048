"""Close somebody's account."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_user
from registries.operations.organizations import deactivate_user


class Command(OperationCommand):
    """Find the person, end everything that they hold."""

    help = (
        "Close an account: its person leaves every organization, at once; what they own "
        "passes to an Admin."
    )
    example = "deactivate_user elif@northwind.example"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the person."""
        parser.add_argument("user", metavar="USER", help="e-mail or username")

    def handle(self, *, by: Actor, user: str, **options: Any) -> None:
        """Deactivate and say so."""
        closed = deactivate_user(find_user(user, by=by), by=by)
        self.stdout.write(f"{closed} is deactivated.")
