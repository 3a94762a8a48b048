"""What a browser remembers of where somebody was."""

from __future__ import annotations

import re

import pytest

from accounts.permissions import Role
from registries.models import Registry
from registries.operations.collections import delete_collection
from registries.views.remembered import MOST, OPENED
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry() -> Registry:
    return RegistryFactory(organization=make_organization("acme"), name="shelf")


def opened(client) -> list[str]:
    """What the home page lists as opened lately."""
    page = client.get("/orgs/acme/registry/").content.decode()
    part = page.partition('<nav class="lately"')[2].partition("</nav>")[0]
    return re.findall(r'/c/([^/"]+)/"', part)


def test_what_was_opened_last_comes_first_and_once(registry):
    client = signed_in(person(registry, Role.RESTRICTED_VIEWER))
    names = [f"line-{number}" for number in range(MOST + 1)]
    places = {name: linked_version(registry, name).collection for name in names}
    assert opened(client) == []

    for name in [*names, names[3]]:
        client.get(places[name].get_absolute_url())

    assert opened(client) == [
        names[3],
        *[each for each in names[:0:-1] if each != names[3]],
    ]
    delete_collection(places[names[3]], by=SYSTEM)
    assert names[3] not in opened(client)


def test_it_is_listed_for_who_opened_it_only(registry):
    first, second = (person(registry, Role.VIEWER) for _ in range(2))
    client = signed_in(first)
    client.get(linked_version(registry).collection.get_absolute_url())
    assert opened(client) == ["classifier"]
    cookie = client.cookies[OPENED].value

    other = signed_in(second)
    other.cookies[OPENED] = cookie

    assert opened(other) == []


@pytest.mark.parametrize("rest", ["", ".", "x", "-1", "²", "9" * 30, "0." * 500, "\0"])
def test_a_cookie_that_is_not_ours_is_passed_over(registry, rest):
    user = person(registry, Role.VIEWER)
    client = signed_in(user)
    client.cookies[OPENED] = f"{user.pk}.{rest}"

    assert opened(client) == []
    collection = linked_version(registry).collection
    assert client.get(collection.get_absolute_url()).status_code == 200
    assert opened(client) == ["classifier"]
