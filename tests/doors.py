"""Every door: each way to do what a right allows, with the answer and the events it gives.

`DOORS` is filled by the modules `doors_of_*`, and read in `test_doors.py`. A door is of one
of the KINDS_OF_DOOR; what it answers to each of the cast follows from its right, by the
tables of `rights.py`, but for whom it says otherwise.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import ApiKey, User
from accounts.models.api_key import digest
from registries.models import Collection, Registry, Version
from tests.addresses import parameters
from tests.cast import ANONYMOUS, CORE, KINDS, OPEN, RESTRICTED, Cast
from tests.rights import NOT_IN_CORE, REGISTRY_GRANTS, is_allowed, role_of

OPERATION, PAGE, HTMX, ADMIN, COMMAND = "operation", "page", "htmx", "admin", "command"
WIRE = "wire"
KINDS_OF_DOOR = (OPERATION, PAGE, HTMX, ADMIN, COMMAND, WIRE)

SIGN_IN = 401
"""Stands for the way to the sign-in page, which redirects."""
EXIT = 1
"""What a command that was refused ends with; one that was not, with 0."""
STRANGERS = {"outsider", "removed"}
NOT_SIGNED_IN = {ANONYMOUS, "deactivated"}


class Scene:
    """A registry of the cast, with one collection of one version that has an alias.

    What a door reads of it is as it was before the first door: each is rolled back.
    """

    def __init__(self, cast: Cast, kind: str) -> None:
        self.cast = cast
        self.kind = kind
        self.person: Callable[[str], User] = cache(cast.person)
        self._signed_in: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    @cached_property
    def registry(self) -> Registry:
        return self.cast.registry(self.kind)

    @cached_property
    def version(self) -> Version:
        return self.cast.version(self.kind)

    @property
    def collection(self) -> Collection:
        return self.version.collection

    def actor(self, name: str) -> Actor:
        return Actor(None if name == ANONYMOUS else self.person(name), via="test")

    def client(self, name: str, *, checks: bool = False) -> Client:
        """A browser in which one of the cast has signed in, once for the whole scene."""
        client, cookie = Client(enforce_csrf_checks=checks), settings.SESSION_COOKIE_NAME
        if name != ANONYMOUS and name not in self._signed_in:
            client.force_login(self.cast.person(name))
            self._signed_in[name] = client.cookies[cookie].value
        elif name != ANONYMOUS:
            client.cookies[cookie] = self._signed_in[name]
        return client

    @property
    def has_programs(self) -> bool:
        """Whether somebody has a key."""
        return bool(self._keys)

    def program(self, name: str) -> Client:
        """A program with a key of one of the cast, made once for the whole scene."""
        if name == ANONYMOUS:
            return Client()
        if name not in self._keys:
            self._keys[name] = key_of(self.person(name))
        return client_with_key(self._keys[name])

    def address(self, name: str, /, **values: object) -> str:
        """An address by its name; organization and registry are those of the scene."""
        known = {"org": self.cast.organization.name, "registry": self.registry.name}
        wanted = parameters()[name]
        return reverse(
            name.partition("#")[0], kwargs={key: (known | values)[key] for key in wanted}
        )


def client_of(cast: Cast, name: str) -> Client:
    """A browser in which one of the cast has signed in."""
    client = Client()
    if name != ANONYMOUS:
        client.force_login(cast.person(name))
    return client


def key_of(user: User) -> str:
    """The secret of a key of the user, deactivated or not, that counts as used just now."""
    secret = f"accession-{user.pk:048}"
    ApiKey.objects.create(
        user=user,
        name="script",
        digest=digest(secret),
        hint=secret[-4:],
        last_used_at=timezone.now() + timedelta(days=1),
    )
    return secret


def client_with_key(secret: str) -> Client:
    """A client that sends a key as the SDK does."""
    credentials = b64encode(f"api:{secret}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {credentials}"})


def answer(response: Any) -> int:
    """Read an answer to its end; the status, SIGN_IN where it leads to the sign-in page."""
    list(response)
    leads_to = response.get("Location", "") + response.get("HX-Redirect", "")
    return SIGN_IN if "/sign-in/" in leads_to else response.status_code


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Door:
    """One way to do what a right allows."""

    right: str
    """What it takes, by its codename in `rights.py`."""
    kind: str
    place: str
    """The operation, the name of the address, the model of the admin or the command."""
    act: Callable[[Scene, str, Any], int]
    """Try it, as one of the cast, with what was given; return the status."""
    writes: str | Callable[[str, str], str] = ""
    """The kinds of the events of who may, in order; or that by person and registry."""
    is_quiet: bool = False
    """Whether no event tells of what it changes: one before it did."""
    variant: str = ""
    given: Callable[[Scene], Any] | None = None
    """Make what must be there before."""
    kinds: tuple[str, ...] = KINDS
    """The registries where it is tried."""
    done: int = 200
    denied: int = 403
    """The answer to who may see but not do."""
    but: Callable[[str, str], tuple[int, str] | None] = lambda person, kind: None
    """Answer and events of those for whom they are others, by person and registry."""
    form: Any = None
    """Of the web: what is sent, and where to."""
    in_core: int = 409
    """The answer where a core registry does not have the permission."""

    @property
    def name(self) -> str:
        return f"{self.kind} {self.place} {self.variant}".strip()

    @property
    def is_of_registry(self) -> bool:
        """Whether what it takes depends on the registry."""
        return self.right in REGISTRY_GRANTS or self.right == "ask"

    def expected(self, person: str, kind: str) -> tuple[int, str]:
        """What rules.md, section 4, "Answers", says; and the kinds of the events."""
        if (other := self.but(person, kind)) is not None:
            return other
        if is_allowed(self.right, person, kind):
            writes = self.writes
            return self.done, writes if isinstance(writes, str) else writes(person, kind)
        return self._refusal(person, kind), ""

    def _refusal(self, person: str, kind: str) -> int:
        sees = not self.is_of_registry or role_of(person, kind, "Viewer") != "-"
        if self.kind == COMMAND:
            return EXIT
        if self.kind in {PAGE, HTMX} and person in NOT_SIGNED_IN:
            return SIGN_IN
        if self.kind == WIRE and person in NOT_SIGNED_IN:
            return 401
        if self.kind in {PAGE, HTMX, WIRE} and (person in STRANGERS or not sees):
            return 404
        if kind == CORE and self.right in NOT_IN_CORE and sees:
            return self.in_core
        return self.denied


def is_another(person: str, kind: str) -> bool:
    """Whether somebody stands elsewhere in that registry than in the restricted one."""
    roles = {role_of(person, each, "Viewer") for each in (kind, RESTRICTED)}
    return len(roles) > 1 or (kind == CORE and roles != {"-"})


DOORS: list[Door] = []


def keep(door: Door) -> None:
    """Add a door; what is no right in a registry is tried in one scene."""
    if not door.is_of_registry and door.kinds == KINDS:
        door = replace(door, kinds=(RESTRICTED,))
    DOORS.append(door)


def writes_restricting(person: str, kind: str) -> str:
    """What a change of visibility writes: who restricts stays in, as Admin."""
    stays_in = kind == OPEN and person == "organization admin"
    added = " registry_member.add" if stays_in else ""
    return f"registry.change_visibility{added}"


def holding(*roles: str, answer: int) -> Callable[..., Any]:
    """Another answer for those whose effective role is one of these."""
    return lambda person, kind: (
        (answer, "") if role_of(person, kind, "Viewer") in roles else None
    )


def someone(*people: str, answer: int, writes: str = "") -> Callable[..., Any]:
    """Another answer for some of the cast."""
    return lambda person, kind: (answer, writes) if person in people else None
