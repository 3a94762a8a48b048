"""Publish a file or folder as a version in a registry."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from accounts.actors import Actor, Invalid, TooLarge
from accounts.management.command import OperationCommand
from accounts.management.finding import find_team
from accounts.models import Team, User
from accounts.text import TEXT_LIMIT, parse_json
from registries.management.finding import find_registry
from registries.management.names import Name, collection_name
from registries.management.progress import Progress, size
from registries.management.publishing import publish
from registries.management.reading import files_of
from registries.models import Registry
from registries.operations.publications import Publication, Published


class Command(OperationCommand):
    """Upload, commit, link; print the version's full name."""

    help = "Publish a file or folder as the next version of a collection."
    example = "publish ./model northwind/model/churn-classifier --team risk-modeling"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what is published, where, and what is said about it."""
        parser.add_argument("path", type=Path, metavar="PATH", help="a file or folder")
        parser.add_argument(
            "collection", type=collection_name, metavar="ORG/REGISTRY/COLLECTION"
        )
        parser.add_argument(
            "--type",
            dest="artifact_type",
            help="by default the collection's type, or the only accepted one",
        )
        parser.add_argument(
            "--alias",
            dest="aliases",
            metavar="ALIAS",
            action="append",
            default=[],
            help="an alias of the version; may be repeated",
        )
        parser.add_argument(
            "--metadata", default="{}", metavar="JSON|@FILE", help="a JSON object"
        )
        parser.add_argument("--description", default="", help="Markdown")
        parser.add_argument(
            "--team",
            help="the team whose project `uploads` keeps the files",
        )

    def handle(
        self, *, by: Actor, path: Path, collection: Name, team: str | None, **options: Any
    ) -> None:
        """Publish and print."""
        registry = find_registry(collection, by=by)
        files = files_of(path)
        publication = Publication(
            registry=registry,
            collection=collection.collection,
            artifact_type=options["artifact_type"] or _usual_type(registry, collection),
            owner=_owner(registry, team, by),
            aliases=options["aliases"],
            description=options["description"],
            metadata=_metadata(options["metadata"]),
        )
        total = sum(file.size for file in files)
        with Progress(self.stderr, "Publishing", total) as progress:
            published = publish(publication, files, progress=progress, by=by)
        what = f"{len(files)} file{'s'[: len(files) != 1]}, {size(total)}"
        self._report(publication, published, what)

    def _report(self, publication: Publication, published: Published, what: str) -> None:
        if published.was_known:
            self.note("The content is known already: no new artifact was made.")
            if publication.description or publication.metadata:
                self.note("Its description and metadata stay as they were.")
        else:
            self.note(f"Published {what}.")
        self.stdout.write(published.version.full_name)


def _usual_type(registry: Registry, name: Name) -> str:
    """The type that goes without saying: the collection's, or the only accepted one."""
    found = registry.collections.named(name.collection).first()
    if found is not None:
        return found.type
    types = list(registry.accepted_types.values_list("name", flat=True)[:2])
    if registry.accepts_all_types or len(types) != 1:
        raise Invalid("type", f"{registry} takes several types: name one with --type.")
    return types[0]


def _owner(registry: Registry, team: str | None, by: Actor) -> Team | User:
    if team is not None:
        return find_team(registry.organization.name, team, by=by)
    if by.user is None:
        raise Invalid("team", "Name the team that keeps the files with --team.")
    return by.user


def _metadata(value: str) -> Any:
    if not value.startswith("@"):
        return parse_json(value)
    with Path(value[1:]).open("rb") as file:
        document = file.read(TEXT_LIMIT + 1)
    if len(document) > TEXT_LIMIT:
        raise TooLarge(f"{value[1:]} is larger than {TEXT_LIMIT:,} bytes.")
    return parse_json(document)
