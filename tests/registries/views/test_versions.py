"""The page of a version."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.utils import timezone

from accounts.permissions import Role
from registries.models import Artifact, Blob, Entry
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag
from registries.operations.links import link
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    linked_version,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db

FILES = {"calibration/isotonic.json": b"{}", "model.bin": b"x" * 4100, "README.md": b"# R"}


@pytest.fixture(scope="module")
def made(undone):
    return linked_version(RegistryFactory(name="serving"), "churn", files=FILES)


@pytest.fixture
def version(made):
    return deepcopy(made)


@pytest.fixture
def user(version):
    return person(version.registry, Role.VIEWER)


@pytest.fixture
def viewer(user):
    return signed_in(user)


def page_of(client, version, **query: str):
    return client.get(version.get_absolute_url(), query)


def test_it_says_what_it_is_and_how_to_use_it(version, user, viewer):
    Artifact.objects.update(
        description="Retrained **now**.",
        metadata={"metrics": {"auc": 0.907}, "framework": "xgboost"},
    )
    set_alias(version, "production", by=SYSTEM)
    add_tag(version, "signed-off", by=SYSTEM)

    page = page_of(viewer, version)

    text = words(page)
    for part in (
        "churn v0",
        "production",
        "signed-off",
        "<strong>now</strong>",
        "metrics . auc 0.907",
        "framework xgboost",
        "3 files, 4.1 kB",
        f"md5 {version.artifact.digest}",
        f"sha256 {version.artifact.fingerprint}",
        f"uv run manage.py fetch {version.full_name} ./model --as {user}",
    ):
        assert part in text or part in page.content.decode()


def test_files_are_a_tree_with_a_download_each(version, viewer):
    page = page_of(viewer, version)

    body, address = page.content.decode(), version.get_absolute_url()
    assert "<details open><summary>" in body
    assert 'aria-label="Download model.bin, 4.1 kB"' in body
    assert 'aria-label="Download calibration/isotonic.json, 2 B"' in body
    for path, content in FILES.items():
        assert f"{address}raw/{path}" in links(page)
        assert viewer.get(f"{address}raw/{path}").getvalue() == content


def test_a_path_of_any_kind_leads_to_its_bytes(viewer, version):
    odd = "a b/ß%20#?&\"'<x>;=.txt"
    other = linked_version(version.registry, "odd", files={odd: b"odd"})

    page = page_of(viewer, other)

    (address,) = [link for link in links(page) if "/raw/" in link][:1]
    assert viewer.get(address).getvalue() == b"odd"


def test_a_single_file_has_its_button(version, viewer):
    single = linked_version(version.registry, "single", files={"model.bin": b"x" * 9100})

    assert "Download, 9.1 kB" in words(page_of(viewer, single))
    assert "Download, " not in words(page_of(viewer, version))


def test_a_restricted_viewer_sees_names_and_sizes_only(version):
    client = signed_in(person(version.registry, Role.RESTRICTED_VIEWER))

    page = page_of(client, version)

    text = words(page)
    assert "model.bin" in text
    assert "4.1 kB" in text
    assert "Downloading a file needs the role Viewer in the registry serving" in text
    assert "manage.py fetch" not in text
    assert not [address for address in links(page) if "/raw/" in address]


def test_a_reference_is_named_and_not_downloaded(version, viewer):
    version.artifact.entries.filter(path="model.bin").update(
        blob=None, reference="s3://bucket/model.bin"
    )

    page = page_of(viewer, version)

    assert "model.bin at s3://bucket/model.bin" in words(page)
    assert not [address for address in links(page) if address.endswith("raw/model.bin")]


def test_many_files_come_in_pages_by_path(version, viewer):
    blob = Blob.objects.first()
    Entry.objects.bulk_create(
        Entry(artifact=version.artifact, path=f"images/{n:05}.png", blob=blob, size=1)
        for n in range(10_000)
    )
    Artifact.objects.update(file_count=10_003)

    page = page_of(viewer, version)
    following = viewer.get(version.get_absolute_url() + page.context["page"].next)

    assert "10 003 files" in words(page)
    assert "200 shown" in words(page)
    assert [len(shown.context["page"].rows) for shown in (page, following)] == [200, 200]
    assert page.content.decode().count('class="leaf"') == 200
    assert "images/00400.png" not in words(following)


def test_files_are_found_by_a_part_of_their_path(version, viewer):
    address = version.get_absolute_url()

    part = viewer.get(f"{address}?files=ISO", headers={"hx-request": "true"})
    none = viewer.get(f"{address}?files=none%25")

    assert part.content.decode().strip().startswith('<div id="files">')
    assert "isotonic.json" in words(part)
    assert "model.bin" not in words(part)
    assert "No file has “none%” in its path." in words(none)
    assert "Download all" in words(none)


def test_a_registry_that_takes_no_version_is_refused_at_its_field(version):
    client = signed_in(person(version.registry, Role.MEMBER))
    typed = {"registry": "acme/gone", "collection": "churn"}

    page = client.post(f"{version.get_absolute_url()}link/", typed)

    assert page.status_code == 422
    field = page.content.decode().partition('id="id_registry"')[2].partition("</div>")[0]
    assert 'aria-invalid="true" aria-describedby="id_registry_error"' in field
    assert '<p class="error" id="id_registry_error">' in field


def test_metadata_beyond_the_limit_is_cut(version, viewer):
    Artifact.objects.update(metadata={"list": [{"n": n} for n in range(300)]})

    text = words(page_of(viewer, version))

    assert "the first 200 values" in text
    assert "list . 199 . n 199" in text
    assert "list . 200 . n" not in text


def test_the_switch_leads_to_the_newest_versions_and_this_one(version, viewer):
    newer = [
        linked_version(version.registry, "churn", files={"a": str(n).encode()})
        for n in range(12)
    ]
    set_alias(newer[-1], "staging", by=SYSTEM)

    page = page_of(viewer, version)

    numbers = [sibling.number for sibling in page.context["siblings"]]
    assert numbers == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 0]
    assert "All 13 versions" in words(page)
    assert "v12 latest, staging" in words(page)


def test_other_homes_are_named_as_far_as_one_sees_them(version, user, viewer):
    organization = version.registry.organization
    seen = RegistryFactory(organization=organization, name="seen")
    hidden = RegistryFactory(
        organization=organization, name="hidden", visibility="restricted"
    )
    link(version.artifact, seen, "copy", by=SYSTEM)
    link(version.artifact, hidden, "secret", by=SYSTEM)

    text = words(page_of(viewer, version))

    assert "seen / copy v0" in text
    assert "hidden" not in text
    assert "secret" not in text
    assert "where it was logged" not in text


def test_the_source_is_named_to_those_in_its_team(version):
    team = TeamFactory._meta.model.objects.get()
    user = person(version.registry)
    TeamMembershipFactory(team=team, membership=user.memberships.get())

    text = words(page_of(signed_in(user), version))

    assert f"{team}/uploads / churn v0 where it was logged" in text


def test_the_check_of_digests_is_told_once_every_file_was_checked(version, viewer):
    blobs = Blob.objects.all()
    blobs.update(checked_at=timezone.now())
    assert "Every file matches its digest" in words(page_of(viewer, version))

    Blob.objects.filter(pk=blobs[0].pk).update(checked_at=None)

    assert "Every file matches its digest" not in words(page_of(viewer, version))


def test_a_version_without_files_says_so(version, viewer):
    version.artifact.entries.all().delete()
    Artifact.objects.update(file_count=0, size=0)

    assert "This version has no files." in words(page_of(viewer, version))
