"""Make an organization."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_user
from registries.operations.organizations import create_organization


class Command(OperationCommand):
    """Find the first Admin, make the organization with its core registries."""

    help = "Make an organization with its core registries and its first Admin."
    example = 'create_organization northwind "Northwind Labs" --admin anouk'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the names and the first Admin."""
        parser.add_argument("name", metavar="NAME", help="as addresses have it")
        parser.add_argument("display_name", metavar="DISPLAY_NAME", help="as pages show it")
        parser.add_argument(
            "--admin", metavar="USER", help="its first Admin; by default who acts"
        )

    def handle(
        self,
        *,
        by: Actor,
        name: str,
        display_name: str,
        admin: str | None = None,
        **options: Any,
    ) -> None:
        """Make it and print its name."""
        first = None if admin is None else find_user(admin, by=by)
        organization = create_organization(name, display_name, admin=first, by=by)
        self.stdout.write(organization.name)
