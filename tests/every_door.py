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
    PAGE,
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

    From door to door it is another, and another registry. One sends a form plainly, the
    next one of the same answer by htmx. At night everybody tries every door.
    """
    alike = defaultdict(list)
    kinds = door.kinds if door.is_of_registry else door.kinds[-1:]
    for person, kind in SCENES:
        if kind in kinds:
            alike[_standing(door, person, kind)].append((person, kind))
    turn = crc32(door.name.encode())
    tried = (_sending_so if door in TWOFOLD else _done_or_not)(door, list(alike))
    return {alike[each][turn % len(alike[each])] for each in tried}


TWOFOLD = {door for door in DOORS if door.kind in {PAGE, HTMX}}


def _done_or_not(door: Door, standings: list[Standing]) -> list[Standing]:
    """Those for whom it is done, and every third refusal: from door to door others."""
    done = [each for each in standings if each[0] == door.done]
    others = [each for each in standings if each[0] != door.done]
    return [*done, *others[crc32(door.place.encode()) % 3 :: 3]]


def _sending_so(door: Door, standings: list[Standing]) -> list[Standing]:
    """Of all who stand there, those who send a form this way and not the other one."""
    by_answer = defaultdict(list)
    for each in standings:
        by_answer[each[0]].append(each)
    first = (crc32(door.place.encode()) + (door.kind == HTMX)) % 2
    alone = by_answer[door.done] if len(by_answer[door.done]) == 1 else []
    return [*alone, *(each for some in by_answer.values() for each in some[first::2])]


def _standing(door: Door, person: str, kind: str) -> Standing:
    """What decides about the answer: those who are alike in it are alike to the door."""
    answer = door.expected(person, kind)
    if door.but(person, kind) or person in NOT_SIGNED_IN | STRANGERS:
        return answer
    if door.is_of_registry:
        return *answer, role_of(person, kind, "Viewer")
    return *answer, ORGANIZATION_ROLES[person]
