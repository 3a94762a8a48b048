"""Tables that are filtered and sorted: each criterion, all together, and what is none."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime

import pytest

from accounts.permissions import Role
from registries.models import Registry
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag
from registries.operations.links import link, unlink
from registries.views import paging
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    linked_version,
    logged_version,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db

ROW = re.compile(r'<th scope="row">\s*<a class="(?:name|ver)" href="[^"]*">([^<]+)</a>')
SIZES = {"Alpha": 3, "beta": 5, "delta": 1, "gamma": 5}


@pytest.fixture(scope="module")
def made(undone) -> Registry:
    """Four collections, some of them alike in what they are sorted by."""
    registry = RegistryFactory()
    maker = person(registry, Role.MEMBER, username="maker")
    for name, size in SIZES.items():
        version = linked_version(
            registry,
            name,
            artifact_type="model" if size == 5 else "Tokenizer",
            files={"weights": f"{size}".encode() * size},
        )
        add_tag(version.collection, "nlp", by=SYSTEM)
        for alias in ("production", f"of-{name}"):
            set_alias(version, alias, by=SYSTEM)
        if name == "beta":
            add_tag(version.collection, "vision", by=SYSTEM)
            registry.collections.filter(name=name).update(created_by=maker)
            link(version.artifact, registry, "gone", by=SYSTEM)
    registry.collections.filter(name="gone").update(deleted_at=datetime.now(UTC))
    return registry


@pytest.fixture
def registry(made) -> Registry:
    return deepcopy(made)


@pytest.fixture
def client(registry):
    return signed_in(person(registry, Role.MEMBER, username="reader"))


@pytest.fixture
def one_a_page(monkeypatch):
    monkeypatch.setitem(paging.page_of.__kwdefaults__, "size", 1)


def rows(response) -> list[str]:
    assert response.status_code == 200
    return ROW.findall(response.content.decode())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"type": "model"}, "beta gamma"),
        ({"type": "Tokenizer"}, "Alpha delta"),
        ({"type": "tokenizer"}, ""),
        ({"tag": "vision"}, "beta"),
        ({"tag": "nlp"}, "Alpha beta delta gamma"),
        ({"tag": "vis"}, ""),
        ({"alias": "production"}, "Alpha beta delta gamma"),
        ({"alias": "latest"}, "Alpha beta delta gamma"),
        ({"alias": "of-delta"}, "delta"),
        ({"by": "MAKER"}, "beta"),
        ({"by": "reader"}, ""),
        ({"by": "nobody"}, ""),
        ({"filter": "MM", "type": "model", "tag": "nlp", "alias": "production"}, "gamma"),
        ({"filter": "mm", "type": "model", "tag": "vision"}, ""),
        ({"type": "\0", "tag": " ", "alias": "", "by": "\0 "}, None),
        ({"tag": "x" * 5000, "by": "%"}, ""),
    ],
)
def test_collections_are_filtered(client, registry, query, found):
    page = client.get(registry.get_absolute_url(), query | {"sort": "name"})

    assert rows(page) == (list(SIZES) if found is None else found.split())


def test_tags_and_aliases_are_found_the_same_way_where_they_are_many(
    client, registry, monkeypatch
):
    address = registry.get_absolute_url()
    queries = [{"tag": "nlp"}, {"alias": "of-beta"}, {"tag": "vision", "alias": "latest"}]
    few = [rows(client.get(address, query)) for query in queries]

    monkeypatch.setattr("registries.search.FEW", 0)

    assert [rows(client.get(address, query)) for query in queries] == few


def test_a_filter_says_what_is_missing_and_leads_back_to_the_order(client, registry):
    query = {
        "filter": "a",
        "alias": "production",
        "tag": "no<b>",
        "by": "maker",
        "sort": "name",
    }
    page = client.get(registry.get_absolute_url(), query)

    said = "No collection with “a” in its name, alias production and tag no<b> by maker."
    assert said in words(page).replace("&lt;", "<")
    assert "?sort=name" in links(page)
    assert "<b>production</b>" in page.content.decode()


def test_filters_stay_through_sorting_and_pages(client, registry, one_a_page):
    page = client.get(f"{registry.get_absolute_url()}?type=model&tag=nlp&alias=&filter=")
    by_size = next(link for link in links(page) if "sort=-size" in link)
    first = client.get(registry.get_absolute_url() + by_size)
    on = next(link for link in links(first) if "after=" in link)
    second = client.get(registry.get_absolute_url() + on)

    assert rows(first) + rows(second) == ["gamma", "beta"]
    assert {"type=model", "tag=nlp", "sort=-size"} < set(on.lstrip("?").split("&"))
    # Another order begins with its first page.
    assert not [link for link in links(second) if "sort=name" in link and "after" in link]


ORDERS = {
    "name": lambda c: c.key,
    "type": lambda c: (c.type.lower(), c.key),
    "versions": lambda c: (c.version_count, c.pk),
    "size": lambda c: (c.newest_size, c.pk),
    "updated": lambda c: (c.updated_at, c.pk),
}


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_order_shows_every_collection_once_both_ways(
    client, registry, one_a_page, sort, sign
):
    address = registry.get_absolute_url()
    live = sorted(registry.collections.live(), key=ORDERS[sort], reverse=sign == "-")
    page = client.get(f"{address}?sort={sign}{sort}")
    seen = rows(page)
    for step in ("after=", "before="):
        while on := next((link for link in links(page) if step in link), ""):
            page = client.get(address + on)
            seen += rows(page)

    expected = [collection.name for collection in live]
    assert seen == expected + expected[-2::-1]
    direction = "descending" if sign else "ascending"
    assert page.content.decode().count("aria-sort") == 1
    assert f'aria-sort="{direction}"' in page.content.decode()


@pytest.mark.parametrize("sort", ["id", "-", "--name", "name~", "registry__owner", "\0x"])
def test_what_a_table_is_not_sorted_by_is_refused(client, registry, sort):
    address = registry.get_absolute_url()

    for place in (address, f"{address}c/beta/versions/"):
        assert client.get(place, {"sort": sort}).status_code == 400


def test_a_place_in_another_order_is_refused(client, registry):
    query = {"sort": "size", "after": "beta"}

    assert client.get(registry.get_absolute_url(), query).status_code == 400


def test_the_newest_version_decides_on_the_size(registry):
    first = registry.collections.get(name="beta").versions.get()
    larger = linked_version(registry, "beta", artifact_type="model", files={"w": b"x" * 50})

    sizes = [registry.collections.get(name="beta").newest_size]
    for version in (larger, first):
        unlink(version, by=SYSTEM)
        sizes.append(registry.collections.get(name="beta").newest_size)

    assert sizes == [50, 5, 0]


def test_versions_are_filtered_and_sorted(client, registry):
    maker = registry.collections.get(name="beta").created_by
    for number in range(1, 4):
        version = linked_version(
            registry,
            "beta",
            artifact_type="model",
            files={f"{n}": b"x" * (9 - number) for n in range(number)},
        )
        if number == 2:
            add_tag(version, "odd", by=SYSTEM)
            registry.collections.get(name="beta").versions.filter(number=2).update(
                created_by=maker
            )
    address = f"{registry.get_absolute_url()}c/beta/versions/"
    expected = {
        "": "v3 v2 v1 v0",
        "sort=version": "v0 v1 v2 v3",
        "sort=linked": "v0 v1 v2 v3",
        "sort=-linked": "v3 v2 v1 v0",
        "sort=size": "v0 v1 v2 v3",
        "sort=-size": "v3 v2 v1 v0",
        "sort=files": "v0 v1 v2 v3",
        "alias=latest": "v3",
        "alias=production": "v0",
        "tag=odd": "v2",
        "by=maker": "v2",
        "by=maker&tag=odd&sort=-files": "v2",
        "by=maker&alias=latest": "",
    }

    found = {query: " ".join(rows(client.get(f"{address}?{query}"))) for query in expected}

    assert found == expected
    page = words(client.get(f"{address}?by=maker&alias=latest"))
    assert "No version with alias latest by maker." in page


def test_what_a_project_logged_is_sorted_the_same_way(registry):
    team = TeamFactory(organization=registry.organization)
    user = person(registry)
    TeamMembershipFactory(team=team, membership=user.memberships.get())
    for name, size in SIZES.items():
        logged_version(team, name, files={"weights": b"x" * size})
    address = team.entity.projects.get().get_absolute_url()

    found = {
        sort: rows(signed_in(user).get(address, {"sort": sort}))
        for sort in ("name", "-size", "")
    }

    assert found == {
        "name": ["Alpha", "beta", "delta", "gamma"],
        "-size": ["gamma", "beta", "Alpha", "delta"],
        "": ["gamma", "delta", "beta", "Alpha"],
    }


def test_all_that_match_are_those_that_the_filters_show(client, registry):
    page = client.get(registry.get_absolute_url(), {"type": "model", "alias": "of-beta"})
    match = re.search(r'name="match" value="([^"]+)"', page.content.decode())[1]

    sent = {"action": "delete", "all": "on", "match": match.replace("&amp;", "&")}
    client.post(f"{registry.get_absolute_url()}collections/change/", sent)

    left = registry.collections.live().values_list("name", flat=True)
    assert sorted(left) == ["Alpha", "delta", "gamma"]
