"""When Chromium shows a first page that it has nothing of, on the machine of the server."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import HOW_TO_GET_IT, IS_HERE, launched
from tests.browser.test_first_page import PAGES
from tests.browser.window import LOOKS, Window, kept_by
from tests.installation import ON_ITS_OWN_DATA, Installation
from tests.needs import lacks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState

pytestmark = [pytest.mark.nightly, ON_ITS_OWN_DATA]

TIMES = 10
MOMENTS = ("first byte", "parsed", "first paint", "loaded")
TIMINGS = """async () => {
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0];
  for (let waits = 0; waits < 100 && !painted(); waits++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const page = performance.getEntriesByType("navigation")[0];
  return [page.responseStart, page.domInteractive, painted().startTime, page.loadEventEnd];
}"""
"""What Lighthouse reads too, in milliseconds since the address was opened."""


def test_when_a_first_page_is_seen(tmp_path, figure):
    if not IS_HERE:
        lacks("browser", HOW_TO_GET_IT)
    with Installation(tmp_path / "data", "--demo") as demo, launched() as browser:
        for person, path, _ in PAGES:
            kept = kept_by(demo.visitor(person)) if person else None
            taken = [timings(browser, demo.url, path, kept) for _ in range(TIMES)]
            middle = [statistics.median(each) for each in zip(*taken, strict=True)]
            said = zip(MOMENTS, middle, strict=True)
            figure(f"{path} cold: " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in said))
            assert max(middle) < 3000


def timings(
    browser: Browser, url: str, path: str, kept: StorageState | None
) -> tuple[float, ...]:
    """Open the page in a browser with an empty cache; return when what was there."""
    window = Window(browser, url, LOOKS[0], kept)
    window.open(path)
    found = tuple(window.page.evaluate(TIMINGS))
    window.context.close()
    return found
