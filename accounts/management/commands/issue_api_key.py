"""Issue an API key."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand, secret_from_stdin
from accounts.management.finding import find_user
from accounts.management.names import in_days
from accounts.operations.keys import issue_api_key


class Command(OperationCommand):
    """Find the user, issue the key; its secret is shown this once."""

    help = "Issue an API key with which a program acts as the user, and print its secret."
    example = "issue_api_key ci-train-bot nightly --expires 90"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose key it is, and what it may."""
        parser.add_argument("user", metavar="USER", help="e-mail or username")
        parser.add_argument("name", metavar="NAME", help="what the key is for")
        parser.add_argument(
            "--read-only", action="store_true", help="refuse every change with this key"
        )
        parser.add_argument(
            "--expires", type=in_days, metavar="DAYS", help="by default it does not expire"
        )
        parser.add_argument(
            "--secret-stdin",
            action="store_true",
            help="take the secret, at least 40 characters, from standard input",
        )

    def handle(
        self,
        *,
        by: Actor,
        user: str,
        name: str,
        expires: datetime | None = None,
        **options: Any,
    ) -> None:
        """Issue it; print the secret unless it was given to us."""
        given = secret_from_stdin() if options["secret_stdin"] else None
        key, secret = issue_api_key(
            find_user(user, by=by),
            name=name,
            read_only=options["read_only"],
            expires_at=expires,
            secret=given,
            by=by,
        )
        if given is None:
            self.note("This is shown once; keep it now:")
            self.stdout.write(secret)
        else:
            self.stdout.write(str(key))
