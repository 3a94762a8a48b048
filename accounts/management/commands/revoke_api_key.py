"""Revoke an API key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_key, find_user
from accounts.operations.keys import revoke_api_key


class Command(OperationCommand):
    """Find the key, end it."""

    help = "Revoke an API key: every program that has it is refused from now on."
    example = "revoke_api_key ci-train-bot nightly"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose key it is, and which."""
        parser.add_argument("user", metavar="USER", help="e-mail or username")
        parser.add_argument(
            "key", metavar="NAME", help="the key's name, or its last four characters"
        )

    def handle(self, *, by: Actor, user: str, key: str, **options: Any) -> None:
        """Revoke it and say so."""
        revoked = revoke_api_key(find_key(find_user(user, by=by), key, by=by), by=by)
        self.stdout.write(f"{revoked} is revoked.")
