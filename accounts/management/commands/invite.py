"""Invite somebody, and what becomes of an invitation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor, require
from accounts.management.command import OperationCommand
from accounts.management.finding import find_invitation, find_offer, find_organization
from accounts.operations import invitations
from accounts.permissions import STANDING_ROLES, OrganizationPermission, Role


class Command(OperationCommand):
    """Find the organization and the invitation; make it, or what an option says."""

    help = (
        "Invite somebody into an organization by e-mail. An invitation is sent again, "
        "revoked, or accepted by whom it is for."
    )
    example = "invite northwind ines@northwind.example --role viewer"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the place, the address, the role, or what to do instead."""
        parser.add_argument("organization", metavar="ORG")
        parser.add_argument("email", metavar="EMAIL")
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument(
            "--role", choices=[role.value for role in STANDING_ROLES], default=Role.MEMBER
        )
        for verb, meaning in (
            ("resend", "send a new link; the one before is dead"),
            ("revoke", "take the invitation back"),
            ("accept", "take the place; with --as, by whoever has the address"),
        ):
            instead.add_argument(
                f"--{verb}", dest="verb", action="store_const", const=verb, help=meaning
            )

    def handle(
        self,
        *,
        by: Actor,
        organization: str,
        email: str,
        role: str,
        verb: str | None = None,
        **options: Any,
    ) -> None:
        """Do it and say so."""
        if verb == "accept":
            taken = invitations.accept_invitation(
                find_offer(organization, email, by=by), by=by
            )
            role = taken.get_role_display()
            self.stdout.write(f"{taken.user} is {role} in {taken.organization.name}.")
            return
        place = find_organization(organization, by=by)
        require(by, OrganizationPermission.MANAGE_PEOPLE, place)
        if verb is None:
            made = invitations.invite(place, email, role, by=by)
            self.stdout.write(f"{made.email} is invited; the link goes out by mail.")
            return
        found = find_invitation(place, email)
        if verb == "resend":
            invitations.resend_invitation(found, by=by)
            self.stdout.write(f"{found.email} gets a new link; the one before is dead.")
        else:
            invitations.revoke_invitation(found, by=by)
            self.stdout.write(f"The invitation of {found.email} is revoked.")
