"""Put another API key in the place of one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_key, find_user
from accounts.operations.keys import rotate_api_key


class Command(OperationCommand):
    """Find the key, make one like it, end the old one; the secret is shown once."""

    help = (
        "Put another API key in the place of one, alike but for its secret, and print it."
    )
    example = "rotate_api_key ci-train-bot nightly --hours 24"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose key it is, which, and how long the old one goes on."""
        parser.add_argument("user", metavar="USER", help="e-mail or username")
        parser.add_argument(
            "key", metavar="NAME", help="the key's name, or its last four characters"
        )
        parser.add_argument(
            "--hours",
            type=int,
            default=0,
            help="how long the old key goes on; by default 0",
        )

    def handle(self, *, by: Actor, user: str, key: str, hours: int, **options: Any) -> None:
        """Rotate it and print the secret."""
        old = find_key(find_user(user, by=by), key, by=by)
        _, secret = rotate_api_key(old, hours=hours, by=by)
        self.note("This is shown once; keep it now:")
        self.stdout.write(secret)
