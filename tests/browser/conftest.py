"""Chromium on a real installation with the demo. Without it, these tests are skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import HOW_TO_GET_IT, IS_HERE, launched
from tests.browser.window import LOOKS, Look, Window, kept_by
from tests.installation import Installation
from tests.needs import lacks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. It ends with this folder: its event loop would be in Django's way."""
    if not IS_HERE:
        lacks("browser", HOW_TO_GET_IT)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def empty(chromium, tmp_path_factory) -> Iterator[Installation]:
    """The product as its first start leaves it."""
    with Installation(tmp_path_factory.mktemp("empty") / "data") as installation:
        yield installation


@pytest.fixture(scope="package")
def made(tmp_path_factory) -> Installation:
    """The demo, made once and ended: every other one is a copy of it, on all cores."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "made.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "made").exists():
            with Installation(folder / "made", "--demo"):
                pass
    made = Installation(folder / "made")
    made.read_password()
    return made


@pytest.fixture(scope="package")
def demo(chromium, made, tmp_path_factory) -> Iterator[Installation]:
    """The product with the demo in it, to look at."""
    with made.copied(tmp_path_factory.mktemp("demo") / "data") as installation:
        yield installation


WITHOUT = pytest.param("without script", marks=pytest.mark.nightly)


@pytest.fixture(scope="module", params=["with script", WITHOUT])
def way(request) -> str:
    """How a browser is set up; what can be done one way can be done the other way."""
    return request.param


@pytest.fixture(scope="module")
def worked_on(chromium, way, made, tmp_path_factory) -> Iterator[Installation]:
    """The product with a demo that a module changes, and mail in the folder `mail`."""
    folder = tmp_path_factory.mktemp("worked-on")
    with made.copied(folder / "data", mail=folder / "mail") as installation:
        yield installation


@pytest.fixture(scope="package")
def kept() -> Callable[[Installation, str], StorageState]:
    """`kept(installation, username)` is what a browser keeps of somebody signed in."""
    states: dict[tuple[str, str], StorageState] = {}

    def keep(installation: Installation, username: str) -> StorageState:
        key = installation.url, username
        if key not in states:
            states[key] = kept_by(installation.visitor(username))
        return states[key]

    return keep


@pytest.fixture
def windows() -> Iterator[list[Window]]:
    """The windows that a test opens; none of them may have complained."""
    opened: list[Window] = []
    yield opened
    for each in opened:
        each.context.close()
    assert [each.complaints for each in opened if each.complaints] == []


@pytest.fixture
def window(chromium, request, kept, windows) -> Callable[..., Window]:
    """`window(username)` opens a window of somebody on the demo, or elsewhere."""

    def open_window(
        username: str = "", look: Look = LOOKS[0], at: Installation | None = None
    ) -> Window:
        at = at or request.getfixturevalue("demo")
        state = kept(at, username) if username else None
        windows.append(Window(chromium, at.url, look, state))
        return windows[-1]

    return open_window


@pytest.fixture
def person(chromium, way, worked_on, kept, windows) -> Callable[[str], Window]:
    """`person(username)` opens a window of somebody who changes things, one way."""

    def open_window(username: str = "") -> Window:
        state = kept(worked_on, username) if username else None
        scripted = way == "with script"
        windows.append(Window(chromium, worked_on.url, LOOKS[0], state, scripted=scripted))
        return windows[-1]

    return open_window
