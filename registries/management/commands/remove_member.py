"""Take somebody out of an organization, team or registry."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from accounts.actors import Actor, Invalid, Missing
from accounts.management.command import OperationCommand
from accounts.management.finding import (
    find_membership,
    find_organization,
    find_team,
    find_user,
)
from accounts.management.names import Named, organization_or_in_it
from accounts.models import Organization, Team, User
from accounts.operations.teams import remove_team_member
from registries.management.finding import find_registry
from registries.management.names import Name
from registries.models import Registry
from registries.operations.members import remove_role
from registries.operations.organizations import remove_member


class Command(OperationCommand):
    """Find the place and who is in it, end what they hold there."""

    help = (
        "Take somebody out of an organization, one of its teams, or one of its registries. "
        "Leaving an organization ends everything in it; what they own passes to an Admin."
    )
    example = "remove_member northwind/production-models tomasz"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the place and who is taken out."""
        parser.add_argument(
            "place", type=organization_or_in_it, metavar="ORG[/TEAM|/REGISTRY]"
        )
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument(
            "user", nargs="?", default="", metavar="USER", help="e-mail or username"
        )
        who.add_argument("--team", default="", help="take this team out of the registry")
        parser.add_argument(
            "--from",
            dest="kind",
            choices=["team", "registry"],
            help="needed only where a team and a registry have the same name",
        )

    def handle(
        self,
        *,
        by: Actor,
        place: Named,
        user: str = "",
        team: str = "",
        kind: str | None = None,
        **options: Any,
    ) -> None:
        """Remove and say so."""
        who = find_team(place.organization, team, by=by) if team else find_user(user, by=by)
        where = _place(place, "registry" if team else kind, by)
        if isinstance(where, Registry):
            remove_role(where, who, by=by)
        else:
            assert isinstance(who, User)  # --team means a registry
            _remove_person(where, who, by)
        self.stdout.write(f"{who} is removed from {place}.")


def _remove_person(where: Organization | Team, who: User, by: Actor) -> None:
    if isinstance(where, Team):
        remove_team_member(where, find_membership(where.organization, who), by=by)
    else:
        remove_member(find_membership(where, who), by=by)


def _place(name: Named, kind: str | None, by: Actor) -> Any:
    """The organization, team or registry of that name; two of one name are not guessed."""
    if not name.name:
        return find_organization(name.organization, by=by)
    found = []
    if kind != "registry":
        found += _if_there(lambda: find_team(*name, by=by))
    if kind != "team":
        found += _if_there(lambda: find_registry(Name(*name), by=by))
    if not found:
        raise Missing(f"There is no team or registry {name}.")
    if len(found) > 1:
        message = f"{name} is a team and a registry: say --from team or --from registry."
        raise Invalid("kind", message)
    return found[0]


def _if_there(find: Callable[[], Any]) -> list[Any]:
    try:
        return [find()]
    except Missing:
        return []
