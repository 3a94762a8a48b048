"""Give somebody another password. It stands before Django's own, which records nothing."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import (
    OperationCommand,
    asked_password,
    secret_from_stdin,
)
from accounts.management.finding import find_user
from accounts.operations.passwords import change_password


class Command(OperationCommand):
    """Ask for the password twice, or read it from standard input; set it."""

    help = "Give a person another password. It ends all their sessions."
    example = "changepassword anouk"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose password it is; never the password itself."""
        parser.add_argument("user", metavar="USER", help="e-mail or username")

    def handle(self, *, by: Actor, user: str, **options: Any) -> None:
        """Set it and print the username."""
        found = find_user(user, by=by)
        typed = asked_password() if sys.stdin.isatty() else secret_from_stdin()
        change_password(found, typed, by=by)
        self.stdout.write(found.username)
