"""Pages by key: every row once, in order, whatever is added or removed meanwhile."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from django.utils import timezone

from registries.models import Collection
from registries.views.paging import Order, moment, page_of, text
from tests.factories import RegistryFactory

pytestmark = pytest.mark.django_db

NEWEST_UPDATE = Order({"updated_at": moment, "id": int}, descending=True)


@pytest.fixture
def collections():
    """Eleven collections, some of them updated at the same moment."""
    registry, now = RegistryFactory(), timezone.now()
    Collection.objects.bulk_create(
        Collection(
            registry=registry,
            kind="linked",
            name=f"c{number}",
            key=f"c{number}",
            type="model",
            updated_at=now - timedelta(minutes=number // 3),
        )
        for number in range(11)
    )
    return registry.collections.all()


def page(rows, query: str = "", order=NEWEST_UPDATE, size: int = 4):
    return page_of(rows, order, RequestFactory().get(f"/{query}"), size=size)


def names(shown) -> list[str]:
    return [row.name for row in shown.rows]


def test_going_on_shows_every_row_once_and_going_back_the_same_pages(collections):
    expected = [c.name for c in collections.order_by("-updated_at", "-id")]
    shown, forward = page(collections), []
    assert shown.previous == ""
    while True:
        forward.append(names(shown))
        if not shown.next:
            break
        shown = page(collections, shown.next)
    backward = [names(shown)]
    while shown.previous:
        shown = page(collections, shown.previous)
        backward.append(names(shown))

    assert list(chain(*forward)) == expected
    assert [len(some) for some in forward] == [4, 4, 3]
    # The last page back is the first page again, filled up.
    assert backward[::-1] == forward


def test_a_row_that_goes_away_moves_no_other(collections):
    first = page(collections)
    collections.filter(name=names(first)[-1]).delete()

    rest = [row.name for row in collections.order_by("-updated_at", "-id")][3:7]

    assert names(page(collections, first.next)) == rest


def test_behind_the_end_is_the_first_page(collections):
    last = collections.order_by("updated_at", "id").first()
    key = NEWEST_UPDATE.key(last).replace("+", "%2B")

    assert names(page(collections, f"?after={key}")) == names(page(collections))


def test_other_parameters_stay_in_the_addresses(collections):
    shown = page(collections, "?filter=c%26d&after=")

    assert shown.next.startswith("?filter=c%26d&after=")
    assert shown.next.count("after=") == 1


def test_one_page_has_no_neighbours(collections):
    shown = page(collections, size=11)

    assert (shown.previous, shown.next, shown.shown) == ("", "", "11 shown")


@pytest.mark.parametrize(
    "key",
    [
        "x",
        "~",
        "1~2",
        "2026-01-01~1",
        "2026-01-01T00:00:00~1",
        "2026-01-01T00:00:00+00:00~x",
        "2026-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00~1",
        f"2026-01-01T00:00:00+00:00~{'9' * 5000}",
    ],
)
@pytest.mark.parametrize("name", ["after", "before"])
def test_a_key_that_is_none_is_refused(collections, name, key):
    request = RequestFactory().get("/", {name: key})

    with pytest.raises(BadRequest):
        page_of(collections, NEWEST_UPDATE, request)


def test_a_number_larger_than_any_is_no_error(collections):
    key = f"2026-01-01T00:00:00+00:00~{2**70}"

    assert page_of(collections, NEWEST_UPDATE, RequestFactory().get("/", {"after": key}))


def test_nul_is_in_no_text():
    order = Order({"name": text})

    with pytest.raises(BadRequest):
        order.values("a\0b")


def test_a_text_may_hold_the_separator():
    order = Order({"name": text, "id": int})
    row = Collection(name="a~b%7E", id=1)

    assert order.values(order.key(row)) == ["a~b%7E", 1]
