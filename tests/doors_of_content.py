"""The pages of collections and versions as doors: more of the list in `doors.py`."""

from __future__ import annotations

from registries.models import Collection
from registries.operations.collections import delete_collection
from tests.doors import Scene
from tests.doors_of_pages import form, of_given
from tests.factories import SYSTEM


def in_trash(scene: Scene) -> Collection:
    return delete_collection(scene.collection, by=SYSTEM)


form(
    "delete_collection",
    "restore_collection",
    at=of_given,
    given=in_trash,
    denied=404,
    writes="collection.restore",
)
