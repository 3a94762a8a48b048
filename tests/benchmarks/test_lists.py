"""Every list among 10,000 versions and among 1,000,000: it takes as long."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.template import Template
from django.test import Client

from tests.benchmarks.shelves import Shelves, moment
from tests.registries.views.pages import links

pytestmark = [pytest.mark.nightly, pytest.mark.django_db, pytest.mark.timeout(3600)]

SIZES = [10_000, 1_000_000]
TIMES = 20
MOST_MS = 100
TYPING = {"HX-Request": "true", "HX-Target": "found"}
HOME = "/orgs/acme/registry/"
SEARCH = "/orgs/acme/search/"


@pytest.fixture(scope="module", params=SIZES, ids=str)
def shelves(request, django_db_setup, django_db_blocker) -> Iterator[Shelves]:
    """The organization, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Shelves(request.param)
        transaction.set_rollback(True)


@pytest.fixture
def client(shelves, monkeypatch) -> Client:
    """A browser of a Viewer; templates render as they do outside of tests."""
    monkeypatch.setattr(Template, "_render", lambda self, ctx: self.nodelist.render(ctx))
    client = Client()
    client.force_login(shelves.reader)
    client.get(HOME)
    return client


def deep(shelves: Shelves) -> dict[str, str]:
    """A place in the middle of the lists that are sorted by time."""
    return {"after": f"{moment(shelves.versions // 20).isoformat()}~0"}


PAGES = {
    "home": lambda s: (HOME, {}),
    "home, deep": lambda s: (
        HOME,
        {"after": f"{moment(len(s.registries) // 2).isoformat()}~0"},
    ),
    "home, filter": lambda s: (HOME, {"filter": "fraud"}),
    "home, filter without a hit": lambda s: (HOME, {"filter": "nothing"}),
    "registry": lambda s: (s.registry.get_absolute_url(), {}),
    "registry, deep": lambda s: (s.registry.get_absolute_url(), deep(s)),
    "registry, filter": lambda s: (s.registry.get_absolute_url(), {"filter": "fraud"}),
    "registry, filter without a hit": lambda s: (
        s.registry.get_absolute_url(),
        {"filter": "nothing"},
    ),
    "small registry": lambda s: (s.registries[-1].get_absolute_url(), {}),
    "collection": lambda s: (s.collection.get_absolute_url(), {}),
    "small collection": lambda s: (s.collections[-1].get_absolute_url(), {}),
    "versions": lambda s: (f"{s.collection.get_absolute_url()}versions/", {}),
    "versions, deep": lambda s: (
        f"{s.collection.get_absolute_url()}versions/",
        {"after": str(s.collection.version_count // 2)},
    ),
    "aliases": lambda s: (f"{s.collection.get_absolute_url()}aliases/", {}),
    "version": lambda s: (f"{s.collection.get_absolute_url()}v/7/", {}),
    "search, common word": lambda s: (SEARCH, {"q": "churn"}),
    "search, letter": lambda s: (SEARCH, {"q": "c"}),
    "search, two words": lambda s: (SEARCH, {"q": "churn classifier"}),
    "search, word and number": lambda s: (SEARCH, {"q": "churn 000008"}),
    "search, two words, no hit": lambda s: (SEARCH, {"q": "churn zebra"}),
    "search, everywhere": lambda s: (SEARCH, {"q": "alias:production"}),
    "search, alias and word": lambda s: (SEARCH, {"q": "alias:production 000008"}),
    "search, rare": lambda s: (SEARCH, {"q": "000008"}),
    "search, no hit": lambda s: (SEARCH, {"q": "zebra"}),
    "search, all collections, deep": lambda s: (
        SEARCH,
        {"q": "churn", "kind": "collection", "after": f"churn-classifier-{0:06}~1"},
    ),
    "typing, letter": lambda s: (SEARCH, {"q": "c"}),
    "typing, two words": lambda s: (SEARCH, {"q": "churn cl"}),
    "typing, rare": lambda s: (SEARCH, {"q": "000008"}),
    "projects": lambda s: ("/orgs/acme/projects/", {}),
    "projects, deep": lambda s: ("/orgs/acme/projects/", {"after": "project-5~5"}),
    "project": lambda s: (s.project.get_absolute_url(), {}),
    "runs": lambda s: (f"{s.project.get_absolute_url()}runs/", {}),
    "runs, deep": lambda s: (f"{s.project.get_absolute_url()}runs/", "next"),
    "source": lambda s: (s.sources[0].get_absolute_url(), {}),
    "source, deep": lambda s: (s.sources[0].get_absolute_url(), {"after": "50"}),
    "trash": lambda s: ("/orgs/acme/trash/", {}),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_list_is_as_quick_among_a_million(shelves, client, figure, name):
    path, query = PAGES[name](shelves)
    if query == "next":
        shown = links(client.get(path))
        path, query = path + next(each for each in shown if "after=" in each), {}
    headers = TYPING if name.startswith("typing") else {}

    taken = sorted(milliseconds(client, path, query, headers) for _ in range(TIMES))

    middle, slow = statistics.median(taken), taken[int(TIMES * 0.95)]
    figure(
        f"{name} among {shelves.versions:,} versions on {connection.vendor}: "
        f"{middle:.0f} ms, 95 of 100 within {slow:.0f} ms"
    )
    # The quickest: a nightly run has company on its machine.
    assert taken[0] < MOST_MS


def milliseconds(client: Client, path: str, query: dict[str, str], headers: dict) -> float:
    began = time.perf_counter()
    response = client.get(path, query, headers=headers)
    assert response.status_code == 200, path
    return (time.perf_counter() - began) * 1000
