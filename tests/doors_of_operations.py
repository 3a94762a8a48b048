"""The operations as doors: more of the list in `doors.py`, from the Cases of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.actors import Conflict, Denied, Invalid, Missing, Refusal
from accounts.permissions import Role
from registries.operations.access import request_access
from registries.operations.registries import change_visibility
from tests import (
    operations,
    operations_of_admins,
    operations_of_automations,
    operations_of_drafts,
    operations_of_programs,
    operations_of_runs,
)
from tests.cast import ANONYMOUS, OPEN, RESTRICTED
from tests.doors import OPERATION, Door, Scene, holding, keep, writes_restricting
from tests.operations import Case

STATUS = {Denied: 403, Missing: 404, Conflict: 409, Invalid: 422}

type Call = Callable[[Scene, str, Any], Any]


def answered(call: Call) -> Callable[[Scene, str, Any], int]:
    """Make an answer of how a call ends."""

    def act(scene: Scene, person: str, given: Any) -> int:
        try:
            call(scene, person, given)
        except Refusal as refusal:
            return STATUS[type(refusal)]
        return 200

    return act


def of_case(case: Case) -> Door:
    """One call of an operation, for the whole cast."""
    return Door(
        right=case.right,
        kind=OPERATION,
        place=case.operation.__name__,
        variant=case.variant,
        act=answered(
            lambda scene, person, given: case.act(scene, given, scene.actor(person))
        ),
        writes=case.writes,
        given=case.given,
        kinds=case.kinds,
        but=lambda person, kind: case.but.get(person),
    )


for each in (
    *operations.CASES,
    *operations_of_admins.CASES,
    *operations_of_drafts.CASES,
    *operations_of_programs.CASES,
    *operations_of_automations.CASES,
    *operations_of_runs.CASES,
):
    if each.kinds:
        keep(of_case(each))

keep(
    Door(
        right="change_visibility",
        kind=OPERATION,
        place="change_visibility",
        act=answered(
            lambda scene, person, _: change_visibility(
                scene.registry,
                OPEN if scene.kind == RESTRICTED else RESTRICTED,
                by=scene.actor(person),
            )
        ),
        writes=writes_restricting,
    )
)
keep(
    Door(
        right="ask",
        kind=OPERATION,
        place="request_access",
        act=answered(
            lambda scene, person, _: request_access(
                scene.registry, Role.ADMIN, by=scene.actor(person)
            )
        ),
        writes="access.request",
        but=lambda person, kind: (
            (403, "")
            if person == ANONYMOUS
            else holding("Admin", "Owner", answer=409)(person, kind)
        ),
        denied=404,
    )
)
