"""Every list among 10,000 versions and among 1,000,000: it takes as long."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.template import Template
from django.test import Client

from registries.models import Collection
from tests.benchmarks.shelves import OWNER, Shelves, moment, name
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


def middle(shelves: Shelves) -> Collection:
    """A collection in the middle of the large registry."""
    return shelves.collections[len(shelves.collections) // 20 * 10]


def deep(shelves: Shelves) -> dict[str, str]:
    """A place in the middle of the lists that are sorted by time."""
    return {"after": f"{moment(shelves.versions // 20).isoformat()}~0"}


def asked(place: str, query: str) -> Callable[[Shelves], tuple[str, dict[str, str]]]:
    """The table of that place with a query."""
    behind = "versions/" if place == "collection" else ""
    return lambda s: (f"{getattr(s, place).get_absolute_url()}{behind}?{query}", {})


COLLECTIONS = (
    *("sort=name", "sort=-name", "sort=type", "sort=-type", "sort=versions"),
    *("sort=-versions", "sort=size", "sort=-size", "sort=updated"),
    *("type=model", "type=tokenizer", "type=tokenizer&sort=name", "type=dataset"),
    *("type=tokenizer&sort=-size", "by=reader", f"by={OWNER}", f"by={OWNER}&sort=versions"),
    *("alias=production", "alias=production&sort=name", "alias=best-10", "tag=nothing"),
    *("alias=best-10&sort=-size", "tag=nlp", "alias=best-10&tag=nlp"),
    "alias=production&tag=vision&type=model&by=reader",
    "filter=fraud&alias=production&type=tokenizer",
)
VERSIONS = (
    *("sort=version", "sort=size", "sort=-size", "sort=-size&after=5000~5", "sort=files"),
    *("by=reader", f"by={OWNER}", "tag=nothing", "alias=production"),
)
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
    **{f"registry, {query}": asked("registry", query) for query in COLLECTIONS},
    "registry, by name, deep": lambda s: (
        s.registry.get_absolute_url(),
        {"sort": "name", "after": name(s.versions // 30)},
    ),
    "registry, by type, deep": lambda s: (
        s.registry.get_absolute_url(),
        {"sort": "-type", "after": f"model~{name(s.versions // 30)}"},
    ),
    "registry, by versions, deep": lambda s: (
        s.registry.get_absolute_url(),
        {"sort": "versions", "after": f"{middle(s).version_count}~{middle(s).pk}"},
    ),
    "registry, by size, deep": lambda s: (
        s.registry.get_absolute_url(),
        {"sort": "-size", "after": f"{middle(s).newest_size}~{middle(s).pk}"},
    ),
    "small registry": lambda s: (s.registries[-1].get_absolute_url(), {}),
    "collection": lambda s: (s.collection.get_absolute_url(), {}),
    "small collection": lambda s: (s.collections[-1].get_absolute_url(), {}),
    "versions": lambda s: (f"{s.collection.get_absolute_url()}versions/", {}),
    "versions, deep": lambda s: (
        f"{s.collection.get_absolute_url()}versions/",
        {"after": str(s.collection.version_count // 2)},
    ),
    **{f"versions, {query}": asked("collection", query) for query in VERSIONS},
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
