"""The forms of the Django admin as doors: more of the list in `doors.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from registries.models import RegistryMember
from tests.admin import Fields, address, remove
from tests.cast import OPEN, RESTRICTED
from tests.doors import (
    ADMIN,
    NOT_SIGNED_IN,
    SIGN_IN,
    Door,
    Scene,
    answer,
    keep,
    writes_restricting,
)
from tests.operations_of_admins import listed

REGISTRY = "registries_registry"
RUNS_IT = {
    "organization admin",
    "organization admin with access",
    "installation administrator",
}
"""Who gets into the admin of the cast's organization; to others it does not exist."""


def admin(right: str, act: Callable[[Scene, Client], Any], **more: Any) -> None:
    """Keep a form of the admin as a door. Saved, it leads to the list."""

    def enter(scene: Scene, person: str, _: Any) -> int:
        return answer(act(scene, scene.client(person)))

    keep(
        Door(
            right=right,
            kind=ADMIN,
            place=REGISTRY,
            act=enter,
            but=outside,
            done=302,
            **more,
        )
    )


def outside(person: str, kind: str) -> tuple[int, str] | None:
    """The answer to those for whom there is no admin."""
    if person in RUNS_IT:
        return None
    return SIGN_IN if person in NOT_SIGNED_IN else 404, ""


def fill_in(scene: Scene, client: Client, **changes: str) -> Any:
    """Change something on the registry's page, and save it."""
    place = address(REGISTRY, "change", scene.registry.pk)
    sent = Fields(client.get(place).text).sent
    return client.post(place, sent | {k.replace("__", "-"): v for k, v in changes.items()})


def row(scene: Scene, username: str) -> str:
    """The prefix of somebody's row on the registry's page."""
    rows = RegistryMember.objects.filter(registry=scene.registry).order_by("pk")
    return f"members__{[given.holder for given in rows].index(username)}"


def add_a_row(scene: Scene, client: Client) -> Any:
    count = RegistryMember.objects.filter(registry=scene.registry).count()
    named = {f"members__{count}__member": "the-organization-viewer"}
    return fill_in(scene, client, **named, **{f"members__{count}__role": "member"})


def turn(scene: Scene, client: Client) -> Any:
    other = OPEN if scene.kind == RESTRICTED else RESTRICTED
    return fill_in(scene, client, visibility=other)


admin(
    "append_types",
    lambda scene, client: fill_in(scene, client, types="onnx, tokenizer"),
    variant="adding types",
    given=listed,
    writes="registry.append_types",
)
admin(
    "edit_registry",
    lambda scene, client: fill_in(scene, client, description="What belongs in here."),
    variant="describing",
    writes="registry.edit",
)
admin(
    "switch_types",
    lambda scene, client: fill_in(scene, client, accepted="specify", types="onnx"),
    variant="switching to a list",
    in_core=400,
    writes="registry.switch_types",
)
admin("change_visibility", turn, variant="turning", in_core=400, writes=writes_restricting)
admin("manage_members", add_a_row, variant="adding a row", writes="registry_member.add")
admin(
    "manage_members",
    lambda scene, client: fill_in(
        scene, client, **{f"{row(scene, 'the-viewer')}__DELETE": "on"}
    ),
    variant="deleting a row",
    writes="registry_member.remove",
)
admin(
    "assign_role",
    lambda scene, client: fill_in(
        scene, client, **{f"{row(scene, 'the-viewer')}__role": "member"}
    ),
    variant="changing a row",
    writes="registry_member.change_role",
)
admin(
    "delete_registry",
    lambda scene, client: remove(client, REGISTRY, scene.registry.pk),
    variant="deleting",
    in_core=403,
    writes="registry.delete",
)
admin(
    "move_ownership",
    lambda scene, client: fill_in(scene, client, owner="the-admin"),
    variant="naming another Owner",
    in_core=400,
    writes="registry.move_ownership",
)
