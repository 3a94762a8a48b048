"""Put an alias on a version."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor, Invalid
from accounts.management.command import OperationCommand
from registries.management.finding import find_version
from registries.management.names import Name, version_name
from registries.operations.aliases import remove_alias, set_alias


class Command(OperationCommand):
    """Find the version, put the alias on it or take it off."""

    help = "Put an alias on a version, taking it off the one that has it; or take it off."
    example = 'set_alias northwind/model/churn:v3 production --reason "Passed all checks."'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the version, the alias and the reason."""
        parser.add_argument(
            "version", type=version_name, metavar="ORG/REGISTRY/COLLECTION[:vN|:ALIAS]"
        )
        parser.add_argument("alias", metavar="ALIAS")
        parser.add_argument("--reason", default="", help="kept in the alias's history")
        parser.add_argument(
            "--remove", action="store_true", help="take the alias off instead"
        )

    def handle(
        self,
        *,
        by: Actor,
        version: Name,
        alias: str,
        reason: str,
        remove: bool = False,
        **options: Any,
    ) -> None:
        """Set it, or take it off, and print the version's full name."""
        found = find_version(version, by=by)
        if remove:
            if not found.aliases.filter(name=alias).exists():
                raise Invalid("alias", f"{alias} is not on {found.full_name}.")
            remove_alias(found.collection, alias, reason=reason, by=by)
        elif set_alias(found, alias, reason=reason, by=by) is None:
            self.note(f"{alias} follows the newest version by itself.")
        self.stdout.write(found.full_name)
