"""A window of the browser that remembers every complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Request, StorageState

REFUSED = "Failed to load resource: the server responded with a status of"
CALLED_OFF = "net::ERR_ABORTED"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEIGHT = 900


class Look(NamedTuple):
    """How somebody sets up a browser."""

    scheme: Literal["light", "dark"] = "light"
    width: int = 1280

    def __str__(self) -> str:
        return f"{self.scheme}-{self.width}"


LOOKS = [Look("light"), Look("light", 375), Look("dark"), Look("dark", 375)]


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
        self.complaints: list[str] = []
        self.context = browser.new_context(
            reduced_motion="reduce", storage_state=kept, java_script_enabled=scripted
        )
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

    def wear(self, look: Look) -> None:
        """Change to another look; the page follows by itself."""
        self.page.set_viewport_size({"width": look.width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=look.scheme)

    @property
    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.page.evaluate(OVERFLOW))

    def _hear(self, message: ConsoleMessage) -> None:
        # That a page itself is a refusal is what its test asserts.
        if message.text.startswith(REFUSED) and message.location["url"] == self.page.url:
            return
        self.complaints.append(f"{message.type}: {message.text}")

    def _fail(self, request: Request) -> None:
        # Going elsewhere calls off what is on its way still, like the icon of a tab.
        if request.failure == CALLED_OFF:
            return
        self.complaints.append(f"{request.method} {request.url}: {request.failure}")
