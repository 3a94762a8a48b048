"""Keys that do something on a page, and nothing while somebody types."""

from __future__ import annotations

import pytest

from tests.browser.test_pages import CHURN, HOME, PRODUCTION


@pytest.mark.parametrize(
    ("page", "keys", "to"),
    [
        (PRODUCTION, "g h", HOME),
        (PRODUCTION, "g s", f"{PRODUCTION}settings/"),
        (f"{PRODUCTION}settings/", "Escape", PRODUCTION),
        (HOME, "g p", "/orgs/northwind/people/"),
        (HOME, "?", "/help/keys/"),
    ],
)
def test_a_key_leads_to_another_page(window, page, keys, to):
    view = window("anouk")
    view.open(page)

    for key in keys.split():
        view.page.keyboard.press(key)

    view.page.wait_for_url(f"**{to}")


def test_rows_are_walked_through_and_opened(window):
    view = window("anouk")
    view.open(PRODUCTION)
    names = view.page.locator("main tbody th[scope=row] .name").all_inner_texts()

    seen = []
    for key in "jjkj":
        view.page.keyboard.press(key)
        seen.append(view.page.evaluate("document.activeElement.innerText"))
    assert seen == [names[0], names[1], names[0], names[1]]
    view.page.keyboard.press("Enter")

    view.page.wait_for_url("**/c/**")
    assert view.page.locator("h1").inner_text() == names[1]


def test_two_selected_versions_are_compared_and_one_is_not(window):
    view = window("noor")  # who may change nothing there
    view.open(CHURN)
    first, second = view.page.locator("main tbody th[scope=row] a").all_inner_texts()[:2]

    for key in "jxc":
        view.page.keyboard.press(key)
    view.page.wait_for_url("**/versions/")
    view.reads("Select two versions to compare.")
    for key in "jxjxc":
        view.page.keyboard.press(key)

    view.page.wait_for_url("**/compare/**")
    assert view.page.locator("h1").inner_text() == f"{second} compared with {first}"
    view.page.get_by_label("Swap before and after").click()
    view.page.locator("h1", has_text=f"{first} compared with {second}").wait_for()


def test_the_filter_takes_the_focus_and_then_letters_are_letters(window):
    view = window("anouk")
    view.open(PRODUCTION)

    for key in ("f", "j", "?", "g", "h"):
        view.page.keyboard.press(key)

    assert view.page.locator("#filter").input_value() == "j?gh"
    assert "/registry/production-models/" in view.page.url


def test_who_does_not_want_keys_has_none(window):
    view = window("lea")
    view.open("/account/")
    view.page.get_by_label("Use keyboard shortcuts").uncheck()
    view.press("Save shortcuts")
    view.reads("Keyboard shortcuts saved.")

    view.open(PRODUCTION)
    for key in ("g", "h", "?", "j"):
        view.page.keyboard.press(key)

    assert "/registry/production-models/" in view.page.url
    assert view.page.evaluate("document.activeElement.tagName") == "BODY"
