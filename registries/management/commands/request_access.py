"""Ask for a role in a registry."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.permissions import Role
from registries.management.finding import find_registry
from registries.management.names import Name, registry_name
from registries.operations.access import request_access
from registries.permissions import GIVEN_ROLES


class Command(OperationCommand):
    """Find the registry, ask its Admins."""

    help = "Ask the Admins of a registry for a role above one's own."
    example = 'request_access northwind/fraud member --message "On call" --as karim'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry, the role, and what for."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")
        parser.add_argument("role", choices=[role.value for role in GIVEN_ROLES])
        parser.add_argument("--message", default="", help="what it is needed for")

    def handle(
        self, *, by: Actor, registry: Name, role: str, message: str, **options: Any
    ) -> None:
        """Ask and say so."""
        found = find_registry(registry, by=by)
        request_access(found, role, message=message, by=by)
        label = Role(role).label
        self.stdout.write(f"{by.name} asked for the role {label} in {found.full_name}.")
