"""The real SDK, in processes of its own, on a live server with the cast in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sdk.place import Place, Sdk, filled, need_the_sdk


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.sdk)


@pytest.fixture(scope="package")
def place(tmp_path_factory) -> Iterator[Place]:
    """A server with the cast; what tests make there stays, under names of their own."""
    need_the_sdk()
    with filled(tmp_path_factory.mktemp("place") / "data") as place, place:
        yield place


@pytest.fixture(scope="package")
def sdk(place, tmp_path_factory) -> Iterator[Callable[[str], Sdk]]:
    """`sdk(person)` is the SDK in somebody's hands: `sdk("member")("wandb.Api()")`."""
    running: dict[str, Sdk] = {}
    homes = tmp_path_factory.mktemp("homes")

    def of(person: str) -> Sdk:
        if person in running and running[person].is_over:
            running.pop(person).close()
        if person not in running:
            home = homes / person.replace(" ", "-")
            running[person] = Sdk(home, place, place.keys[person])
        return running[person]

    yield of
    for each in running.values():
        each.close()
