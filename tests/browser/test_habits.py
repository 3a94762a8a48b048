"""What the small script, popovers and dialogs promise, tried by hand as it were."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.browser.test_pages import HOME, PRODUCTION
from tests.browser.window import Look
from tests.installation import Installation

PHONE = Look("light", 360)
KEYS = "/account/keys/"


def create_key(page, name: str) -> None:
    """Fill the form of a key, and be too quick with the button."""
    page.fill("[name=name]", name)
    page.dblclick("main button[type=submit]")
    page.wait_for_selector("text=API key created")


def test_a_form_is_not_sent_twice(window):
    view = window("lea")
    view.open(f"{KEYS}new/")

    create_key(view.page, "impatient")

    view.open(KEYS)
    assert view.page.locator("tbody tr", has_text="impatient").count() == 1


def test_after_going_back_the_button_works_again(window):
    view = window("lea")
    view.open(f"{KEYS}new/")
    create_key(view.page, "first")

    view.page.go_back()
    view.page.wait_for_selector("main button[type=submit]")

    assert view.page.locator("[aria-busy]").count() == 0


def test_a_secret_is_copied_and_that_is_said(window):
    view = window("lea")
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view.open(f"{KEYS}new/")
    create_key(view.page, "copied")

    view.page.click("button[data-copy]")
    view.page.wait_for_selector("#said:has-text('Copied')", state="attached")

    secret = view.page.inner_text("pre code")
    assert secret.startswith("accession-")
    assert view.page.evaluate("navigator.clipboard.readText()") == secret


def test_a_dialog_that_came_with_its_page_keeps_the_keyboard(window):
    view = window("lea")
    view.open(f"{KEYS}new/")
    create_key(view.page, "questioned")
    view.open(KEYS)

    view.follow("Revoke questioned…")

    assert view.page.locator("dialog:modal").count() == 1
    assert view.page.locator(":focus").inner_text() == "Keep key"
    view.page.keyboard.press("Escape")
    assert view.page.locator("dialog:modal").count() == 0


def test_the_theme_is_chosen_in_the_menu_and_stays(window):
    view = window("lea")
    view.open(HOME)

    view.page.click("[popovertarget=me]")
    view.page.click("#me button[value=dark]")
    view.page.wait_for_selector("html[data-theme=dark]")
    view.open(KEYS)
    chosen = view.page.get_attribute("html", "data-theme")
    view.page.click("[popovertarget=me]")
    view.page.click("#me button[value=system]")

    assert chosen == "dark"
    view.page.wait_for_selector("html:not([data-theme])")


def test_the_sidebar_of_a_phone_opens_and_closes_by_keyboard(window):
    view = window("lea", PHONE)
    view.open(PRODUCTION)

    view.page.focus(".menu-button")
    view.page.keyboard.press("Enter")
    assert view.page.locator("#sidebar").is_visible()
    view.page.keyboard.press("Escape")

    assert not view.page.locator("#sidebar").is_visible()


def test_the_first_tab_skips_to_the_content(window):
    view = window("lea")
    view.open(PRODUCTION)

    view.page.keyboard.press("Tab")

    assert view.page.locator(":focus").inner_text() == "Skip to content"


ORGANIZATION, REGISTRY, COLLECTION = "o" * 63, "r" * 100, "c" * 128
LONG = f"/orgs/{ORGANIZATION}/registry/{REGISTRY}/"


@pytest.fixture(scope="module")
def long_names(chromium, tmp_path_factory) -> Iterator[Installation]:
    """An installation where names are as long as they may be, without a space."""
    folder = tmp_path_factory.mktemp("long")
    file = folder / ("f" * 200)
    file.write_bytes(b"1")
    with Installation(folder / "data") as made:
        made.add_person("maximilian")
        admin = ("--admin", "maximilian")
        made.manage("create_organization", ORGANIZATION, "D" * 113, *admin)
        made.manage("create_team", f"{ORGANIZATION}/{'t' * 63}")
        more = ("--owner", "maximilian", "--type", "t" * 128, "--description", "d" * 500)
        made.manage("create_registry", f"{ORGANIZATION}/{REGISTRY}", *more)
        place = (file, f"{ORGANIZATION}/{REGISTRY}/{COLLECTION}", "--team", "t" * 63)
        metadata = json.dumps({"k" * 100: "v" * 500})
        more = ("--alias", "a" * 128, "--metadata", metadata, "--description", "d" * 500)
        made.manage("publish", *place, *more)
        yield made


@pytest.mark.nightly
@pytest.mark.parametrize("width", [360, 1280])
def test_names_of_any_length_widen_no_page(window, long_names, width):
    view = window("maximilian", Look("light", width), long_names)
    paths = ["../", "", "settings/", f"c/{COLLECTION}/", f"c/{COLLECTION}/versions/"]

    overflows = {}
    for path in [*paths, f"c/{COLLECTION}/v/0/", "no-such-page/", "../../people/"]:
        view.open(LONG + path)
        overflows[path] = view.overflow

    assert not any(overflows.values()), overflows


@pytest.mark.parametrize("status", [0, 404, 429, 431, 503])
def test_what_could_not_be_done_is_said_and_nothing_typed_is_lost(window, status):
    view = window("priya")
    view.open(f"{PRODUCTION}settings/")
    view.fill("Description", "Typed in a train.")
    said = '<div class="notice danger" role="alert" tabindex="-1">Wait five minutes.</div>'

    def fail(route) -> None:
        if status == 404:
            route.continue_(url=f"{view.url}{PRODUCTION}nothing/")
        elif status:
            # What a proxy says is not put into the page.
            ours = {"X-Refused": "true"} if status == 429 else {}
            route.fulfill(status=status, headers=ours, body=said if ours else "<p>down")
        else:
            route.abort()

    view.page.route(
        "**/settings/**",
        lambda route: route.fallback() if route.request.method == "GET" else fail(route),
    )
    view.press("Save general settings")
    view.page.locator("#messages .notice:focus").wait_for()
    view.complaints.clear()

    words = view.page.locator("#messages").inner_text()
    assert words == {
        404: "This does not exist, or not any more.",
        429: "Wait five minutes.",
    }.get(status, "The server could not do this. Try again in half a minute.")
    assert view.field("Description").input_value() == "Typed in a train."
