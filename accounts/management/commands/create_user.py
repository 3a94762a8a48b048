"""Make a person's account."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from accounts.actors import Actor
from accounts.management.command import (
    OperationCommand,
    asked_password,
    secret_from_stdin,
)
from accounts.models import User
from accounts.operations.users import create_user

PROMPT = "Password (empty: make a link to set it): "


class Command(OperationCommand):
    """Ask for a password or make a link to set one, make the account."""

    help = (
        "Make a person's account. On a terminal it asks for the password; without one it "
        "prints a link with which the person sets it."
    )
    example = 'create_user anouk@northwind.example anouk --name "Anouk de Vries"'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who it is. A password is never taken from the command line."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--name", default="", help="the full name")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from the first line of standard input",
        )
        parser.add_argument(
            "--administrator",
            action="store_true",
            help="make it an administrator of the installation, who passes every check",
        )

    def handle(
        self, *, by: Actor, email: str, username: str, name: str, **options: Any
    ) -> None:
        """Make it and print the username, and the link if one is needed."""
        if options["password_stdin"]:
            password = secret_from_stdin()
        else:
            password = asked_password(PROMPT) if sys.stdin.isatty() else ""
        user = create_user(
            email=email,
            username=username,
            full_name=name,
            password=password or None,
            is_administrator=options["administrator"],
            by=by,
        )
        self.stdout.write(user.username)
        if not password:
            days = settings.PASSWORD_RESET_TIMEOUT // 86400
            self.note(f"The password is set with this link, once, within {days} days:")
            self.stdout.write(_password_link(user))


def _password_link(user: User) -> str:
    path = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
    return settings.BASE_URL + path
