"""Take a registry out of the trash."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from registries.management.finding import find_deleted_registry
from registries.management.names import Name, registry_name
from registries.operations.registries import restore_registry


class Command(OperationCommand):
    """Find the registry in the trash, take it out."""

    help = "Take a registry out of the trash, with everything in it."
    example = "restore_registry northwind/fraud-detection"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name that it had; of several, the one deleted last is taken."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")

    def handle(self, *, by: Actor, registry: Name, **options: Any) -> None:
        """Restore it and print its full name."""
        restored = restore_registry(find_deleted_registry(registry, by=by), by=by)
        self.stdout.write(restored.full_name)
