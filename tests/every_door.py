"""All doors, from every module that adds to the list."""

from __future__ import annotations

import itertools
from collections import defaultdict
from functools import cache
from zlib import crc32

from tests import (
    doors_of_admin,
    doors_of_artifacts,
    doors_of_automations,
    doors_of_commands,
    doors_of_content,
    doors_of_operations,
    doors_of_organizations,
    doors_of_pages,
    doors_of_runs,
    doors_of_uploads,
    doors_of_wire,
)
from tests.cast import KINDS, PEOPLE, RESTRICTED
from tests.doors import (
    DOORS,
    HTMX,
    NOT_SIGNED_IN,
    STRANGERS,
    Door,
    is_another,
)
from tests.rights import ORGANIZATION_ROLES, role_of

MODULES = (
    doors_of_admin,
    doors_of_artifacts,
    doors_of_automations,
    doors_of_commands,
    doors_of_content,
    doors_of_operations,
    doors_of_organizations,
    doors_of_pages,
    doors_of_runs,
    doors_of_uploads,
    doors_of_wire,
)

__all__ = ["DOORS", "SCENES", "turns"]

type Standing = tuple[object, ...]

SCENES = [
    (person, kind)
    for person, kind in itertools.product(PEOPLE, KINDS)
    if kind == RESTRICTED or is_another(person, kind)
]
"""Everybody in each kind of registry where they are somebody else than in a restricted."""


@cache
def turns(door: Door) -> set[tuple[str, str]]:
    """Of those who are alike to a door, in whatever registry, the one who tries it.

    From door to door it is another, and another registry; a form is sent plainly by one and
    by htmx by the next. At night everybody tries every door.
    """
    alike = defaultdict(list)
    kinds = door.kinds if door.is_of_registry else door.kinds[-1:]
    for person, kind in SCENES:
        if kind in kinds:
            alike[_standing(door, person, kind)].append((person, kind))
    turn = crc32(door.name.encode())
    return {alike[each][turn % len(alike[each])] for each in _by_day(door, list(alike))}


def _by_day(door: Door, standings: list[Standing]) -> list[Standing]:
    """Every third for whom it is done, and every sixth refusal: one of each at least.

    Who may just do it, and who may just not, tries each operation in `test_operations.py`.
    """
    turn = crc32(door.place.encode()) + (door.kind == HTMX)
    done = [each for each in standings if each[0] == door.done]
    others = [each for each in standings if each[0] != door.done]
    return [*_every(3, done, turn), *_every(6, others, turn)]


def _every(step: int, standings: list[Standing], turn: int) -> list[Standing]:
    return standings[turn % max(1, min(step, len(standings))) :: step]


def _standing(door: Door, person: str, kind: str) -> Standing:
    """What decides about the answer: those who are alike in it are alike to the door."""
    answer = door.expected(person, kind)
    if door.but(person, kind) or person in NOT_SIGNED_IN | STRANGERS:
        return answer
    if door.is_of_registry:
        return *answer, role_of(person, kind, "Viewer")
    return *answer, ORGANIZATION_ROLES[person]
