"""Take access to a restricted registry, as an Admin of its organization."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from registries.management.finding import find_restricted_registry
from registries.management.names import Name, registry_name
from registries.operations.registries import take_access


class Command(OperationCommand):
    """Find the registry among the restricted ones, become its Admin."""

    help = (
        "Become Admin of a restricted registry of one's organization; its Admins are told."
    )
    example = "take_access northwind/fraud-detection --as anouk"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")

    def handle(self, *, by: Actor, registry: Name, **options: Any) -> None:
        """Take it and say so."""
        taken = take_access(find_restricted_registry(registry, by=by), by=by)
        self.stdout.write(f"{by.name} is Admin in {taken.full_name}.")
