"""Answer somebody who asked for a role in a registry."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from accounts.actors import Actor, require
from accounts.management.command import OperationCommand
from accounts.management.finding import find_user
from accounts.management.names import in_days
from accounts.permissions import Role
from registries.management.finding import find_registry, find_request
from registries.management.names import Name, registry_name
from registries.operations.access import accept_request, decline_request
from registries.permissions import GIVEN_ROLES, Permission


class Command(OperationCommand):
    """Find the request, give the role or decline."""

    help = "Give the role that somebody asked for in a registry, or another; or decline."
    example = "answer_request northwind/fraud karim accept --role viewer --expires 30"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry, who asked, and the answer."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")
        parser.add_argument("user", metavar="USER", help="e-mail or username")
        parser.add_argument("answer", choices=["accept", "decline"])
        parser.add_argument(
            "--role",
            choices=[role.value for role in GIVEN_ROLES],
            help="by default the role that was asked for",
        )
        parser.add_argument(
            "--expires", type=in_days, metavar="DAYS", help="when the role ends"
        )
        parser.add_argument("--reason", default="", help="why it is declined")

    def handle(
        self, *, by: Actor, registry: Name, user: str, answer: str, **options: Any
    ) -> None:
        """Answer and say so."""
        found = find_registry(registry, by=by)
        require(by, Permission.ASSIGN_ROLE, found)
        asked = find_request(found, find_user(user, by=by))
        if answer == "decline":
            decline_request(asked, reason=options["reason"], by=by)
            self.stdout.write(f"{user} was told that the answer is no.")
            return
        role = options["role"] or asked.role
        expires: datetime | None = options["expires"]
        accept_request(asked, role=role, expires_at=expires, by=by)
        self.stdout.write(f"{user} is {Role(role).label} in {found.full_name}.")
