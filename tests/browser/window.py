"""A window of the browser that remembers every complaint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from tests.installation import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, StorageState

REFUSED = "Failed to load resource: the server responded with a status of"
CALLED_OFF = "net::ERR_ABORTED"
SAID_BY_HTMX = ("htmx:afterRequest", "htmx:sendAbort")
"""What it logs of a request that is called off; of one that fails it logs more."""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEIGHT = 900
PATIENCE = 15_000
"""Milliseconds that a window waits for what should come."""


class Look(NamedTuple):
    """How somebody sets up a browser."""

    scheme: Literal["light", "dark"] = "light"
    width: int = 1280

    def __str__(self) -> str:
        return f"{self.scheme}-{self.width}"


LOOKS = [Look("light"), Look("light", 375), Look("dark"), Look("dark", 375)]


def kept_by(visitor: Visitor) -> StorageState:
    """Return what a browser would keep of somebody who signed in without one."""
    host = "127.0.0.1"
    found = [(cookie.name, cookie.value or "") for cookie in visitor.cookies]
    cookies = [{"name": n, "value": v, "domain": host, "path": "/"} for n, v in found]
    rest = {"expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
    return cast("StorageState", {"cookies": [c | rest for c in cookies], "origins": []})


class Window:
    """One page, opened by address; its console and its requests are listened to."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        look: Look,
        kept: StorageState | None,
        *,
        scripted: bool = True,
    ) -> None:
        self.url = url
        self.scripted = scripted
        self.complaints: list[str] = []
        self.context = browser.new_context(
            reduced_motion="reduce", storage_state=kept, java_script_enabled=scripted
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.wear(look)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._fail)

    def open(self, path: str) -> int:
        """Go there; return the status."""
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        return answer.status

    def press(self, name: str) -> None:
        """Click the button of that name, in a dialog if one is open."""
        self.ahead.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        """Click the link of that name."""
        self.ahead.get_by_role("link", name=name, exact=True).click()
        self.page.wait_for_load_state()  # before that, script would miss what happens

    def fill(self, label: str, text: str) -> None:
        """Type into the field of that label."""
        self.field(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from the dropdown of that label."""
        self.field(label).select_option(label=option)

    def choose_at_once(self, label: str, option: str) -> None:
        """Choose where that acts at once; without script the form has a button for it."""
        self.choose(label, option)
        if not self.scripted:
            form = self.field(label).locator("xpath=ancestor::form")
            form.get_by_role("button").click()

    def field(self, label: str) -> Locator:
        """The control of that label which is to be seen."""
        controls = self.ahead.locator("input:visible, select:visible, textarea:visible")
        whole = re.compile(rf"^{re.escape(label)}( optional)?$")
        return controls.and_(self.ahead.get_by_label(whole))

    def reads(self, words: str) -> None:
        """Wait until the page says so."""
        self.page.get_by_text(words).locator("visible=true").first.wait_for()

    def focuses(self, control: Locator) -> None:
        """Wait until the control has the focus."""
        control.and_(self.page.locator(":focus")).wait_for()

    def row(self, words: str) -> Locator:
        """The row of the table that begins with these words."""
        return self.page.get_by_role("row", name=words)

    @property
    def ahead(self) -> Locator:
        """What is before the person: the dialog, or the page."""
        dialog = self.page.locator("dialog[open]")
        return dialog if dialog.count() else self.page.locator("body")

    def wear(self, look: Look) -> None:
        """Change to another look; the page follows by itself."""
        self.page.set_viewport_size({"width": look.width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=look.scheme)

    @property
    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.page.evaluate(OVERFLOW))

    def _hear(self, message: ConsoleMessage) -> None:
        # A page or a part that is a refusal is what its test asserts; a file must be there.
        address = message.location["url"]
        if message.text.startswith(REFUSED) and "/static/" not in address:
            return
        if message.text.startswith(SAID_BY_HTMX):
            return
        self.complaints.append(f"{message.type}: {message.text}")

    def _fail(self, request: Request) -> None:
        # Going elsewhere calls off what is on its way still, like the icon of a tab.
        if request.failure == CALLED_OFF:
            return
        self.complaints.append(f"{request.method} {request.url}: {request.failure}")
