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
type Options = dict[str, object]
SMALLEST = Look("light", 360)
WRONG: Options = {"resultTypes": ["violations"]}
"""What axe is asked for."""
COLOURS: Options = WRONG | {"runOnly": ["color-contrast", "link-in-text-block"]}
"""All that can be wrong in the dark that was right in the light."""
SHAPES: Options = WRONG | {"rules": {"color-contrast": {"enabled": False}}}
"""All but what takes axe longer than all the rest."""
EVERY_LOOK = TAKES_PICTURES or os.environ.get("ACCESSION_LOOKS") == "every"
"""As .ci/nightly wants it."""
WIDE, NARROW = BY_DAY = [LOOKS[0], LOOKS[-1]]
"""Light and wide, dark and narrow: each colour and each layout once."""
type Asked = dict[Look, Options]
AT_NIGHT: Asked = {each: COLOURS if each.scheme == "dark" else WRONG for each in LOOKS}
IN_TURN: list[Asked] = [{WIDE: WRONG}, {NARROW: WRONG}, {WIDE: SHAPES}, {NARROW: SHAPES}]
"""What each page is asked by day: one of them."""


def check(view: Window, name: str) -> None:
    """Look at the page: measure, ask axe; take pictures if some are wanted.

    Axe takes longer than all the rest: by day it sees every other page light and wide, the
    others dark and narrow, and the colours of half of them. Axe is a script; the page
    without scripts is the same.
    """
    if not view.scripted:
        return
    assert view.page.locator("h1:visible").count() == 1
    asked = AT_NIGHT if EVERY_LOOK else IN_TURN[len(name) % len(IN_TURN)]
    axe = Axe()
    for look in LOOKS if EVERY_LOOK else BY_DAY:
        view.wear(look)
        if TAKES_PICTURES:
            view.page.screenshot(path=PICTURES / f"{name}-{look}.png", full_page=True)
        view.page.evaluate(STILL)
        assert view.overflow == 0, look
        if look in asked:
            found = axe.run(view.page, options=asked[look])
            assert found.violations_count == 0, f"{look}: {found.generate_report()}"
            axe = Axe("")  # the page has it by now
    view.wear(SMALLEST)
    assert view.overflow == 0
    view.wear(LOOKS[0])
