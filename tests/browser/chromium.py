"""The browser: where its program is, and how it is started."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser
try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

HOW_TO_GET_IT = (
    "install Chromium (Debian: apt-get install chromium-headless-shell) and run "
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
UNLIKE_PEOPLE = ["--disable-back-forward-cache"]
"""What Playwright sets and no browser of people has: the back button shows kept pages."""
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
"""The first is the same browser without its own windows: twice as quick."""
PROGRAM = next(filter(None, map(shutil.which, PROGRAMS)), None)
IS_HERE = PROGRAM is not None and sync_playwright is not None


@contextmanager
def launched() -> Iterator[Browser]:
    """Run the browser for as long as the block runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PROGRAM, args=FLAGS, ignore_default_args=UNLIKE_PEOPLE
        )
        yield browser
        browser.close()
