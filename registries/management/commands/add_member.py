"""Put somebody into an organization or team."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from accounts.management.finding import (
    find_membership,
    find_organization,
    find_team,
    find_user,
)
from accounts.management.names import Named, organization_or_in_it
from accounts.operations.teams import add_team_member
from accounts.permissions import STANDING_ROLES, Role
from registries.operations.organizations import add_member


class Command(OperationCommand):
    """Find the place and the person, add them or change their role."""

    help = "Put somebody into an organization or team, or change their role there."
    example = "add_member northwind/risk-modeling priya --role admin"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the place, the person and the role."""
        parser.add_argument("place", type=organization_or_in_it, metavar="ORG[/TEAM]")
        parser.add_argument("user", metavar="USER", help="e-mail or username")
        parser.add_argument(
            "--role", choices=[role.value for role in STANDING_ROLES], default=Role.MEMBER
        )

    def handle(
        self, *, by: Actor, place: Named, user: str, role: str, **options: Any
    ) -> None:
        """Add and say so."""
        person = find_user(user, by=by)
        if place.name:
            team = find_team(*place, by=by)
            membership = find_membership(team.organization, person)
            add_team_member(team, membership, role, by=by)
        else:
            add_member(find_organization(place.organization, by=by), person, role, by=by)
        self.stdout.write(f"{person} is {Role(role).label} in {place}.")
