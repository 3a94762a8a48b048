"""The Django admin as a door of each permission that it offers; adds to the doors' list."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.actors import Denied, Missing
from registries.models import Registry, RegistryMember
from tests.admin import Fields, address, remove
from tests.cast import ANONYMOUS, OPEN, RESTRICTED
from tests.doors import DOORS, INSIDE, Scene, door

REGISTRY = "registries_registry"
RUNS_IT = {
    "organization admin",
    "organization admin with access",
    "installation administrator",
}
"""Who gets into the admin of the cast's organization at all."""


def admin_door(codename: str) -> Any:
    """Keep the function as a door that most people do not even reach."""

    def keep(function: Any) -> Any:
        function.__name__ += " in the admin"
        INSIDE[function] = RUNS_IT
        return door(codename)(function)

    return keep


def client_of(scene: Scene, person: str) -> Client:
    client = Client()
    if person != ANONYMOUS:
        client.force_login(scene.cast.person(person))
    return client


def fill_in(scene: Scene, person: str, **changes: str) -> None:
    """Change something on the registry's page, and save it."""
    client, place = client_of(scene, person), address(REGISTRY, "change", scene.registry.pk)
    page = client.get(place)
    sent = Fields(page.text).sent | {k.replace("__", "-"): v for k, v in changes.items()}
    judge(client.post(place, sent), address(REGISTRY))


def judge(answer: Any, done: str) -> None:
    if answer.status_code == 404 or "/sign-in/" in answer.get("Location", ""):
        raise Missing("Not there.")
    if answer.get("Location") != done:
        raise Denied(f"Answered {answer.status_code}.")


def row(scene: Scene, username: str) -> str:
    """The prefix of somebody's row on the registry's page."""
    rows = list(RegistryMember.objects.filter(registry=scene.registry).order_by("pk"))
    held = [given.holder for given in rows]
    return f"members__{held.index(username)}"


@admin_door("append_types")
def add_a_type(scene: Scene, person: str) -> None:
    Registry.objects.filter(pk=scene.registry.pk).update(accepts_all_types=False)
    scene.registry.accepted_types.get_or_create(name="model")
    fill_in(scene, person, types="onnx, tokenizer")


@admin_door("edit_registry")
def describe_a_registry(scene: Scene, person: str) -> None:
    fill_in(scene, person, description="What belongs in here.")


@admin_door("switch_types")
def accept_a_list(scene: Scene, person: str) -> None:
    fill_in(scene, person, accepted="specify", types="onnx")


@admin_door("change_visibility")
def choose_another_visibility(scene: Scene, person: str) -> None:
    other = OPEN if scene.kind == RESTRICTED else RESTRICTED
    fill_in(scene, person, visibility=other)


@admin_door("manage_members")
def add_a_row(scene: Scene, person: str) -> None:
    count = RegistryMember.objects.filter(registry=scene.registry).count()
    named = {f"members__{count}__member": "the-organization-viewer"}
    fill_in(scene, person, **named, **{f"members__{count}__role": "member"})


@admin_door("manage_members")
def delete_a_row(scene: Scene, person: str) -> None:
    fill_in(scene, person, **{f"{row(scene, 'the-viewer')}__DELETE": "on"})


@admin_door("assign_role")
def choose_a_role(scene: Scene, person: str) -> None:
    fill_in(scene, person, **{f"{row(scene, 'the-viewer')}__role": "member"})


@admin_door("delete_registry")
def delete_a_registry(scene: Scene, person: str) -> None:
    client = client_of(scene, person)
    judge(remove(client, REGISTRY, scene.registry.pk), address(REGISTRY))


@admin_door("move_ownership")
def name_another_owner(scene: Scene, person: str) -> None:
    fill_in(scene, person, owner="the-admin")


__all__ = ["DOORS"]
