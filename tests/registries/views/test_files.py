"""The bytes of a file, through the address of a version."""

from __future__ import annotations

import logging
from copy import deepcopy
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date

from accounts.models import Event
from accounts.permissions import Role
from registries.models import Blob, Registry
from registries.storage import store
from tests.factories import RegistryFactory, UserFactory, linked_version, person
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 4


@pytest.fixture(scope="module")
def made(undone):
    files = {"model.bin": CONTENT, "empty": b"", "a folder/ß “x”;.json": b"{}"}
    return linked_version(RegistryFactory(), files=files)


@pytest.fixture
def version(made):
    return deepcopy(made)


@pytest.fixture
def viewer(version):
    return signed_in(person(version.registry, Role.VIEWER))


def raw(version, path: str = "model.bin") -> str:
    return f"{version.get_absolute_url()}raw/{path}"


def body(response) -> bytes:
    return response.getvalue()


def test_a_viewer_gets_the_bytes_as_an_attachment_that_nothing_runs(version, viewer):
    response = viewer.get(raw(version))

    assert body(response) == CONTENT
    headers = dict(response.headers)
    sha256 = version.artifact.entries.get(path="model.bin").blob.sha256
    assert headers["Content-Length"] == str(len(CONTENT))
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == 'attachment; filename="model.bin"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["ETag"] == f'"{sha256}"'
    assert headers["Accept-Ranges"] == "bytes"


def test_nothing_tells_that_the_bytes_were_known_before(version, viewer):
    long_ago = timezone.now() - timedelta(days=90)
    Blob.objects.update(created_at=long_ago, checked_at=long_ago)

    assert viewer.head(raw(version))["Last-Modified"] == http_date(
        version.created_at.timestamp()
    )
    pages = [version.get_absolute_url(), f"{version.get_absolute_url()}files/model.bin"]
    for page in map(viewer.get, pages):
        assert "atches its digest" not in words(page)
        assert long_ago.strftime("%Y-%m-%d") not in page.content.decode()


def test_a_restricted_registry_is_kept_by_no_cache():
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    version = linked_version(registry, files={"model.bin": CONTENT})
    client = signed_in(person(registry, Role.VIEWER))

    response = client.get(raw(version))

    assert body(response) == CONTENT
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=1000-", 1000, 1024),
        ("bytes=-24", 1000, 1024),
        ("bytes=-5000", 0, 1024),
        ("bytes=1023-9999", 1023, 1024),
    ],
)
def test_one_range_is_answered_exactly(version, viewer, header, start, stop):
    response = viewer.get(raw(version), headers={"range": header})

    assert response.status_code == 206
    assert body(response) == CONTENT[start:stop]
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
    assert response["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("header", ["bytes=1-2,4-5", "bytes=x", "pages=1-2", "bytes=9-1"])
def test_other_ranges_get_the_whole(version, viewer, header):
    response = viewer.get(raw(version), headers={"range": header})

    assert response.status_code == 200
    assert body(response) == CONTENT
    assert "Content-Range" not in response


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=-0", "bytes=5000-6000"])
def test_a_range_behind_the_end_is_416(version, viewer, header):
    response = viewer.get(raw(version), headers={"range": header})

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"
    assert body(response) == b""


def test_if_range_that_still_holds_gives_the_part(version, viewer):
    etag = viewer.head(raw(version))["ETag"]
    modified = viewer.head(raw(version))["Last-Modified"]

    for value in (etag, modified):
        response = viewer.get(
            raw(version), headers={"range": "bytes=0-9", "if-range": value}
        )
        assert response.status_code == 206
        assert body(response) == CONTENT[:10]


@pytest.mark.parametrize("value", ['"other"', "W/{etag}", http_date(0), "nonsense", ""])
def test_if_range_that_does_not_hold_gives_the_whole(version, viewer, value):
    value = value.replace("{etag}", viewer.head(raw(version))["ETag"])

    response = viewer.get(raw(version), headers={"range": "bytes=0-9", "if-range": value})

    assert response.status_code == 200
    assert body(response) == CONTENT


def test_what_the_browser_has_is_not_sent_again(version, viewer):
    etag = viewer.head(raw(version))["ETag"]

    for value in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        response = viewer.get(raw(version), headers={"if-none-match": value})
        assert response.status_code == 304
        assert body(response) == b""
        assert response["ETag"] == etag


def test_not_modified_comes_before_the_range(version, viewer):
    etag = viewer.head(raw(version))["ETag"]
    headers = {"if-none-match": etag, "range": "bytes=0-9"}

    assert viewer.get(raw(version), headers=headers).status_code == 304


def test_a_precondition_that_fails_is_412(version, viewer):
    response = viewer.get(raw(version), headers={"if-match": '"other"'})

    assert response.status_code == 412


def test_head_has_the_headers_and_no_body(version, viewer):
    response = viewer.head(raw(version), headers={"range": "bytes=0-9"})

    assert response.status_code == 200
    assert response["Content-Length"] == "1024"
    assert body(response) == b""


def test_an_empty_file_is_whole_and_has_no_part(version, viewer):
    whole = viewer.get(raw(version, "empty"))
    part = viewer.get(raw(version, "empty"), headers={"range": "bytes=0-"})

    assert (whole.status_code, body(whole), whole["Content-Length"]) == (200, b"", "0")
    assert (part.status_code, part["Content-Range"]) == (416, "bytes */0")


def test_a_name_is_encoded_and_its_folders_are_dropped(version, viewer):
    response = viewer.get(raw(version, "a%20folder/%C3%9F%20%E2%80%9Cx%E2%80%9D;.json"))

    assert body(response) == b"{}"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%9F%20%E2%80%9Cx%E2%80%9D%3B.json"
    )


@pytest.mark.parametrize(
    "path",
    ["other", "a folder", "model.bin/", "../model.bin", "./model.bin", "%00", "a%0Ab"],
)
def test_what_is_not_in_the_version_is_404(version, viewer, path):
    assert viewer.get(raw(version, path)).status_code == 404


def test_a_reference_has_no_bytes(version, viewer):
    entry = version.artifact.entries.get(path="model.bin")
    entry.blob, entry.reference = None, "s3://bucket/model.bin"
    entry.save()

    assert viewer.get(raw(version)).status_code == 404


def test_a_restricted_viewer_is_told_what_is_missing(version):
    client = signed_in(person(version.registry, Role.RESTRICTED_VIEWER))

    response = client.get(raw(version))

    assert response.status_code == 403
    assert "Downloading a file needs the role Viewer" in words(response)


def test_an_outsider_learns_nothing(version):
    client = signed_in(UserFactory())

    assert client.get(raw(version)).status_code == 404
    assert client.get(raw(version, "other")).status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(version, client):
    response = client.get(raw(version))

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={raw(version)}"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(version, viewer, method):
    assert getattr(viewer, method)(raw(version)).status_code == 405


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_bytes_that_the_store_lost_are_503_and_in_the_log(version, viewer, caplog, damage):
    blob = Blob.objects.get(size=len(CONTENT))
    path = store().folder / blob.sha256[:2] / blob.sha256
    path.unlink() if damage == "missing" else path.write_bytes(CONTENT[:-1])

    with caplog.at_level(logging.ERROR):
        response = viewer.get(raw(version))

    assert response.status_code == 503
    assert response["Retry-After"]
    assert blob.sha256 in caplog.text


def test_downloading_writes_nothing(version, viewer):
    before = Event.objects.count()

    body(viewer.get(raw(version)))

    assert Event.objects.count() == before
