"""Change an organization's settings."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_organization
from accounts.operations.organizations import change_organization_settings
from accounts.permissions import CREATOR_ROLES, DEFAULT_ROLES

FIELDS = ("display_name", "default_role", "registry_creators", "trash_days")


class Command(OperationCommand):
    """Find the organization, change what is named."""

    help = "Change an organization's settings; what is not named stays as it is."
    example = 'edit_organization northwind --display-name "Northwind Labs" --trash-days 90'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the organization and its new settings."""
        parser.add_argument("organization", metavar="ORG")
        parser.add_argument("--display-name", metavar="NAME", help="as pages show it")
        parser.add_argument(
            "--default-role",
            choices=[role.value for role in DEFAULT_ROLES],
            help="what everybody has in a registry with visibility Organization",
        )
        parser.add_argument(
            "--registry-creators",
            choices=[role.value for role in CREATOR_ROLES],
            help="the least organization role that creates registries",
        )
        parser.add_argument(
            "--trash-days", type=int, metavar="DAYS", help="how long the trash keeps things"
        )

    def handle(self, *, by: Actor, organization: str, **options: Any) -> None:
        """Change them and print the organization's name."""
        found = find_organization(organization, by=by)
        wanted = {field: options[field] for field in FIELDS}
        change_organization_settings(found, **wanted, by=by)
        self.stdout.write(found.name)
