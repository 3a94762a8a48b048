"""What most tests of the wire begin with."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

import pytest
from django.db.models.sql import compiler
from django.db.models.sql.compiler import cursor_iter

from tests.cast import OPEN, Cast
from tests.doors import Scene
from tests.registries.wire.saving import Saving, through


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """The cast at a registry that everybody of the organization sees."""
    return Scene(cast, OPEN)


@pytest.fixture
def program(scene: Scene) -> Saving:
    """The program of somebody who may log into the team's projects."""
    return Saving(through(scene.program("team admin")))


@pytest.fixture
def open_cursors(monkeypatch) -> Iterator[WeakSet[Any]]:
    """What still reads rows; without the collector of cycles, in which refusals are."""
    reading: WeakSet[Any] = WeakSet()

    def watched(*arguments: Any) -> Any:
        reading.add(rows := cursor_iter(*arguments))
        return rows

    monkeypatch.setattr(compiler, "cursor_iter", watched)
    gc.disable()
    yield reading
    gc.enable()
