"""Change who can see a registry."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from registries.management.finding import find_registry
from registries.management.names import Name, registry_name
from registries.models import Registry
from registries.operations.registries import change_visibility


class Command(OperationCommand):
    """Find the registry, open or restrict it."""

    help = "Open a registry to its organization, or restrict it to those who were added."
    example = "set_visibility northwind/production-models restricted"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry and its visibility."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")
        parser.add_argument("visibility", choices=Registry.Visibility.values)

    def handle(self, *, by: Actor, registry: Name, visibility: str, **options: Any) -> None:
        """Change and say so."""
        found = change_visibility(find_registry(registry, by=by), visibility, by=by)
        self.stdout.write(f"{found.full_name} is visible to: {found.visibility}.")
