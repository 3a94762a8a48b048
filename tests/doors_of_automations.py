"""Automations on the wire as doors: more of the list in `doors.py`."""

from __future__ import annotations

from typing import Any

from accounts.models import Entity
from registries.models import Automation, Collection
from registries.wire.ids import encode, home_id
from tests.doors import Scene
from tests.doors_of_wire import mutation
from tests.operations_of_automations import EVERYTHING, SCOPES, make, organization

ACTION: dict[str, Any] = {
    "triggeredActionType": "NO_OP",
    "triggeredActionConfig": {"noOpActionInput": {"noOp": True}},
}


def of_scope(scope: Any) -> dict[str, str]:
    """How the SDK says what an automation is of."""
    if isinstance(scope, Entity):
        return {"scopeType": "ENTITY", "scopeID": encode("Entity", scope.pk)}
    if isinstance(scope, Collection):
        number = encode("ArtifactCollection", scope.pk)
        return {"scopeType": "ARTIFACT_COLLECTION", "scopeID": number}
    return {"scopeType": "PROJECT", "scopeID": home_id(scope)}


def creating(scene: Scene, scope: Any) -> dict[str, Any]:
    return {
        "name": "deploy",
        "enabled": True,
        "triggeringEventType": "LINK_MODEL",
        "eventFilter": EVERYTHING,
        **ACTION,
        **of_scope(scope),
    }


def changing(scene: Scene, automation: Automation) -> dict[str, Any]:
    return {"id": encode("Trigger", automation.pk), "enabled": False}


def deleting(scene: Scene, automation: Automation) -> dict[str, Any]:
    return {"triggerID": encode("Trigger", automation.pk)}


for find, right, _, ends, variant in SCOPES:
    # Who is not in a team sees that there is one, but none of its projects or automations.
    hidden = 403 if find is organization or right.endswith("automations") else 404
    hidden = 403 if right == "create_automation" else hidden
    mutation(
        right,
        "createFilterTrigger",
        creating,
        variant=variant,
        writes="automation.create",
        given=find,
        denied=403 if right == "manage_team" else hidden,
    )
    mutation(
        right,
        "updateFilterTrigger",
        changing,
        variant=variant,
        writes="automation.change",
        given=lambda scene, find=find: make(find(scene)),
        denied=hidden,
    )
    mutation(
        ends,
        "deleteTrigger",
        deleting,
        variant=variant,
        writes="automation.delete",
        given=lambda scene, find=find: make(find(scene)),
        denied=hidden,
    )
