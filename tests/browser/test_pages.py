"""Every page in every look: no complaint, no barrier, no scrolling sideways, a picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests.browser.looking import check
from tests.browser.window import LOOKS, Window

HOME = "/orgs/northwind/registry/"
PRODUCTION = f"{HOME}production-models/"
CHURN = f"{PRODUCTION}c/churn-classifier/"
SOURCE = "/risk-modeling/uploads/artifacts/dataset/churn-features/"
RUN = "/risk-modeling/uploads/runs/churn-classifier-5/"
ADMIN = "/admin/accounts/"
PROGRAMS = "/orgs/northwind/service-accounts/"
REGISTRIES = "/admin/registries/registry/"


class Page(NamedTuple):
    name: str
    path: str
    person: str = ""
    status: int = 200
    link: str = ""
    """Part of the address of a link there, which leads to the page that is meant."""
    opens: str = ""
    """The name of a button that opens a dialog or a menu."""


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
    Page("registry-filtered", f"{PRODUCTION}?alias=production&sort=name", "priya"),
    Page("registry-searched", f"{PRODUCTION}?filter=nothing-has-this-name", "priya"),
    Page("collection", CHURN, "priya"),
    Page("collection-read-only", CHURN, "noor"),
    Page("versions", f"{CHURN}versions/", "priya"),
    Page("versions-none", f"{CHURN}versions/?tag=nothing&sort=-size", "priya"),
    Page("compare", f"{CHURN}compare/0..1/", "priya"),
    Page("version", f"{CHURN}v/1/", "priya"),
    Page("version-read-only", f"{CHURN}v/1/", "noor"),
    Page("run", RUN, "priya"),
    Page("run-metrics", f"{RUN}metrics/", "priya"),
    Page("run-files", f"{RUN}files/", "priya"),
    Page("run-delete", f"{RUN}delete/", "anouk"),
    Page("upload", f"{PRODUCTION}upload/", "priya"),
    Page("upload-version", f"{CHURN}upload/", "priya"),
    Page("settings", f"{PRODUCTION}settings/", "priya"),
    Page("settings-read-only", f"{PRODUCTION}settings/", "jonas"),
    Page(
        "settings-preview",
        f"{PRODUCTION}settings/visibility/?visibility=restricted",
        "priya",
    ),
    Page("settings-core", f"{HOME}model/settings/", "anouk"),
    Page("registry-delete", f"{PRODUCTION}settings/delete/", "anouk"),
    Page("member-add", f"{PRODUCTION}members/add/", "priya"),
    Page("owner-make", f"{PRODUCTION}members/priya/owner/", "anouk"),
    Page("trash", "/orgs/northwind/trash/", "anouk"),
    Page("help", "/help/", "jonas"),
    Page("help-first-steps", "/help/first-steps/", "jonas"),
    Page("help-sdk", "/help/sdk/", "jonas"),
    Page("help-concepts", "/help/concepts/", "jonas"),
    Page("help-commands", "/help/commands/", "jonas"),
    Page("help-configuration", "/help/configuration/", "jonas"),
    Page("help-operations", "/help/operations/", "jonas"),
    Page("help-permissions", "/help/permissions/", "jonas"),
    Page("help-keys", "/help/keys/", "jonas"),
    Page("help-registry-types", "/help/registry-types/", "jonas"),
    Page("people", "/orgs/northwind/people/", "anouk"),
    Page("people-read-only", "/orgs/northwind/people/", "jonas"),
    Page("people-invite", "/orgs/northwind/people/invite/", "anouk"),
    Page("teams", "/orgs/northwind/teams/", "anouk"),
    Page("team-new", "/orgs/northwind/teams/new/", "anouk"),
    Page("team", "/orgs/northwind/teams/vision/", "anouk"),
    Page("team-read-only", "/orgs/northwind/teams/vision/", "jonas"),
    Page("team-add", "/orgs/northwind/teams/vision/members/add/", "anouk"),
    Page("project", "/risk-modeling/uploads/", "anouk"),
    Page("source", SOURCE, "anouk"),
    Page("source-version", f"{SOURCE}v0/", "anouk"),
    Page("source-delete", f"{SOURCE}delete/", "anouk"),
    Page("source-version-delete", f"{SOURCE}v0/delete/", "anouk"),
    Page("registry-empty", "/orgs/harbour/registry/model/", "marco"),
    Page("team-delete", "/orgs/northwind/teams/vision/delete/", "anouk"),
    Page("people-remove", "/orgs/northwind/people/", "anouk", link="/remove/"),
    Page("organization", "/orgs/northwind/settings/", "anouk"),
    Page("take-access", "/orgs/northwind/settings/", "anouk", link="/restricted/"),
    Page("audit", "/orgs/northwind/audit/", "anouk"),
    Page("service-accounts", PROGRAMS, "anouk"),
    Page("service-account", f"{PROGRAMS}ci-train-bot/", "anouk"),
    Page("service-account-new", f"{PROGRAMS}new/", "anouk"),
    Page("service-account-key", f"{PROGRAMS}ci-train-bot/keys/new/", "anouk"),
    Page("service-account-remove", f"{PROGRAMS}ci-train-bot/remove/", "anouk"),
    Page("sessions", "/account/sessions/", "priya"),
    Page("request-access", f"{PRODUCTION}requests/new/", "jonas"),
    Page("registry-activity", f"{PRODUCTION}activity/", "priya"),
    Page("collection-activity", f"{CHURN}activity/?about=alias", "priya"),
    Page("refused-file", f"{CHURN}v/1/raw/config.json", "noor", 403),
    Page("admin", "/admin/", "anouk"),
    Page("admin-people", f"{ADMIN}membership/", "anouk"),
    Page("admin-person", f"{ADMIN}membership/", "anouk", link="/change/"),
    Page("admin-team", f"{ADMIN}team/", "anouk", link="/change/"),
    Page("admin-team-new", f"{ADMIN}team/add/", "anouk"),
    Page("admin-events", f"{ADMIN}event/?q=priya", "anouk"),
    Page("admin-event", f"{ADMIN}event/", "anouk", link="/change/"),
    Page("admin-users", f"{ADMIN}user/", "ada"),
    Page("admin-registries", REGISTRIES, "anouk"),
    Page("admin-registry", f"{REGISTRIES}?q=production", "anouk", link="/change/"),
    Page(
        "admin-registry-closed",
        f"{REGISTRIES}?visibility__exact=restricted",
        "anouk",
        link="/change/",
    ),
    Page("menu-account", PRODUCTION, "priya", opens="Your account: Priya Raman"),
    Page("menu-organization", PRODUCTION, "priya", opens="Northwind Labs Organization"),
    Page("menu-member", f"{PRODUCTION}settings/", "anouk", opens="Actions for Priya Raman"),
    Page("member-add-opened", f"{PRODUCTION}settings/", "priya", opens="Add member"),
    Page("refused", "/orgs/northwind/registries/new/", "karim", 403),
    Page("missing", f"{HOME}no-such-registry/", "priya", 404),
]


AT_NIGHT = ("admin-", "help-")
"""Pages of one template each, by the beginnings of their names: the first is for all."""
TRIED = [
    pytest.param(
        p, id=p.name, marks=pytest.mark.nightly if p.name.startswith(AT_NIGHT) else ()
    )
    for p in PAGES
]


@pytest.fixture(scope="module")
def seats(chromium, demo, kept) -> Iterator[Callable[[str], Window]]:
    """`seats(username)` is the one window in which somebody looks at all their pages."""
    taken: dict[str, Window] = {}

    def take(username: str) -> Window:
        if username not in taken:
            state = kept(demo, username) if username else None
            taken[username] = Window(chromium, demo.url, LOOKS[0], state)
        return taken[username]

    yield take
    for each in taken.values():
        each.context.close()


@pytest.mark.parametrize("shown", TRIED)
def test_page(seats, shown):
    view = seats(shown.person)

    assert view.open(shown.path) == shown.status
    if shown.link:
        view.open(view.page.get_attribute(f"main a[href*='{shown.link}']", "href"))
    if shown.opens:
        view.page.get_by_role("button", name=shown.opens, exact=True).click()
    check(view, shown.name)

    complaints, view.complaints = view.complaints, []
    assert complaints == []


def test_the_set_up_page(empty, window):
    view = window(at=empty)
    link = re.search(r"/setup/\S+", empty.log.read_text())

    assert view.open(link[0]) == 200

    check(view, "set-up")
