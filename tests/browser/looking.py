"""Looking at a page in several looks: its measures, what axe finds, and pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence

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


BY_DAY = LOOKS if TAKES_PICTURES else [LOOKS[0], LOOKS[-1]]
"""Light and wide, dark and narrow: each colour and each layout once. At night, all four."""


def check(view: Window, name: str, looks: Sequence[Look] = BY_DAY) -> None:
    """Look at the page in some looks: measure, ask axe; take a picture if one is wanted.

    Axe is a script; the page without scripts is the same.
    """
    if not view.scripted:
        return
    assert view.page.locator("h1:visible").count() == 1
    light = {look.width for look in looks if look.scheme == "light"}
    axe, same_axe = Axe(), Axe("")  # which the page has from the first look on
    for look in looks:
        view.wear(look)
        if TAKES_PICTURES:
            view.page.screenshot(path=PICTURES / f"{name}-{look}.png", full_page=True)
        view.page.evaluate(STILL)
        assert view.overflow == 0, look
        is_darker = look.scheme == "dark" and look.width in light
        options = COLOURS if is_darker else WRONG
        found = (axe if look == LOOKS[0] else same_axe).run(view.page, options=options)
        assert found.violations_count == 0, f"{look}: {found.generate_report()}"
    view.wear(SMALLEST)
    assert view.overflow == 0
    view.wear(LOOKS[0])
