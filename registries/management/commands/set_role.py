"""Give somebody a role in a registry."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import find_team, find_user
from accounts.management.names import in_days
from accounts.permissions import Role
from registries.management.finding import find_registry
from registries.management.names import Name, registry_name
from registries.operations.members import set_role
from registries.permissions import GIVEN_ROLES


class Command(OperationCommand):
    """Find the registry and the holder, give the role or change it."""

    help = "Give a user or team a role in a registry, or change the one they were given."
    example = "set_role northwind/production-models priya admin"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry, the holder and the role."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")
        holder = parser.add_mutually_exclusive_group(required=True)
        holder.add_argument(
            "user", nargs="?", default="", metavar="USER", help="e-mail or username"
        )
        holder.add_argument(
            "--team", default="", help="give it to this team of the organization"
        )
        parser.add_argument("role", choices=[role.value for role in GIVEN_ROLES])
        parser.add_argument(
            "--expires", type=in_days, metavar="DAYS", help="by default it does not end"
        )
        parser.add_argument("--reason", default="", help="kept with the role")

    def handle(
        self,
        *,
        by: Actor,
        registry: Name,
        role: str,
        user: str = "",
        team: str = "",
        expires: datetime | None = None,
        reason: str = "",
        **options: Any,
    ) -> None:
        """Give it and say so."""
        found = find_registry(registry, by=by)
        organization = found.organization.name
        holder = find_team(organization, team, by=by) if team else find_user(user, by=by)
        set_role(found, holder, role, expires_at=expires, reason=reason, by=by)
        self.stdout.write(f"{holder} is {Role(role).label} in {found.full_name}.")
