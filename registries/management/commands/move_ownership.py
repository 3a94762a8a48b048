"""Make somebody else the Owner of a registry."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_user
from registries.management.finding import find_registry
from registries.management.names import Name, registry_name
from registries.operations.members import move_ownership


class Command(OperationCommand):
    """Find the registry and the person, make them its Owner."""

    help = "Make somebody with access the Owner of a registry; the previous one is Admin."
    example = "move_ownership northwind/fraud-detection priya"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry and the person."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")
        parser.add_argument("user", metavar="USER", help="e-mail or username")

    def handle(self, *, by: Actor, registry: Name, user: str, **options: Any) -> None:
        """Move it and say so."""
        found = find_registry(registry, by=by)
        owner = find_user(user, by=by)
        move_ownership(found, owner, by=by)
        self.stdout.write(f"{owner} owns {found.full_name}.")
