"""Fetch the files of a version into a folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from accounts.actors import Actor, require
from accounts.management.command import Failed, OperationCommand
from registries.management.fetching import Destination, Plan, fetch, names
from registries.management.finding import find_version
from registries.management.names import Name, version_name
from registries.management.progress import Progress, size
from registries.permissions import Permission


class Command(OperationCommand):
    """Authorize, compare with what is there, write the rest; print the folder."""

    help = (
        "Fetch the files of a version into a folder. Every file is verified; what was "
        "interrupted is resumed; equal files are kept, different ones never overwritten "
        "unasked."
    )
    example = "fetch northwind/model/churn-classifier:production ./model"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the version and the folder."""
        parser.add_argument(
            "version", type=version_name, metavar="ORG/REGISTRY/COLLECTION[:ALIAS]"
        )
        parser.add_argument("folder", type=Path, metavar="DEST")
        parser.add_argument(
            "--overwrite", action="store_true", help="replace files that differ"
        )

    def handle(
        self, *, by: Actor, version: Name, folder: Path, overwrite: bool, **options: Any
    ) -> None:
        """Fetch and print."""
        found = find_version(version, by=by)
        require(by, Permission.DOWNLOAD_ARTIFACT, found)
        destination = Destination(folder)
        plan = destination.plan(found.artifact)
        if plan.different and not overwrite:
            raise Failed(
                f"Other files are in the way: {names(plan.different)}. Nothing was "
                "written; --overwrite replaces them."
            )
        with Progress(self.stderr, "Fetching", plan.size) as progress:
            fetch(plan, destination, progress)
        self._report(found.full_name, plan)
        self.stdout.write(str(folder))

    def _report(self, name: str, plan: Plan) -> None:
        written, kept = len(plan.write) + len(plan.different), len(plan.kept)
        self.note(f"{name}: {written} written ({size(plan.size)}), {kept} kept.")
        for entry in plan.references:
            self.note(f"Not fetched, kept elsewhere: {entry.path} at {entry.reference}")
