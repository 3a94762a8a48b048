"""Many files as one zip, through the address of a version."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from accounts.permissions import Role
from registries.models import Registry
from registries.storage import store
from registries.views import archives
from tests.factories import RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db

FILES = {
    "config.json": b"{}",
    "empty": b"",
    "Weights/other.bin": b"other",
    "weights/ß “x”.bin": b"w" * 300_000,
    "weights/deep/er/a.bin": b"a",
    "weights.txt": b"beside",
}


@pytest.fixture
def version():
    return linked_version(RegistryFactory(), files=FILES)


@pytest.fixture
def viewer(version):
    return signed_in(person(version.registry, Role.VIEWER))


def address(version) -> str:
    return f"{version.get_absolute_url()}zip/"


def unpacked(response) -> dict[str, bytes]:
    content = response.getvalue()
    assert len(content) == int(response["Content-Length"])
    with ZipFile(BytesIO(content)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def test_a_version_comes_whole_with_its_size_announced(version, viewer):
    response = viewer.get(address(version))

    assert unpacked(response) == FILES
    name = f"{version.collection}-v{version.number}.zip"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Accept-Ranges" not in response


def test_a_folder_comes_under_its_own_name_and_nothing_beside_it(version, viewer):
    response = viewer.get(address(version), {"folder": "weights"})

    assert unpacked(response) == {
        "ß “x”.bin": FILES["weights/ß “x”.bin"],
        "deep/er/a.bin": b"a",
    }
    assert response["Content-Disposition"] == 'attachment; filename="weights.zip"'


def test_the_head_has_the_size_and_no_content(version, viewer):
    whole, head = viewer.get(address(version)), viewer.head(address(version))

    assert head.getvalue() == b""
    assert head["Content-Length"] == whole["Content-Length"]


def test_names_that_a_system_would_misread_are_made_harmless_and_stay_apart():
    files = {"..\\..\\evil.dll": b"1", "C:evil": b"2", "a?b": b"3", "a_b": b"4"}
    version = linked_version(RegistryFactory(), files=files)
    viewer = signed_in(person(version.registry, Role.VIEWER))

    names = unpacked(viewer.get(address(version)))

    assert names == {".._.._evil.dll": b"1", "C_evil": b"2", "a_b": b"3", "a_b (2)": b"4"}


def test_no_file_takes_the_place_of_another_where_case_does_not_count():
    files = {"A/x.txt": b"1", "a/X.txt": b"2", "a/x (2).txt": b"3", "a/x.TXT": b"4"}
    files |= {"A/é": b"5", "a/e\u0301": b"6", "Data": b"7", "data/of/it": b"8"}
    version = linked_version(RegistryFactory(), files=files)
    viewer = signed_in(person(version.registry, Role.VIEWER))

    names = unpacked(viewer.get(address(version)))

    assert names == {
        "A/x.txt": b"1",
        "a/X (2).txt": b"2",
        "a/x (2) (2).txt": b"3",
        "a/x (3).TXT": b"4",
        "A/é": b"5",
        "a/e\u0301 (2)": b"6",
        "Data (2)": b"7",
        "data/of/it": b"8",
    }


@pytest.mark.parametrize("folder", ["nothing", "weight", "../..", "Config.json", "\0"])
def test_a_folder_that_is_not_there_is_not_found(version, viewer, folder):
    assert viewer.get(address(version), {"folder": folder}).status_code == 404


def test_a_restricted_viewer_is_told_what_is_missing(version):
    client = signed_in(person(version.registry, Role.RESTRICTED_VIEWER))

    for query in ({}, {"folder": "weights"}):
        response = client.get(address(version), query)
        assert response.status_code == 403
        assert b"Viewer" in response.content


def test_a_restricted_registry_is_kept_by_no_cache():
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    version = linked_version(registry, files=FILES)

    response = signed_in(person(registry, Role.VIEWER)).get(address(version))

    assert unpacked(response) == FILES
    assert response["Cache-Control"] == "private, no-store"


def test_more_files_than_an_archive_holds_are_refused(version, viewer, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", len(FILES) - 1)

    response = viewer.get(address(version))

    assert response.status_code == 413
    assert "at most 5 files" in response.content.decode()


def test_bytes_that_are_gone_are_told_before_anything_is_sent(version, viewer):
    store().delete(version.artifact.entries.get(path="config.json").blob.sha256)

    assert viewer.get(address(version)).status_code == 503
