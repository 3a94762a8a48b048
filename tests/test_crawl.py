"""Every link on every page leads somewhere, for every person of the demo."""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import resolve

from accounts.models import User

PEOPLE = ["ada", "anouk", "priya", "jonas", "noor", "karim", "marco"]
"""Administrator, Owner, Admin, Viewer by default, Restricted Viewer, Viewer, outsider."""
SOME = ["anouk", "noor", "marco"]
"""Who sees most, least, and nothing of it; at night everybody walks."""
PROSE = re.compile(r'<div class="prose".*?</div>', re.DOTALL)
LINK = re.compile(r'<a [^>]*?href="([^"]*)"')
ENOUGH = 4
"""How many pages of one kind a quick walk opens; the nightly one that many orders and
filters of every page.
"""


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """The demo, filled once, in a transaction that is rolled back after the module."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(BLOB_DIR=folder / "blobs"):
            call_command("demo", verbosity=0)
        yield folder / "blobs"
        transaction.set_rollback(True)


def links(page: str, address: str) -> set[str]:
    """Where a page of ours leads within the site; what people wrote leads anywhere."""
    found = (html.unescape(link) for link in LINK.findall(PROSE.sub("", page)))
    inside = (urljoin(address, link) for link in found if not urlsplit(link).netloc)
    return {urldefrag(link).url for link in inside if urlsplit(link).scheme in {"", "http"}}


def kind_of(path: str) -> str:
    """What pages of one kind have alike."""
    return resolve(path).view_name


def walk(client: Client, alike: Callable[[str], str]) -> Counter[str]:
    """Open pages from the start on, some of those alike; return how many of each."""
    waiting, seen, opened = deque(["/"]), {"/"}, Counter[str]()
    while waiting:
        address = waiting.popleft()
        kind = alike(urlsplit(address).path)
        if opened[kind] >= ENOUGH:
            continue
        opened[kind] += 1
        response = client.get(address)
        if response.status_code == 302:
            address, response = response["Location"], client.get(response["Location"])
        assert response.status_code == 200, address
        if "attachment" in response.get("Content-Disposition", ""):
            assert response.getvalue()
            continue
        page = response.content.decode()
        assert page.count("<h1") == 1, address
        assert len(ids := re.findall(r'\sid="([^"]+)"', page)) == len(set(ids)), address
        for link in sorted(links(page, address) - seen):
            seen.add(link)
            waiting.append(link)
    return opened


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(entity__name=username))
    return client


@pytest.mark.tables
@pytest.mark.django_db
@pytest.mark.parametrize("person", SOME)
def test_a_walk_finds_no_dead_link(demo, settings, person):
    settings.BLOB_DIR = demo

    opened = walk(client_of(person), kind_of)

    assert {"registries:home", "registries:registry", "registries:settings"} <= set(opened)
    assert ("registries:raw" in opened) is (person not in {"marco"})


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_no_page_at_all_has_a_dead_link(demo, settings, person):
    settings.BLOB_DIR = demo

    opened = walk(client_of(person), str)

    assert opened.total() > 5
