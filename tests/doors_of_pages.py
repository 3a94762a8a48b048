"""The pages of registries as doors: more of the list in `doors.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client

from registries.operations.contents import protect_alias
from tests.cast import CORE, OPEN, RESTRICTED
from tests.doors import (
    HTMX,
    PAGE,
    Door,
    Scene,
    answer,
    holding,
    keep,
    writes_restricting,
)
from tests.factories import SYSTEM
from tests.operations_of_admins import (
    CUSTOM,
    asked,
    deleted,
    listed,
    renamed,
)

type Values = Mapping[str, Any] | Callable[[Scene, Any], Mapping[str, Any]]

HEADERS: dict[str, dict[str, str]] = {PAGE: {}, HTMX: {"HX-Request": "true"}}
NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent to an address, and what stands in the address."""

    address: str
    sent: Values
    at: Values
    method: str
    content_type: str = ""
    """Where it is not that of a form."""
    body: bytes = b""
    """What is sent instead of fields."""

    def place(self, scene: Scene, given: Any, /, **instead: object) -> str:
        """The address; `instead` stands in it in place of what usually does."""
        return scene.address(self.address, **values(self.at, scene, given) | instead)

    def send(self, client: Client, place: str, scene: Scene, given: Any, kind: str) -> Any:
        """Send it in a browser."""
        sent = self.body or values(self.sent, scene, given)
        more = {"content_type": self.content_type} if self.content_type else {}
        return getattr(client, self.method)(place, sent, headers=HEADERS[kind], **more)


def values(some: Values, scene: Scene, given: Any) -> dict[str, Any]:
    return dict(some(scene, given) if callable(some) else some)


def form(
    right: str,
    address: str,
    sent: Values = NOTHING,
    *,
    at: Values = NOTHING,
    method: str = "post",
    done: int = 302,
    by_htmx: int = 0,
    content_type: str = "",
    body: bytes = b"",
    **more: Any,
) -> None:
    """Keep the form at an address as two doors: plain, and sent by htmx."""
    name = address if address.startswith("account") else f"registries:{address}"
    found = Form(name, sent, at, method, content_type, body)
    for kind, status in ((PAGE, done), (HTMX, by_htmx or done)):

        def act(scene: Scene, person: str, given: Any, kind: str = kind) -> int:
            client, place = scene.client(person), found.place(scene, given)
            return answer(found.send(client, place, scene, given, kind))

        keep(
            Door(
                right=right,
                kind=kind,
                place=name,
                act=act,
                done=status,
                form=found,
                **more,
            )
        )


def page(right: str, address: str, **more: Any) -> None:
    """Keep an address that only shows."""
    form(right, address, method="get", done=200, **more)


def of_version(scene: Scene, _: Any) -> dict[str, Any]:
    version = scene.version
    names = {"collection": version.collection.name, "number": version.number}
    return names | {"path": "weights.bin"}


def of_given(scene: Scene, given: Any) -> dict[str, Any]:
    return {"pk": given.pk}


# What is read: other pages of it are in test_access.py

page("view_collection", "registry")
page("view_collection", "collection", at=of_version)
page("view_artifact", "version", at=of_version)
page("download_file", "raw", at=of_version)
page("view_settings", "settings")

# The settings of a registry

form(
    "edit_registry",
    "general",
    lambda scene, _: (
        {"description": "Shelf."}
        | ({} if scene.kind == CORE else {"name": scene.registry.name, "icon": "rocket"})
    ),
    by_htmx=200,
    writes="registry.edit",
)
form(
    "edit_registry",
    "general",
    {"name": "renamed", "description": "", "icon": "registry"},
    by_htmx=200,
    writes="registry.rename",
    variant="with another name",
    kinds=CUSTOM,
)
form(
    "append_types",
    "types",
    {"accepted": "specify", "types": "onnx"},
    by_htmx=200,
    writes="registry.append_types",
    variant="to a list",
    given=listed,
)
form(
    "switch_types",
    "types",
    {"accepted": "specify", "types": "onnx"},
    by_htmx=200,
    writes="registry.switch_types",
    variant="to a list from all",
    kinds=CUSTOM,
)
form(
    "switch_types",
    "types",
    {"accepted": "all"},
    by_htmx=200,
    writes="registry.switch_types",
    variant="to all from a list",
    given=listed,
)
form(
    "change_visibility",
    "visibility",
    lambda scene, _: {"visibility": OPEN if scene.kind == RESTRICTED else RESTRICTED},
    writes=writes_restricting,
)
form(
    "change_visibility",
    "release_name",
    lambda scene, _: {"name": scene.registry.name},
    by_htmx=200,
    writes="registry.release_name",
    at={"registry": "renamed"},
    given=renamed,
    kinds=CUSTOM,
)
form(
    "protect_alias",
    "protect_alias",
    {"alias": "golden"},
    by_htmx=200,
    writes="registry.protect_alias",
)
form(
    "protect_alias",
    "unprotect_alias",
    {"alias": "golden"},
    by_htmx=200,
    writes="registry.unprotect_alias",
    given=lambda scene: protect_alias(scene.registry, "golden", by=SYSTEM),
)
form(
    "delete_registry",
    "delete_registry",
    lambda scene, _: {"name": scene.registry.name},
    writes="registry.delete",
)
form(
    "delete_registry",
    "restore_registry",
    writes="registry.restore",
    at=of_given,
    given=deleted,
    kinds=CUSTOM,
    denied=404,
)

# Who is in a registry

form(
    "manage_members",
    "add_member",
    {"member": "the-organization-viewer, other", "role": "viewer"},
    by_htmx=200,
    writes="registry_member.add registry_member.add",
)
form(
    "manage_members",
    "end_role",
    {"instead_of": "viewer"},
    by_htmx=200,
    writes="registry_member.remove",
    at={"holder": "the-viewer"},
)
form(
    "assign_role",
    "change_role",
    {"role": "member", "instead_of": "viewer"},
    by_htmx=200,
    writes="registry_member.change_role",
    at={"holder": "the-viewer"},
)
form(
    "move_ownership",
    "make_owner",
    by_htmx=200,
    writes="registry.move_ownership",
    at={"holder": "the-member"},
)
form(
    "ask",
    "request_access",
    {"role": "admin", "message": "On call."},
    writes="access.request",
    denied=404,
    but=holding("Admin", "Owner", "all", answer=200),  # there is no form for them
)
form(
    "assign_role",
    "accept_request",
    {"role": "member"},
    by_htmx=200,
    writes="registry_member.change_role access.accept",
    at=of_given,
    given=asked,
)
form(
    "assign_role",
    "decline_request",
    {"reason": "Not now."},
    by_htmx=200,
    writes="access.decline",
    at=of_given,
    given=asked,
)
