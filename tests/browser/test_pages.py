"""Every page in every look: no complaint, no barrier, no scrolling sideways, a picture."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from django.conf import settings

try:
    from axe_playwright_python.sync_playwright import Axe
except ImportError:  # then there is no browser either
    Axe = None

PICTURES = settings.BASE_DIR / ".artifacts"
HOME = "/orgs/northwind/registry/"
PRODUCTION = f"{HOME}production-models/"
CHURN = f"{PRODUCTION}c/churn-classifier/"


class Page(NamedTuple):
    name: str
    path: str
    person: str = ""
    status: int = 200


PAGES = [
    Page("sign-in", "/account/sign-in/"),
    Page("password-forgotten", "/account/password/reset/"),
    Page("password-link-sent", "/account/password/reset/sent/"),
    Page("password-link-dead", "/account/password/reset/key/1-dead/"),
    Page("sign-out", "/account/sign-out/", "priya"),
    Page("password-change", "/account/password/change/", "priya"),
    Page("profile", "/account/", "priya"),
    Page("keys", "/account/keys/", "priya"),
    Page("key-new", "/account/keys/new/", "priya"),
    Page("home", HOME, "anouk"),
    Page("home-searched", f"{HOME}?filter=speech", "anouk"),
    Page("home-empty", "/orgs/harbour/registry/", "marco"),
    Page("create", "/orgs/northwind/registries/new/", "anouk"),
    Page("registry", PRODUCTION, "priya"),
    Page("registry-core", f"{HOME}model/", "priya"),
    Page("registry-restricted", f"{HOME}fraud-detection/", "tomasz"),
    Page("registry-searched", f"{PRODUCTION}?filter=nothing-has-this-name", "priya"),
    Page("collection", CHURN, "priya"),
    Page("collection-read-only", CHURN, "noor"),
    Page("versions", f"{CHURN}versions/", "priya"),
    Page("version", f"{CHURN}v/1/", "priya"),
    Page("version-read-only", f"{CHURN}v/1/", "noor"),
    Page("settings", f"{PRODUCTION}settings/", "priya"),
    Page("settings-read-only", f"{PRODUCTION}settings/", "jonas"),
    Page(
        "settings-preview",
        f"{PRODUCTION}settings/visibility/?visibility=restricted",
        "priya",
    ),
    Page("settings-core", f"{HOME}model/settings/", "anouk"),
    Page("people", "/orgs/northwind/people/", "anouk"),
    Page("people-read-only", "/orgs/northwind/people/", "jonas"),
    Page("people-invite", "/orgs/northwind/people/invite/", "anouk"),
    Page("teams", "/orgs/northwind/teams/", "anouk"),
    Page("team-new", "/orgs/northwind/teams/new/", "anouk"),
    Page("team", "/orgs/northwind/teams/vision/", "anouk"),
    Page("team-read-only", "/orgs/northwind/teams/vision/", "jonas"),
    Page("team-add", "/orgs/northwind/teams/vision/members/add/", "anouk"),
    Page("team-delete", "/orgs/northwind/teams/vision/delete/", "anouk"),
    Page("organization", "/orgs/northwind/settings/", "anouk"),
    Page("refused", "/orgs/northwind/registries/new/", "karim", 403),
    Page("missing", f"{HOME}no-such-registry/", "priya", 404),
]


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_page(window, look, shown):
    view = window(shown.person, look)

    assert view.open(shown.path) == shown.status

    check(view, shown.name)


def test_the_set_up_page(empty, window, look):
    view = window("", look, url=empty.url)
    link = re.search(r"/setup/\S+", empty.log.read_text())

    assert view.open(link[0]) == 200

    check(view, "set-up")


def check(view, name: str) -> None:
    """Take a picture, then look at what the page is."""
    picture = f"{name}-{view.look}.png"
    view.page.screenshot(path=PICTURES / picture, full_page=True)
    assert view.page.locator("h1:visible").count() == 1
    assert view.overflow == 0
    found = Axe().run(view.page)
    assert found.violations_count == 0, found.generate_report()
