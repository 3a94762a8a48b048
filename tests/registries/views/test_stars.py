"""Stars: of one person, on what they see, first in what they look at."""

from __future__ import annotations

import re

import pytest

from accounts.models import Event
from accounts.permissions import Role
from registries.models import Registry, Star
from registries.operations.collections import delete_collection
from registries.operations.stars import star
from registries.views.shell import STARRED
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    acting,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}


@pytest.fixture
def registry() -> Registry:
    return RegistryFactory(organization=make_organization("acme"), name="shelf")


@pytest.fixture
def reader(registry):
    return person(registry, Role.RESTRICTED_VIEWER)


def starred(client, address: str = "/orgs/acme/registry/") -> list[str]:
    """What the sidebar of a page lists."""
    page = client.get(address).content.decode()
    part = page.partition('id="starred"')[2].partition("</div>\n</div>")[0]
    return re.findall(r"<span>([^<]+)</span></a>", part.partition("<footer>")[0])


def cards(client) -> list[tuple[str, str]]:
    """The cards of the home page with whether they are starred."""
    page = client.get("/orgs/acme/registry/").content.decode()
    found = re.findall(r'aria-pressed="(\w+)" aria-label="Star ([^"]+)"', page)
    return [(name, pressed) for pressed, name in found]


def test_a_star_is_put_once_and_taken_off_once(registry, reader):
    client, place = signed_in(reader), registry.get_absolute_url()

    for _ in range(2):
        assert client.post(f"{place}star/").headers["Location"] == place
    assert starred(client, place) == ["shelf"]
    for _ in range(2):
        client.post(f"{place}unstar/")

    assert starred(client, place) == []
    assert list(Event.objects.order_by("id").values_list("kind", flat=True))[-2:] == [
        "user.star",
        "user.unstar",
    ]
    # What somebody likes is no news to others.
    assert not Event.objects.filter(kind="user.star").exclude(registry_id=None).exists()


def test_the_button_and_the_sidebar_change_in_place(registry, reader):
    version = linked_version(registry)
    client, place = signed_in(reader), version.collection.get_absolute_url()

    on = client.post(f"{place}star/", headers=HTMX).content.decode()
    off = client.post(f"{place}unstar/", headers=HTMX).content.decode()

    assert f'action="{place}unstar/"' in on
    assert 'aria-pressed="true"' in on
    assert f'<a href="{place}">' in on
    assert 'hx-swap-oob="true"' in on
    assert f'action="{place}star/"' in off
    assert 'aria-pressed="false"' in off
    assert f'<a href="{place}">' not in off


def test_starred_registries_come_first_for_whoever_starred_them(registry, reader):
    newer = RegistryFactory(organization=registry.organization, name="newer")
    star(registry, by=acting(reader))

    mine, theirs = (cards(signed_in(user)) for user in (reader, person(newer)))

    assert mine[-2:] == [("shelf", "true"), ("newer", "false")]
    assert theirs[-2:] == [("newer", "false"), ("shelf", "false")]


def test_only_what_one_still_sees_is_listed_and_not_all_of_many(registry, reader):
    client, by = signed_in(reader), acting(reader)
    gone = linked_version(registry, "gone").collection
    hidden = RegistryFactory(organization=registry.organization, visibility="restricted")
    elsewhere = RegistryFactory(organization=make_organization("other"))
    MembershipFactory(organization=elsewhere.organization, user=reader)
    for place in (registry, gone, elsewhere):
        star(place, by=by)
    Star.objects.create(user=reader, registry=hidden)
    delete_collection(gone, by=SYSTEM)

    assert starred(client) == ["shelf"]

    for _ in range(STARRED + 1):
        star(RegistryFactory(organization=registry.organization), by=by)
    assert len(starred(client)) == STARRED
