"""Change what an account says about its person."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_user
from accounts.models.user import THEMES
from accounts.operations.profile import change_profile, choose_theme, switch_shortcuts


class Command(OperationCommand):
    """Find the user, change what is named."""

    help = "Change somebody's full name, or the colours and keys of their pages."
    example = 'edit_user anouk --name "Anouk de Vries" --as anouk'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the user and what is to change."""
        parser.add_argument("user", metavar="USER", help="e-mail or username")
        parser.add_argument("--name", help="the full name")
        parser.add_argument("--theme", choices=THEMES)
        parser.add_argument("--shortcuts", choices=["on", "off"], help="keys of pages")

    def handle(
        self,
        *,
        by: Actor,
        user: str,
        name: str | None = None,
        theme: str | None = None,
        shortcuts: str | None = None,
        **options: Any,
    ) -> None:
        """Change it and print the username."""
        found = find_user(user, by=by)
        with transaction.atomic():
            if name is not None:
                change_profile(found, full_name=name, by=by)
            if theme is not None:
                choose_theme(found, theme, by=by)
            if shortcuts is not None:
                switch_shortcuts(found, on=shortcuts == "on", by=by)
        self.stdout.write(found.username)
