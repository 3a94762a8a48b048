"""Fill an empty installation with a demo."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    check_password,
    make_password,
)
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.actors import Actor, Conflict
from accounts.events import record
from accounts.management.command import OperationCommand
from accounts.models import Event, Job, User
from registries.management.demo.people import NORTHWIND, PEOPLE
from registries.management.demo.story import Story
from registries.models import Collection, Registry, Version

FILLED = "demo.fill"
PLACES = (
    ("", "the registry home of Northwind Labs"),
    ("production-models/", "an open custom registry with protected aliases"),
    ("production-models/c/churn-classifier/", "versions, a rollback, a card"),
    ("fraud-detection/", "a restricted registry: try it as jonas"),
    ("production-models/settings/", "visibility and members"),
)


class Command(OperationCommand):
    """Tell the story once; print the sign-ins every time."""

    help = "Fill an empty installation with the demo organization Northwind Labs."
    example = "demo"

    def handle(self, *, by: Actor, **options: Any) -> None:
        """Fill, unless it is filled already, and print who signs in how."""
        password = demo_password()
        with transaction.atomic():
            if not Event.objects.filter(kind=FILLED).exists():
                self._fill(by)
            self._set_passwords(password)
        self._print(password)

    def _fill(self, by: Actor) -> None:
        if User.objects.exists():
            raise Conflict("People are here already: the demo needs an empty installation.")
        organization = Story(timezone.now()).tell()
        Job.objects.all().delete()  # nobody wants mail about what was made up
        record(FILLED, organization, by=by, organization=organization)

    def _set_passwords(self, password: str) -> None:
        """Give all demo people the one password.

        It is hashed once, and the hash is shared: a dozen hashes would take three seconds,
        and that all of them have the same password is printed anyway.
        """
        people = User.objects.filter(email__in=[person.email for person in PEOPLE])
        present = people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        hashes = present.order_by("password").values_list("password", flat=True).distinct()
        right = next((each for each in hashes if check_password(password, each)), None)
        shared = right or make_password(password)
        people.exclude(password=shared).update(password=shared)

    def _print(self, password: str) -> None:
        registries = Registry.objects.live().filter(organization__entity__name=NORTHWIND[0])
        collections = Collection.objects.live().filter(registry__in=registries)
        versions = Version.objects.filter(collection__in=collections).count()
        write = self.stdout.write
        write(
            f"{NORTHWIND[1]}: {registries.count()} registries, {collections.count()} "
            f"collections, {versions} versions."
        )
        write(f"\nEverybody signs in with the password  {password}\n")
        for person in PEOPLE:
            write(f"  {person.username:<10} {person.shows}")
        write("\nWhere to look")
        for path, shows in PLACES:
            write(f"  /orgs/{NORTHWIND[0]}/registry/{path:<39} {shows}")


def demo_password() -> str:
    """Return the password of this installation's demo; no two installations share one.

    It is derived from the secret key: stored nowhere, and printed again at the next start.
    """
    digest = salted_hmac("registries.demo", "password", algorithm="sha256").digest()
    letters = base64.b32encode(digest[:10]).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
