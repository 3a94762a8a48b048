"""Put a registry into the trash."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor, Invalid
from accounts.management.command import OperationCommand
from registries.management.finding import find_registry
from registries.management.names import Name, registry_name
from registries.operations.registries import delete_registry


class Command(OperationCommand):
    """Find the registry by its present name, put it into the trash."""

    help = "Put a registry into the trash, from which restore_registry takes it out again."
    example = "delete_registry northwind/fraud-detection"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")

    def handle(self, *, by: Actor, registry: Name, **options: Any) -> None:
        """Delete it and say so."""
        found = find_registry(registry, by=by)
        if found.name != registry.registry and not found.is_core:
            raise Invalid("registry", f"It is called {found.full_name}: say that name.")
        delete_registry(found, by=by)
        days = found.organization.trash_days
        self.stdout.write(f"{found.full_name} is in the trash, for {days} days.")
