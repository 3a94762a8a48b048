"""Dialogs and swaps by keyboard: where the focus is, what is said, what is done once."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from tests.browser.test_pages import HOME, PRODUCTION
from tests.browser.window import Window

pytestmark = pytest.mark.parametrize("way", ["with script"], indirect=True)

SETTINGS = f"{HOME}eval-sets/settings/"
PEOPLE = "/orgs/northwind/people/"
TEAM = "/orgs/northwind/teams/vision/"
PROGRAM = "/orgs/northwind/service-accounts/ci-train-bot/"
FOCUS = """() => {
    const at = document.activeElement;
    return at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText;
}"""
OUTSIDE = """() => {
    const at = document.activeElement;
    return at !== document.body && !at.closest("dialog:modal");
}"""
"""Whether something has the focus that is not in the dialog, nor the browser's own."""


class Dialog(NamedTuple):
    path: str
    opener: str
    first: str
    """What has the focus when it opens."""

    def __str__(self) -> str:
        return self.opener


DIALOGS = [
    Dialog(f"{PRODUCTION}settings/", "Add member", "Member"),
    Dialog(
        f"{PRODUCTION}settings/", "Delete registry…", "Type production-models to confirm"
    ),
    Dialog(PEOPLE, "Invite people…", "E-mail"),
    Dialog(PEOPLE, "Remove Jonas Lindqvist…", "Keep Jonas Lindqvist"),
    Dialog(PEOPLE, "Leave Northwind Labs…", "Stay"),
    Dialog("/orgs/northwind/teams/", "Create team…", "Name"),
    Dialog(TEAM, "Add member…", "Member"),
    Dialog(TEAM, "Delete team…", "Keep team"),
    Dialog("/orgs/northwind/settings/", "Take access to fraud-detection…", "Stay outside"),
    Dialog("/orgs/northwind/service-accounts/", "Create service account…", "Name"),
    Dialog(PROGRAM, "Create API key…", "Name"),
    Dialog(PROGRAM, "Remove…", "Keep account"),
]

OTHERS = [each for number, each in enumerate(DIALOGS) if number % 4]
"""They are made the same way, and tried at night."""


def focus(view: Window) -> str:
    """The name of what has the focus."""
    return " ".join(view.page.evaluate(FOCUS).split())


def go_to(view: Window, name: str) -> None:
    """Move the focus to the button or link of that name."""
    named = view.page.get_by_role("button", name=name, exact=True)
    named.or_(view.page.get_by_role("link", name=name, exact=True)).focus()


@pytest.mark.parametrize(
    "dialog",
    [*DIALOGS[::4], *(pytest.param(d, marks=pytest.mark.nightly) for d in OTHERS)],
    ids=str,
)
def test_a_dialog_takes_the_focus_and_gives_it_back(person, dialog):
    view = person("anouk")
    view.open(dialog.path)
    go_to(view, dialog.opener)
    view.page.keyboard.press("Enter")
    view.page.locator("dialog:modal").wait_for()
    assert focus(view).removesuffix(" optional") == dialog.first

    for _ in range(8):
        view.page.keyboard.press("Tab")
        assert not view.page.evaluate(OUTSIDE)
    view.page.keyboard.press("Escape")

    view.page.locator("dialog:modal").wait_for(state="detached")
    view.page.wait_for_url(re.compile(rf"{re.escape(dialog.path)}(#.*)?$"))
    assert focus(view) == dialog.opener


def test_an_owner_is_made_by_keyboard_and_escape_leads_back(person):
    view = person("anouk")
    view.open(f"{PRODUCTION}settings/")
    go_to(view, "Actions for Priya Raman")
    press(view, "Enter", "Tab", "Enter")
    view.page.locator("dialog:modal").wait_for()
    assert focus(view) == "Keep Anouk de Vries"

    press(view, "Escape")

    view.page.wait_for_url("**/settings/#actions-*")
    assert focus(view) == "Actions for Priya Raman"


def test_what_is_refused_in_a_dialog_is_at_hand(person):
    view = person("lea")
    view.open(SETTINGS)
    view.press("Add member")
    view.page.keyboard.type("nobody-here")
    press(view, "Enter")
    view.page.locator("dialog:modal .error").wait_for()

    assert focus(view) == "Member"
    described = view.page.evaluate("document.activeElement.ariaDescribedByElements")
    assert len(described) == 2
    assert view.page.locator(":focus").input_value() == "nobody-here"
    press(view, "Escape")
    view.page.locator("dialog:modal").wait_for(state="detached")
    assert focus(view) == "Add member"


def test_after_adding_the_focus_is_on_what_is_said(person):
    view = person("lea")
    view.open(SETTINGS)
    view.press("Add member")
    view.page.keyboard.type("samuel")
    press(view, "Enter")

    view.reads("Samuel Okafor has the role Viewer now.")
    assert view.page.locator("dialog:modal").count() == 0
    assert focus(view) == "Samuel Okafor has the role Viewer now."


def test_after_a_change_in_a_row_the_focus_stays_and_it_is_said(person):
    view = person("lea")
    view.open(SETTINGS)
    view.field("Registry role of Noor Bakker").focus()
    view.page.keyboard.type("Ad")

    hears(view, "Noor Bakker has the role Admin now.")
    assert focus(view) == "Registry role of Noor Bakker"
    go_to(view, "Delete Noor Bakker")
    press(view, "Enter")
    view.reads("The role given to Noor Bakker ended.")
    assert focus(view).startswith("The role given to Noor Bakker ended.")


def test_the_effect_of_a_visibility_is_said_while_one_chooses(person):
    view = person("lea")
    view.open(SETTINGS)
    view.field("Registry visibility").focus()
    view.page.keyboard.type("R")

    hears(view, "will lose access:")
    assert focus(view) == "Registry visibility"
    view.page.keyboard.type("O")
    view.page.locator("#visibility-effect").wait_for(state="detached")
    assert focus(view) == "Registry visibility"


def test_who_searches_stays_in_the_field_and_hears_that_nobody_is_there(person):
    view = person("lea")
    view.open(SETTINGS)
    view.field("Member").focus()
    view.page.keyboard.type("zzz")

    hears(view, "Nobody with a role here matches “zzz”.")
    assert focus(view) == "Member"


def test_types_and_aliases_are_added_by_keyboard(person):
    view = person("lea")
    view.open(SETTINGS)
    for name in ("table", "report"):
        view.field("Types").focus()
        view.page.keyboard.type(f"{name},")
        go_to(view, "Save types for good")
        press(view, "Enter")
        view.reads(f"Added: {name}.")
        assert focus(view) == f"Added: {name}."
    saved = view.page.locator("#types .type").all_inner_texts()
    assert sorted(saved) == ["dataset", "report", "table"]

    view.field("Aliases").focus()
    view.page.keyboard.type("latest")
    press(view, "Enter")
    view.page.locator("#aliases .error").wait_for()
    assert focus(view) == "Aliases"
    view.field("Aliases").fill("golden")
    press(view, "Enter")
    view.reads("golden is protected.")
    assert focus(view) == "golden is protected."


@pytest.mark.parametrize(
    ("path", "label"),
    [(PEOPLE, "Organization role of Noor Bakker"), (TEAM, "Team role of Karim Haddad")],
)
def test_after_another_change_in_a_table_the_focus_stays_too(person, path, label):
    view = person("anouk")
    view.open(path)
    view.field(label).focus()
    view.page.keyboard.type("Ad")

    hears(view, "is Admin")
    assert focus(view) == label


class Quick(NamedTuple):
    """A form that somebody sends with a double click."""

    path: str
    fields: dict[str, str]
    button: str
    listed: str
    """Where what it made is listed."""
    name: str

    def __str__(self) -> str:
        return self.button


QUICK = [
    Quick(
        "/orgs/northwind/registries/new/",
        {"Name": "in-haste"},
        "Create registry",
        HOME,
        "in-haste",
    ),
    Quick(
        f"{PEOPLE}invite/",
        {"E-mail": "haste@northwind.example"},
        "Send invitation",
        PEOPLE,
        "haste@northwind.example",
    ),
    Quick(
        "/orgs/northwind/teams/new/",
        {"Name": "hasty"},
        "Create team",
        "/orgs/northwind/teams/",
        "hasty",
    ),
]


@pytest.mark.parametrize("quick", QUICK, ids=str)
def test_a_double_click_does_it_once(person, quick):
    view = person("anouk")
    view.open(quick.path)
    for label, text in quick.fields.items():
        view.fill(label, text)
    posted = []
    view.page.on("request", lambda sent: posted.append(sent.method))

    view.ahead.get_by_role("button", name=quick.button, exact=True).dblclick()
    view.page.wait_for_url(lambda url: not url.endswith(quick.path))

    assert posted.count("POST") == 1
    view.open(quick.listed)
    view.page.locator("main").get_by_text(quick.name, exact=True).first.wait_for()


def test_a_double_click_in_a_dialog_of_the_page_does_it_once(person):
    view = person("anouk")
    view.open(f"{PRODUCTION}settings/")
    posted = []
    view.page.on("request", lambda sent: posted.append(sent.method))
    view.press("Add member")
    view.fill("Member", "jonas")

    view.ahead.get_by_role("button", name="Add new member").dblclick()

    view.reads("Jonas Lindqvist has the role Viewer now.")
    assert posted.count("POST") == 1


def test_going_back_after_an_answer_does_not_ask_again(person):
    view = person("anouk")
    view.open(PEOPLE)
    view.follow("Remove Mei-Ling Chen…")
    view.press("Remove Mei-Ling Chen")
    view.reads("Mei-Ling Chen is removed")

    view.page.go_back()

    view.page.get_by_role("heading", name="Nothing here").wait_for()
    assert view.page.locator("dialog").count() == 0


def press(view: Window, *keys: str) -> None:
    """Press one key after the other."""
    for key in keys:
        view.page.keyboard.press(key)


def hears(view: Window, words: str) -> None:
    """Wait until the place that screen readers listen to says so."""
    view.page.locator("#said", has_text=words).wait_for(state="attached")
