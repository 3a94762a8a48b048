"""List organizations, registries, collections or versions."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from registries.management.listing import Row, rows_of, table
from registries.management.names import Name, any_name


class Command(OperationCommand):
    """Find the rows, print them as a table or as JSON."""

    help = (
        "List organizations; with a name, the registries of an organization, the "
        "collections of a registry, or the versions of a collection."
    )
    example = "list northwind/production-models"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the place."""
        parser.add_argument(
            "place",
            nargs="?",
            type=any_name,
            default=Name(),
            metavar="ORG[/REGISTRY[/COLLECTION]]",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, by: Actor, place: Name, json: bool, **options: Any) -> None:
        """Print."""
        rows = rows_of(place, by=by)
        self.stdout.write(_document(rows) if json else table(rows))


def _document(rows: list[Row]) -> str:
    return json.dumps(rows, indent=2, ensure_ascii=False, default=str)
