"""The first page that somebody opens, with nothing in the browser's cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_pages import HOME

if TYPE_CHECKING:
    from playwright.sync_api import Request

MOST_REQUESTS = 8
MOST_BYTES = 150_000
PAGES = [("", "/account/sign-in/", "Password"), ("priya", HOME, "production-models")]


def received(request: Request) -> int:
    """The bytes of an answer as they come, compressed, with their headers."""
    sizes = request.sizes()
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]


@pytest.mark.parametrize(("person", "path", "words"), PAGES)
def test_a_first_page_is_light_and_says_what_is_there(window, person, path, words):
    view = window(person)
    ended: list[Request] = []

    def end(request: Request) -> None:
        ended.append(request)

    view.page.on("requestfinished", end)

    answer = view.page.goto(view.url + path, wait_until="networkidle")

    assert words in answer.text()
    # The icon of the tab is the sprite again, from the browser's memory.
    over_the_wire = {each.url: size for each in ended if (size := received(each))}
    assert len(over_the_wire) <= MOST_REQUESTS, over_the_wire
    assert sum(over_the_wire.values()) <= MOST_BYTES, over_the_wire
