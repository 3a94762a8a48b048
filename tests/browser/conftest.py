"""Chromium on a real installation with the demo. Without it, these tests are skipped."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.window import LOOKS, Look, Window
from tests.installation import Installation
from tests.needs import lacks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState
try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

HOW_TO_GET_IT = (
    "install Chromium (Debian: apt-get install chromium) and run "
    "`uv run --group browser pytest -m browser`"
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
if os.geteuid() == 0:
    FLAGS.append("--no-sandbox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. It ends with this folder: its event loop would be in Django's way."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None or sync_playwright is None:
        lacks("browser", HOW_TO_GET_IT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def empty(chromium, tmp_path_factory) -> Iterator[Installation]:
    """The product as its first start leaves it."""
    with Installation(tmp_path_factory.mktemp("empty") / "data") as installation:
        yield installation


@pytest.fixture(scope="package")
def demo(chromium, tmp_path_factory) -> Iterator[Installation]:
    """The product with the demo in it."""
    with Installation(tmp_path_factory.mktemp("demo") / "data") as installation:
        installation.manage("demo")
        yield installation


@pytest.fixture(scope="package")
def kept(chromium, demo) -> Callable[[str], StorageState | None]:
    """`kept(username)` is what a browser keeps of somebody who signed in."""
    printed = re.search(r"with the password +(\S+)", demo.manage("demo"))
    assert printed is not None
    states: dict[str, StorageState | None] = {"": None}

    def sign_in(username: str) -> StorageState | None:
        if username not in states:
            window = Window(chromium, demo.url, LOOKS[0], None)
            window.open("/account/sign-in/")
            window.page.fill("[name=login]", username)
            window.page.fill("[name=password]", printed[1])
            window.page.click("main button[type=submit]")
            window.page.wait_for_url("**/orgs/**")
            states[username] = window.context.storage_state()
            window.context.close()
        return states[username]

    return sign_in


@pytest.fixture
def window(chromium, demo, kept) -> Iterator[Callable[..., Window]]:
    """`window(username)` opens a window of somebody; it may have complained of nothing."""
    opened: list[Window] = []

    def open_window(username: str = "", look: Look = LOOKS[0], url: str = "") -> Window:
        opened.append(Window(chromium, url or demo.url, look, kept(username)))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()
    assert [each.complaints for each in opened if each.complaints] == []
