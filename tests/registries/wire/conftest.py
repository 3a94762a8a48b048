"""What most tests of the wire begin with."""

from __future__ import annotations

import pytest

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
