"""Make an account for a program."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_organization, find_team
from accounts.management.names import Named, in_organization
from accounts.permissions import Role
from registries.operations.organizations import create_service_account


class Command(OperationCommand):
    """Find the organization and the team, make the account."""

    help = "Make an account for a program: it acts by API key only, see issue_api_key."
    example = "create_service_account northwind/ci-train-bot --team risk-modeling"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take its name, role and team."""
        parser.add_argument("account", type=in_organization, metavar="ORG/NAME")
        parser.add_argument(
            "--role", choices=[Role.VIEWER.value, Role.MEMBER.value], default=Role.MEMBER
        )
        parser.add_argument("--team", help="a team of the organization that it is in")
        parser.add_argument("--name", default="", help="the full name")

    def handle(
        self,
        *,
        by: Actor,
        account: Named,
        role: str,
        name: str,
        team: str | None = None,
        **options: Any,
    ) -> None:
        """Make it and print its username."""
        made = create_service_account(
            find_organization(account.organization, by=by),
            account.name,
            role=role,
            team=None if team is None else find_team(account.organization, team, by=by),
            full_name=name,
            by=by,
        )
        self.stdout.write(made.username)
