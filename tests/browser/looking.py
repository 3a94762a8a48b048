"""Looking at a page in several looks: its measures, what axe finds, and pictures."""

from __future__ import annotations

import os

from django.conf import settings

from tests.browser.window import LOOKS, Look, Window

try:
    from axe_playwright_python.sync_playwright import Axe
except ImportError:  # then there is no browser either
    Axe = None

PICTURES = settings.BASE_DIR / ".artifacts"
TAKES_PICTURES = "ACCESSION_PICTURES" in os.environ
"""Whether to leave pictures of every page in every look, for people to look at."""
STILL = "Promise.all(document.getAnimations().map((each) => each.finished))"
"""Until the colours of the admin, which fade into each other, have done so."""
SMALLEST = Look("light", 360)
WRONG = {"resultTypes": ["violations"]}
"""What axe is asked for."""
COLOURS = WRONG | {"runOnly": ["color-contrast", "link-in-text-block"]}
"""All that can be wrong in the dark that was right in the light."""


EVERY_LOOK = TAKES_PICTURES or os.environ.get("ACCESSION_LOOKS") == "every"
"""As .ci/nightly wants it."""
BY_DAY = [LOOKS[0], LOOKS[-1]]
"""Light and wide, dark and narrow: each colour and each layout once."""


def check(view: Window, name: str) -> None:
    """Look at the page: measure, ask axe; take pictures if some are wanted.

    Axe takes longer than all the rest: by day it sees every other page light and wide, the
    others dark and narrow. Axe is a script; the page without scripts is the same.
    """
    if not view.scripted:
        return
    assert view.page.locator("h1:visible").count() == 1
    looks = LOOKS if EVERY_LOOK else BY_DAY
    seen_by_axe = LOOKS if EVERY_LOOK else [BY_DAY[len(name) % 2]]
    for look in looks:
        view.wear(look)
        if TAKES_PICTURES:
            view.page.screenshot(path=PICTURES / f"{name}-{look}.png", full_page=True)
        view.page.evaluate(STILL)
        assert view.overflow == 0, look
        if look in seen_by_axe:
            ask_axe(view, look, axe=Axe() if look == seen_by_axe[0] else Axe(""))
    view.wear(SMALLEST)
    assert view.overflow == 0
    view.wear(LOOKS[0])


def ask_axe(view: Window, look: Look, axe: Axe) -> None:
    """Fail where axe finds a barrier; an axe of no text is the one that the page has."""
    options = COLOURS if EVERY_LOOK and look.scheme == "dark" else WRONG
    found = axe.run(view.page, options=options)
    assert found.violations_count == 0, f"{look}: {found.generate_report()}"
