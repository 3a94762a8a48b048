from __future__ import annotations

import csv
import html
import json
import re
import struct
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings as product
from django.contrib.auth import authenticate
from django.core.management import CommandError
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from accounts.models import Event, Job, Organization, Team, User
from accounts.permissions import Role
from registries.backends import role_in
from registries.management.commands.demo import demo_password
from registries.management.demo.people import PEOPLE
from registries.models import AliasMove, Blob, Collection, Entry, Registry, Tag, Version
from registries.storage import store
from tests.commands import manage
from tests.factories import UserFactory

# By day tests/browser opens its pages.
pytestmark = [pytest.mark.django_db, pytest.mark.nightly]


@pytest.fixture(scope="module")
def told(undone, tmp_path_factory) -> Iterator[str]:
    """What the demo said: made once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product, "BLOB_DIR", tmp_path_factory.mktemp("blobs"))
        patch.setattr(
            product,
            "PASSWORD_HASHERS",
            ["django.contrib.auth.hashers.MD5PasswordHasher"],
        )
        yield manage("demo").out


@pytest.fixture(autouse=True)
def own_blobs() -> None:
    """The demo's store stays, in place of one for each test."""


@pytest.fixture(autouse=True)
def demo(told) -> str:
    return told


def content(entry: Entry) -> bytes:
    with store().open(entry.blob.sha256) as stream:
        return stream.read()


def files(name: str) -> list[bytes]:
    entries = Entry.objects.filter(path__endswith=name).select_related("blob")
    found = [content(entry) for entry in entries]
    assert len(found) > 10
    return found


def test_it_is_as_large_as_a_small_company():
    organization = Organization.objects.get(entity__name="northwind")
    collections = Collection.objects.live().filter(registry__organization=organization)

    assert len(PEOPLE) == 12
    assert Team.objects.filter(organization=organization).count() == 3
    assert organization.registries.filter(is_core=True).count() == 2
    assert organization.registries.filter(visibility="restricted").count() == 2
    assert 38 <= collections.count() <= 48
    assert all(each.version_count for each in collections)
    assert Version.objects.filter(collection__in=collections).count() > 150
    assert Tag.objects.filter(collection__in=collections).count() > 40
    assert Collection.objects.exclude(deleted_at=None).count() == 1


def test_everybody_can_sign_in_but_the_deactivated(told):
    password = re.search(r"password  (\S+)", told)[1]

    able = [
        person.username
        for person in PEOPLE
        if authenticate(None, email=person.email, password=password)
    ]

    assert len(password) >= 16
    assert password == demo_password()
    assert sorted({person.username for person in PEOPLE} - set(able)) == ["elif"]
    assert all(f"  {person.username} " in told for person in PEOPLE)
    assert User.objects.get(entity__name="ci-train-bot").is_service_account


def test_people_stand_differently():
    models = Registry.objects.get(name="production-models")
    hidden = Registry.objects.get(name="fraud-detection")
    people = {user.username: user for user in User.objects.select_related("entity")}

    def role(name: str, registry: Registry) -> Role | None:
        return role_in(registry, people[name])

    assert role("anouk", models) == Role.OWNER
    assert role("samuel", models) == Role.ADMIN
    assert role("priya", models) == Role.ADMIN
    assert role("tomasz", models) == Role.MEMBER
    assert role("ci-train-bot", models) == Role.MEMBER
    assert role("jonas", models) == Role.VIEWER
    assert role("noor", models) == Role.RESTRICTED_VIEWER
    assert role("elif", models) is role("marco", models) is role("ada", models) is None
    assert role("anouk", hidden) is role("jonas", hidden) is None
    assert role("tomasz", hidden) == Role.OWNER
    assert people["ada"].is_superuser
    assert role("samuel", Registry.objects.get(name="llm-adapters")) == Role.ADMIN


def test_history_is_spread_over_months_and_in_order():
    events = list(Event.objects.order_by("pk"))
    moments = [event.at for event in events]

    assert moments == sorted(moments)
    assert moments[-1] <= timezone.now()
    assert timezone.now() - moments[0] > timedelta(days=200)
    assert {event.actor_name for event in events} > {"anouk", "ci-train-bot", "system"}


def test_rows_are_as_old_as_their_events():
    linked = Event.objects.filter(kind="version.link")
    ages = {event.subject_id: event.at for event in linked}
    versions = Version.objects.filter(collection__registry__isnull=False)

    assert versions.count() > 150
    assert all(
        abs(version.created_at - ages[version.pk]) < timedelta(minutes=1)
        for version in versions
    )
    assert all(
        version.collection.created_at <= version.created_at
        for version in versions.select_related("collection")
    )


def test_there_are_rollbacks_with_reasons():
    back = AliasMove.objects.exclude(reason="").filter(
        to_number__lt=F("from_number"), name__in=["production", "approved"]
    )

    assert {str(move.collection) for move in back} == {"churn-classifier", "card-fraud-gbt"}


def test_nobody_gets_mail_about_what_was_made_up():
    assert not Job.objects.exists()


def test_counters_agree_with_rows():
    for registry in Registry.objects.all():
        collections = registry.collections.live()
        versions = Version.objects.filter(collection__in=collections)
        assert registry.collection_count == collections.count()
        assert registry.version_count == versions.count()


def test_tensors_are_safetensors():
    for file in files(".safetensors"):
        (length,) = struct.unpack("<Q", file[:8])
        header = json.loads(file[8 : 8 + length])
        assert length % 8 == 0
        assert header.pop("__metadata__") == {"format": "pt"}
        end = 0
        for tensor in header.values():
            start, stop = tensor["data_offsets"]
            count = 1
            for side in tensor["shape"]:
                count *= side
            assert (tensor["dtype"], start, stop - start) == ("F32", end, count * 4)
            end = stop
        assert 8 + length + end == len(file)


def test_images_are_png():
    for file in files(".png"):
        assert file.startswith(b"\x89PNG\r\n\x1a\n")
        position, pixels, kinds = 8, b"", []
        while position < len(file):
            size, kind = struct.unpack(">I4s", file[position : position + 8])
            data = file[position + 8 : position + 8 + size]
            checksum = file[position + 8 + size : position + 12 + size]
            assert struct.pack(">I", zlib.crc32(kind + data)) == checksum
            kinds.append(kind)
            pixels += data if kind == b"IDAT" else b""
            position += size + 12
        width, height = struct.unpack(">II", file[16:24])
        assert kinds == [b"IHDR", b"IDAT", b"IEND"]
        assert len(zlib.decompress(pixels)) == (width + 1) * height


def test_tables_and_documents_parse():
    for file in files(".csv"):
        rows = list(csv.reader(StringIO(file.decode())))
        assert len({len(row) for row in rows}) == 1
    for file in files(".json"):
        assert json.loads(file)
    for file in files(".md"):
        assert file.decode().startswith("# ")


def test_every_byte_is_where_its_row_says():
    assert manage("verify_blobs").out.startswith(f"Checked {Blob.objects.count()} ")
    assert list(store().temporary.glob("*")) == []


def test_again_it_changes_nothing_and_says_the_same(told):
    events = Event.objects.count()

    assert manage("demo").out == told
    assert Event.objects.count() == events


def test_again_it_makes_the_printed_password_right(told):
    user = User.objects.get(entity__name="jonas")
    user.set_password("something else entirely")
    user.save()

    manage("demo")

    user.refresh_from_db()
    assert user.check_password(demo_password())


def test_passwords_differ_from_installation_to_installation(settings):
    ours = demo_password()

    settings.SECRET_KEY = "another key " * 5

    assert demo_password() != ours


def test_it_does_not_mix_with_real_people():
    with transaction.atomic():
        Event.objects.filter(kind="demo.fill").delete()
        UserFactory()

        with pytest.raises(CommandError, match="needs an empty installation"):
            manage("demo")

        transaction.set_rollback(True)


# Every link on every page of it leads somewhere

WALKERS = ["ada", "anouk", "priya", "jonas", "noor", "karim", "marco"]
"""Administrator, Owner, Admin, Viewer by default, Restricted Viewer, Viewer, outsider."""
SOME = ["anouk", "noor", "marco"]
"""Who sees most, least, and nothing of it."""
PROSE = re.compile(r'<div class="prose".*?</div>', re.DOTALL)
LINK = re.compile(r'<a [^>]*?href="([^"]*)"')
ENOUGH = 3
"""How many pages of one kind a quick walk opens; the long one that many orders and
filters of every page.
"""


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


@pytest.mark.parametrize("person", SOME)
def test_a_walk_finds_no_dead_link(person):
    opened = walk(client_of(person), kind_of)

    assert {"registries:home", "registries:registry", "registries:settings"} <= set(opened)
    assert ("registries:raw" in opened) is (person not in {"marco"})


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("person", WALKERS)
def test_no_page_at_all_has_a_dead_link(person):
    opened = walk(client_of(person), str)

    assert opened.total() > 5
