"""Every way to do what a row of the matrix allows: one function a door, kept by codename.

A door gets the scene, where it happens, and the name of one of the cast. It tries the
change, and raises a Refusal, or returns nothing when it was made. A door that answers by
status turns 403, 404 and 302 to sign-in into Denied and Missing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property

from django.test import Client
from django.urls import reverse

from accounts.actors import Actor, Denied, Missing
from accounts.permissions import Role
from registries.models import Collection, Registry, Version
from registries.operations.aliases import remove_alias, set_alias
from registries.operations.collections import (
    add_tag,
    create_collection,
    delete_collection,
    edit_card,
)
from registries.operations.contents import protect_alias
from registries.operations.links import link, unlink
from registries.operations.members import move_ownership, remove_role, set_role
from registries.operations.registries import change_visibility
from tests.cast import ANONYMOUS, OPEN, RESTRICTED, Cast

type Door = Callable[[Scene, str], None]
DOORS: list[tuple[str, Door]] = []
INSIDE: dict[Door, set[str]] = {}
"""Who reaches a door at all, where not everybody does who has the permission."""


class Scene:
    """A registry of the cast, with one collection of one version that has an alias.

    What a door reads of it is as it was before the first door: each is rolled back.
    """

    def __init__(self, cast: Cast, kind: str) -> None:
        self.cast = cast
        self.kind = kind
        self.person = cache(cast.person)

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

    def post(
        self, name: str, address: str, *more: str, headers: dict[str, str], **sent: str
    ) -> None:
        """Send a form of the web, as a page or as htmx does."""
        client = Client()
        if name != ANONYMOUS:
            client.force_login(self.cast.person(name))
        place = [self.cast.organization.name, self.registry.name, *more]
        response = client.post(
            reverse(f"registries:{address}", args=place), sent, headers=headers
        )
        leads_to = response.get("Location", "") + response.get("HX-Redirect", "")
        if response.status_code == 404 or "/sign-in/" in leads_to:
            raise Missing("Not there.")
        if response.status_code >= 400:
            raise Denied(f"Answered {response.status_code}.")


def door(codename: str) -> Callable[[Door], Door]:
    """Keep the function as a door of that permission."""

    def keep(function: Door) -> Door:
        DOORS.append((codename, function))
        return function

    return keep


WEB: list[dict[str, str]] = [{}, {"HX-Request": "true"}]
"""The headers of a plain form, and of one that htmx sends."""


def web(codename: str, address: str, *more: str, **sent: str) -> None:
    """Keep the form at that address as two doors of that permission."""
    for headers in WEB:

        def send(scene: Scene, person: str, headers: dict[str, str] = headers) -> None:
            scene.post(person, address, *more, headers=headers, **sent)

        send.__name__ = f"{address} {sent} by {'htmx' if headers else 'a form'}"
        DOORS.append((codename, send))


web("manage_members", "add_member", member="the-organization-viewer", role="viewer")
web("manage_members", "add_member", member="other", role="admin")
web("manage_members", "end_role", "the-viewer", instead_of="viewer")
web("assign_role", "change_role", "the-viewer", role="member", instead_of="viewer")
web("move_ownership", "make_owner", "the-admin")


@door("create_collection")
def make_a_collection(scene: Scene, person: str) -> None:
    create_collection(
        scene.registry, "another", artifact_type="model", by=scene.actor(person)
    )


@door("edit_card")
def describe_a_collection(scene: Scene, person: str) -> None:
    edit_card(scene.collection, "# Card", by=scene.actor(person))


@door("edit_tags")
def tag_a_collection(scene: Scene, person: str) -> None:
    add_tag(scene.collection, "vision", by=scene.actor(person))


@door("edit_tags")
def tag_a_version(scene: Scene, person: str) -> None:
    add_tag(scene.version, "vision", by=scene.actor(person))


@door("edit_aliases")
def put_an_alias(scene: Scene, person: str) -> None:
    set_alias(scene.version, "candidate", by=scene.actor(person))


@door("edit_aliases")
def take_off_an_alias(scene: Scene, person: str) -> None:
    remove_alias(scene.collection, "production", by=scene.actor(person))


@door("link_artifact")
def link_what_is_there_once_more(scene: Scene, person: str) -> None:
    link(scene.version.artifact, scene.registry, "copy", by=scene.actor(person))


@door("delete_collection")
def delete_a_collection(scene: Scene, person: str) -> None:
    delete_collection(scene.collection, by=scene.actor(person))


@door("unlink_artifact")
def unlink_a_version(scene: Scene, person: str) -> None:
    unlink(scene.version, by=scene.actor(person))


@door("change_visibility")
def turn_the_visibility(scene: Scene, person: str) -> None:
    other = OPEN if scene.kind == RESTRICTED else RESTRICTED
    change_visibility(scene.registry, other, by=scene.actor(person))


@door("manage_members")
def add_a_member(scene: Scene, person: str) -> None:
    somebody = scene.person("organization viewer")
    set_role(scene.registry, somebody, Role.VIEWER, by=scene.actor(person))


@door("manage_members")
def remove_a_member(scene: Scene, person: str) -> None:
    remove_role(scene.registry, scene.person("viewer"), by=scene.actor(person))


@door("manage_members")
def add_a_team(scene: Scene, person: str) -> None:
    set_role(scene.registry, scene.cast.other, Role.VIEWER, by=scene.actor(person))


@door("assign_role")
def change_a_role(scene: Scene, person: str) -> None:
    somebody = scene.person("viewer")
    set_role(scene.registry, somebody, Role.MEMBER, by=scene.actor(person))


@door("protect_alias")
def protect_another_alias(scene: Scene, person: str) -> None:
    protect_alias(scene.registry, "candidate", by=scene.actor(person))


@door("protect_alias")
def put_a_protected_alias(scene: Scene, person: str) -> None:
    scene.registry.protected_aliases.create(name="candidate")
    set_alias(scene.version, "candidate", by=scene.actor(person))


@door("protect_alias")
def take_off_a_protected_alias(scene: Scene, person: str) -> None:
    scene.registry.protected_aliases.create(name="production")
    remove_alias(scene.collection, "production", by=scene.actor(person))


@door("protect_alias")
def link_with_a_protected_alias(scene: Scene, person: str) -> None:
    scene.registry.protected_aliases.create(name="candidate")
    version = scene.version
    link(
        version.artifact,
        scene.registry,
        "classifier",
        aliases=["candidate"],
        by=scene.actor(person),
    )


@door("protect_alias")
def unlink_a_version_with_a_protected_alias(scene: Scene, person: str) -> None:
    scene.registry.protected_aliases.create(name="production")
    unlink(scene.version, by=scene.actor(person))


@door("protect_alias")
def delete_a_collection_with_a_protected_alias(scene: Scene, person: str) -> None:
    scene.registry.protected_aliases.create(name="production")
    delete_collection(scene.collection, by=scene.actor(person))


@door("move_ownership")
def make_another_owner(scene: Scene, person: str) -> None:
    move_ownership(scene.registry, scene.person("admin"), by=scene.actor(person))
