"""Make a team."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_organization
from accounts.management.names import Named, in_organization
from accounts.operations.teams import create_team


class Command(OperationCommand):
    """Find the organization, make the team in it."""

    help = "Make a team in an organization. Who makes it becomes its Admin."
    example = "create_team northwind/risk-modeling"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the team's name."""
        parser.add_argument("team", type=in_organization, metavar="ORG/TEAM")

    def handle(self, *, by: Actor, team: Named, **options: Any) -> None:
        """Make it and print its full name."""
        organization = find_organization(team.organization, by=by)
        made = create_team(organization, team.name, by=by)
        self.stdout.write(f"{organization.name}/{made.name}")
