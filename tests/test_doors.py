"""Every door x everybody: the answer, the events, and nothing changed where it was no."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.management import get_commands

from accounts.models import Event
from registries.wire.schema import schema
from tests.addresses import parameters
from tests.digest import differences, files, rows, undone, writes
from tests.doors import (
    ADMIN,
    COMMAND,
    HTMX,
    KINDS_OF_DOOR,
    OPERATION,
    PAGE,
    WIRE,
    Door,
    Scene,
)
from tests.every_door import DOORS, SCENES, turns
from tests.operations import PARTS, inventory
from tests.rights import REGISTRY_GRANTS

pytestmark = [pytest.mark.django_db, pytest.mark.tables]


VIA = {
    OPERATION: {"test"},
    PAGE: {"web", "invitation"},  # the latter makes the account of whom it is for
    HTMX: {"web", "invitation"},
    ADMIN: {"admin"},
    COMMAND: {"command"},
    WIRE: {"wire"},
}
"""The door that an event names."""


class Stage:
    """A scene as it is before each door, and what differs from it afterwards."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rows = rows()

    def enter(self, door: Door, person: str) -> tuple[int, str, list[str]]:
        """Try the door; return status, kinds of events, and the tables that changed."""
        given = door.given(self.scene) if door.given else None
        before = rows() if door.given else self.rows
        stored, written, last = files(), writes(), newest()
        answer = door.act(self.scene, person, given)
        events = Event.objects.filter(pk__gt=last).order_by("pk")
        kinds = " ".join(event.kind for event in events)
        assert {event.via for event in events} <= VIA[door.kind], door.name
        changed = [] if files() == stored else ["files"]
        if written is None or writes() != written:
            changed += differences(before, rows())
        return answer, kinds, changed


def newest() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True)[0]


@pytest.mark.parametrize(("person", "kind"), SCENES)
@pytest.mark.parametrize(
    "everybody", [False, pytest.param(True, marks=pytest.mark.nightly)], ids=["", "all"]
)
def test_every_door_answers_as_the_rules_say(cast, person, kind, everybody):
    scene, wrong = Scene(cast, kind), {}
    scene.client(person)
    stage = Stage(scene)
    for door in sorted(DOORS, key=lambda door: door.kind == WIRE):
        if not (everybody or (person, kind) in turns(door)) or kind not in door.kinds:
            continue
        if door.kind == WIRE and not scene.has_programs:
            scene.program(person)  # not before: who leaves loses their keys
            stage = Stage(scene)
        with undone():
            answer, events, changed = stage.enter(door, person)
        if (answer, events) != (expected := door.expected(person, kind)):
            wrong[door.name] = f"{answer} {events}, not {expected[0]} {expected[1]}"
        elif bool(changed) is not bool(events or (door.is_quiet and answer == door.done)):
            wrong[door.name] = f"{answer} {events}, but changed {changed}"

    assert wrong == {}


# Nothing that the product offers is without a door

OFFERED = """
view_collection          operation page htmx command
view_artifact            page htmx command wire
use_artifact             -
download_artifact        command wire
download_file            page htmx
search_registry          -
view_settings            page htmx command
create_automation        operation wire
notify_slack             -
create_collection        operation
edit_card                operation page htmx wire
edit_description         operation page htmx wire
edit_tags                operation page htmx wire
edit_aliases             operation page htmx command wire
link_artifact            operation page htmx command wire
append_types             operation page htmx admin command wire
edit_registry            operation page htmx admin command wire
delete_collection        operation page htmx wire
delete_automation        operation wire
unlink_artifact          operation page htmx wire
switch_types             operation page htmx admin command wire
change_visibility        operation page htmx admin command wire
manage_members           operation page htmx admin command wire
assign_role              operation page htmx admin command wire
protect_alias            operation page htmx command
manage_automations       operation wire
delete_registry          operation page htmx admin command wire
move_ownership           operation page htmx admin command
create_registry          operation page htmx command wire
"""
"""The kinds of door of each permission, 11 last; - is asked through has_perm alone."""
ALONE = {"demo", "start", "worker"}
"""Commands that run the product, or fill one that is empty."""


def test_every_permission_has_the_doors_that_the_product_offers():
    offered = {line.split()[0]: line.split()[1:] for line in OFFERED.strip().splitlines()}
    found: dict[str, list[str]] = {
        right: [] for right in (*REGISTRY_GRANTS, "create_registry")
    }
    for door in DOORS:
        if door.right in found and door.kind not in found[door.right]:
            found[door.right].append(door.kind)

    assert {
        right: sorted(kinds, key=KINDS_OF_DOOR.index) or ["-"]
        for right, kinds in found.items()
    } == offered


def places(*kinds: str) -> set[str]:
    return {door.place for door in DOORS if door.kind in kinds}


def test_every_operation_has_a_door():
    missing = {operation.__name__ for operation in inventory()} - places(OPERATION)

    assert missing == set(PARTS) - {"request_access"}


def test_every_mutation_has_a_door():
    root = schema().mutation_type
    assert root is not None
    resolved = {name for name, field in root.fields.items() if field.resolve}

    addresses = {name for name in parameters() if name.startswith("wire:")}
    assert {f"wire:{name}" for name in resolved} == places(WIRE) - addresses


FOR_ALL_PROGRAMS = {"wire:exchange", "wire:graphql", "wire:telemetry"}
"""What asks for a permission further in, or for none."""


def test_every_address_of_bytes_has_a_door():
    addresses = {name for name in parameters() if name.startswith("wire:")}

    assert addresses - FOR_ALL_PROGRAMS == places(WIRE) & addresses


def test_every_command_has_a_door():
    ours = {
        name for name, app in get_commands().items() if app in {"accounts", "registries"}
    }

    assert ours - places(COMMAND) == ALONE


def test_every_door_has_its_own_name():
    counted = Counter(door.name for door in DOORS)

    assert [name for name, count in counted.items() if count > 1] == []


def test_everybody_tries_some_door_in_each_registry():
    assert {turn for door in DOORS for turn in turns(door)} == set(SCENES)
