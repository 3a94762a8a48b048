"""List organizations, registries, collections or versions."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor, Invalid, require
from accounts.management.command import OperationCommand
from accounts.management.finding import find_user
from registries.management.finding import find_registry
from registries.management.listing import Row, rows_of, sentences, standing_of, table
from registries.management.names import Name, any_name
from registries.permissions import Permission


class Command(OperationCommand):
    """Find the rows, print them as a table or as JSON."""

    help = (
        "List organizations; with a name, the registries of an organization, the "
        "collections of a registry, or the versions of a collection. With --permissions: "
        "somebody's effective role in a registry, why they have it, and what it allows."
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

        parser.add_argument(
            "--permissions",
            action="store_true",
            help="what --user may do in the registry, and why",
        )
        parser.add_argument(
            "--user", metavar="USER", help="by default who acts; with --permissions"
        )

    def handle(
        self,
        *,
        by: Actor,
        place: Name,
        json: bool,
        permissions: bool = False,
        user: str | None = None,
        **options: Any,
    ) -> None:
        """Print."""
        if user is not None and not permissions:
            raise Invalid("user", "--user says whose permissions: add --permissions.")
        if permissions:
            found = _standing(place, user, by=by)
            self.stdout.write(_document(found) if json else sentences(found))
            return
        rows = rows_of(place, by=by)
        self.stdout.write(_document(rows) if json else table(rows))


def _standing(place: Name, user: str | None, *, by: Actor) -> Row:
    if not place.registry or place.collection:
        raise Invalid("place", "Permissions are held in a registry: name ORG/REGISTRY.")
    registry = find_registry(place, by=by)
    require(by, Permission.VIEW_SETTINGS, registry)
    person = by.user if user is None else find_user(user, by=by)
    if person is None:
        raise Invalid("user", "Say whose permissions with --user.")
    return standing_of(registry, person)


def _document(found: Row | list[Row]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False, default=str)
