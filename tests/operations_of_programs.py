"""More of the list in `operations.py`: what programs ask for that pages do not."""

from __future__ import annotations

from typing import Any

from accounts.actors import Conflict, Invalid
from accounts.operations import invitations, profile, teams
from accounts.permissions import Role
from registries.operations import members
from registries.operations import registries as registry_operations
from tests.doors import Scene
from tests.factories import SYSTEM
from tests.operations import (
    CONTENT,
    ORGANIZATION,
    OWN,
    REGISTRY,
    TEAM,
    Case,
    membership,
)
from tests.operations_of_admins import ADDRESS, CUSTOM, listed


def in_the_team(scene: Scene) -> None:
    viewer = membership(scene, "viewer")
    teams.add_team_member(scene.cast.other, viewer, Role.VIEWER, by=SYSTEM)


def saving(right: str, writes: str, changes: dict[str, Any], **more: Any) -> Case:
    """Some of what can be saved of a registry at once."""
    return Case(
        operation=registry_operations.save_registry,
        right=right,
        kinds=CUSTOM,
        writes=writes,
        variant=", ".join(changes),
        act=lambda scene, _, by: registry_operations.save_registry(
            scene.registry, **changes, by=by
        ),
        **more,
    )


CASES = [
    Case(
        operation=profile.choose_default_entity,
        right="account_of_viewer",
        **OWN,
        writes="user.choose_default_entity",
        given=in_the_team,
        act=lambda scene, _, by: profile.choose_default_entity(
            scene.person("viewer"), "OTHER", by=by
        ),
    ),
    Case(
        operation=invitations.invite_into_team,
        right="manage_team",
        **TEAM,
        writes="team_member.add",
        act=lambda scene, _, by: invitations.invite_into_team(
            scene.cast.other, "the-viewer", by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=invitations.invite_into_team,
        right="manage_people",
        variant="of somebody new",
        **ORGANIZATION,
        writes="invitation.create",
        act=lambda scene, _, by: invitations.invite_into_team(
            scene.cast.other, ADDRESS, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=members.remove_members,
        right="manage_members",
        **REGISTRY,
        writes="registry_member.remove registry_member.remove",
        act=lambda scene, _, by: members.remove_members(
            scene.registry, ["the-viewer", "the-member"], by=by
        ),
        again=Invalid,
    ),
    saving("edit_registry", "registry.edit", {"description": "Shelf."}, **CONTENT),
    saving(
        "switch_types",
        "registry.switch_types",
        {"accepts_all_types": False, "types": ["onnx"]},
        **REGISTRY,
        again="",
    ),
    saving(
        "append_types",
        "registry.append_types",
        {"types": ["onnx"]},
        **CONTENT,
        given=listed,
    ),
]
