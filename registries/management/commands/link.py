"""Link a version into another collection."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from registries.management.finding import find_registry, find_version
from registries.management.names import Name, collection_name, version_name
from registries.operations.links import link


class Command(OperationCommand):
    """Find the version and the target, link its artifact there."""

    help = "Give a version's artifact a version in another collection, too."
    example = (
        "link northwind/model/churn:v3 northwind/production-models/churn --alias staging"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the version, the collection and the aliases."""
        parser.add_argument(
            "version", type=version_name, metavar="ORG/REGISTRY/COLLECTION[:ALIAS]"
        )
        parser.add_argument(
            "target", type=collection_name, metavar="ORG/REGISTRY/COLLECTION"
        )
        parser.add_argument(
            "--alias",
            dest="aliases",
            metavar="ALIAS",
            action="append",
            default=[],
            help="an alias of the new version; may be repeated",
        )

    def handle(
        self, *, by: Actor, version: Name, target: Name, aliases: list[str], **options: Any
    ) -> None:
        """Link and print the new version's full name."""
        linked = link(
            find_version(version, by=by).artifact,
            find_registry(target, by=by),
            target.collection,
            aliases=aliases,
            by=by,
        )
        self.stdout.write(linked.full_name)
