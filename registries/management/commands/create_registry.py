"""Make a custom registry."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_organization, find_user
from registries.management.names import Name, registry_name
from registries.models import Registry
from registries.operations.registries import ICONS, create_registry


class Command(OperationCommand):
    """Find the organization and the owner, make the registry."""

    help = "Make a custom registry. Who makes it becomes its Owner."
    example = (
        "create_registry northwind/fraud-detection --visibility restricted --owner tomasz"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name and the settings."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/NAME")
        parser.add_argument(
            "--visibility",
            choices=Registry.Visibility.values,
            default=Registry.Visibility.ORGANIZATION,
        )
        parser.add_argument(
            "--type",
            dest="types",
            metavar="TYPE",
            action="append",
            help="an accepted type; may be repeated; by default all types",
        )
        parser.add_argument("--description", default="", help="Markdown")
        parser.add_argument("--icon", choices=ICONS, default="registry")
        parser.add_argument(
            "--owner", metavar="USER", help="needed when the command acts as the system"
        )

    def handle(
        self, *, by: Actor, registry: Name, owner: str | None = None, **options: Any
    ) -> None:
        """Make it and print its full name."""
        made = create_registry(
            find_organization(registry.organization, by=by),
            registry.registry,
            description=options["description"],
            visibility=options["visibility"],
            types=options["types"],
            icon=options["icon"],
            owner=None if owner is None else find_user(owner, by=by),
            by=by,
        )
        self.stdout.write(made.full_name)
