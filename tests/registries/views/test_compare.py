"""Two versions beside each other, and the ways there."""

from __future__ import annotations

import pytest

from accounts.permissions import Role
from registries import differences
from registries.models import Artifact, Entry, Version
from registries.operations.aliases import set_alias
from registries.operations.links import link
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    linked_version,
    logged_version,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry():
    return RegistryFactory()


@pytest.fixture
def viewer(registry):
    return signed_in(person(registry, Role.RESTRICTED_VIEWER))


def versions(registry, *files: dict[str, bytes]) -> list[Version]:
    return [linked_version(registry, "churn", files=each) for each in files]


def describe(version: Version, metadata: dict) -> None:
    Artifact.objects.filter(pk=version.artifact_id).update(metadata=metadata)


def test_it_shows_what_differs_and_hides_what_is_equal(registry, viewer):
    old, new = versions(
        registry,
        {"same": b"1", "model": b"12", "gone <b>": b"1234"},
        {"same": b"1", "model": b"123456", "new/one": b""},
    )
    set_alias(old, "production", by=SYSTEM)
    describe(old, {"auc": 0.907, "rows": 10, "lr": 1, "stop": 50, "on": True})
    describe(new, {"auc": 0.913, "rows": 9, "lr": 1, "weight": "tenure", "on": 1})
    url = old.collection.get_absolute_url()

    page = viewer.get(f"{url}compare/0..1/")

    text = words(page)
    assert "v0 compared with v1" in text
    assert "metadata keys differ 5 of 6 files differ 3 of 4 size the same" in text
    for row in (  # whose order is another on PostgreSQL
        "auc 0.907 0.913 +0.006",
        "rows 10 9 \N{MINUS SIGN}1",
        "on true 1 changed",
        'weight none "tenure" added',
        "stop 50 none removed",
    ):
        assert row in text
    assert (
        "Show 1 equal key What is equal in the metadata Key v0 v1 Change lr 1 1 equal"
        in text
    )
    assert "1 added, 1 removed, 1 changed, 1 equal" in text
    assert "gone <b> removed 4 B" in text
    assert "model changed 2 B 6 B" in text
    assert "new/one added 0 B" in text
    assert f"{url}v/0/files/gone%20%3Cb%3E" in links(page)
    assert f"{url}v/1/files/model" in links(page)
    assert f"{url}compare/1..0/" in links(page)
    assert b'<option value="1" selected>v1' in page.content


def test_one_version_and_two_of_the_same_content_say_so(registry, viewer):
    files = {"a": b"a"}
    first, second = (
        link(
            logged_version(
                TeamFactory(organization=registry.organization), files=files
            ).artifact,
            registry,
            "churn",
            by=SYSTEM,
        )
        for _ in range(2)
    )
    url = first.collection.get_absolute_url()

    same, equal = (words(viewer.get(f"{url}compare/0..{n}/")) for n in (0, 1))

    assert second.number == 1
    assert "This is one version. Choose another" in same
    assert "Files all 1 are equal" in equal
    assert "Metadata none" in equal


@pytest.mark.parametrize("pair", ["0..9", "9..0", f"0..{10**30}", "0..x", "0...1", "-1..0"])
def test_versions_that_are_not_there_are_not_found(registry, viewer, pair):
    (version,) = versions(registry, {"a": b"a"})

    response = viewer.get(f"{version.collection.get_absolute_url()}compare/{pair}/")

    assert response.status_code == 404


def test_two_are_selected_or_chosen_by_their_numbers(registry, viewer):
    first, second, third = versions(registry, {"a": b"1"}, {"a": b"2"}, {"a": b"3"})
    url = first.collection.get_absolute_url()
    other = linked_version(registry, "other")
    leads = {
        f"pick={third.pk}&pick={first.pk}": f"{url}compare/0..2/",
        "before=2&after=1": f"{url}compare/2..1/",
        f"pick={first.pk}": f"{url}versions/",
        f"pick={first.pk}&pick={second.pk}&pick={third.pk}&all=on": f"{url}versions/",
        f"pick={first.pk}&pick={other.pk}": f"{url}versions/",
        "": f"{url}versions/",
    }

    found = {sent: viewer.get(f"{url}compare/?{sent}").url for sent in leads}

    assert found == leads
    assert "Select two versions to compare." in words(viewer.get(f"{url}versions/"))
    by_htmx = viewer.get(f"{url}compare/?before=0&after=1", headers={"HX-Request": "true"})
    assert by_htmx["HX-Redirect"] == f"{url}compare/0..1/"
    for wrong in ("pick=x", "before=x&after=1", "before=-1&after=1", "other=1"):
        assert viewer.get(f"{url}compare/?{wrong}").status_code == 400


def test_it_is_reached_from_the_table_and_from_a_version(registry, viewer):
    first, second = versions(registry, {"a": b"1"}, {"a": b"2"})
    url = first.collection.get_absolute_url()

    table = viewer.get(f"{url}versions/")

    assert f'formaction="{url}compare/" data-key="c"' in table.text
    assert f"{url}compare/0..1/" in links(viewer.get(second.get_absolute_url()))
    assert "Compare with" not in words(viewer.get(first.get_absolute_url()))


def test_many_differences_come_in_pages(registry, viewer):
    old, new = versions(registry, {"a": b"1"}, {"a": b"2"})
    for version, numbers in ((old, range(250)), (new, range(100, 350))):
        blob = version.artifact.entries.get().blob
        Entry.objects.bulk_create(
            Entry(artifact=version.artifact, path=f"f/{n:03}", blob=blob, size=1)
            for n in numbers
        )
        version.artifact.file_count = 251
        version.artifact.save()
    describe(new, {f"key {n}": n for n in range(250)})
    url = f"{old.collection.get_absolute_url()}compare/0..1/"

    first = viewer.get(url)
    (next_page,) = [link for link in links(first) if "after=" in link]
    second = viewer.get(f"{url}{next_page}")

    assert "100 added, 100 removed, 151 changed, 0 equal" in words(first)
    assert "250 of 250 keys differ, the first 200 are shown" in words(first)
    assert [first.text.count("files/f/"), second.text.count("files/f/")] == [199, 151]
    assert next_page.endswith("#files")
    assert "151 shown" in words(second)


def test_more_files_than_are_compared_are_not(registry, viewer, monkeypatch):
    monkeypatch.setattr(differences, "MOST_FILES", 1)
    old, _ = versions(registry, {"a": b"1"}, {"a": b"2"})

    page = viewer.get(f"{old.collection.get_absolute_url()}compare/0..1/")

    assert "v0 has 1 and v1 1 files. More than 1 together are not compared" in words(page)
    assert "files differ" not in words(page)
