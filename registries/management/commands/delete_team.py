"""Delete a team."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_team
from accounts.management.names import Named, in_organization
from registries.operations.organizations import delete_team


class Command(OperationCommand):
    """Find the team, end it."""

    help = (
        "Delete a team: it has no members and no roles in registries any more. Its name "
        "and its projects stay."
    )
    example = "delete_team northwind/risk-modeling"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the team."""
        parser.add_argument("team", type=in_organization, metavar="ORG/TEAM")

    def handle(self, *, by: Actor, team: Named, **options: Any) -> None:
        """Delete it and say so."""
        delete_team(find_team(*team, by=by), by=by)
        self.stdout.write(f"The team {team} is deleted.")
