"""The page of a file: what is shown of it, to whom, and of what nothing is."""

from __future__ import annotations

import json
import struct
import zlib

import pytest

from accounts.permissions import Role
from registries.models import Entry, Registry
from tests.factories import RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db


def png(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header
    return start + struct.pack(">I", zlib.crc32(header))


def shown(path: str, content: bytes, role: Role = Role.VIEWER):
    """The page of a file with that name and content."""
    version = linked_version(RegistryFactory(), files={path: content})
    client = signed_in(person(version.registry, role))
    return client.get(f"{version.get_absolute_url()}files/{path}")


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("train.py", b"print('<b>hi</b>')\n", "print('<b>hi</b>')"),
        ("README.md", b"# About\n\nIt *works*.", "About It works ."),
        ("config.json", b'{"a": {"b": [1, 2]}, "c": "d"}', "a . b [1, 2] c d"),
        ("list.json", b"[1, 2]", "all of it [1, 2]"),
        ("rows.csv", b'name,"a, b"\nx,1\ny,2\n', "name a, b x 1 y 2"),
        ("rows.tsv", b"name\tage\nx\t1\n", "name age x 1"),
        ("utf16.txt", "größe".encode("utf-16"), "größe"),
        ("empty.txt", b"", "This file is empty."),
        ("weights.bin", bytes(range(256)) * 4, "This is not text"),
        ("one-line.csv", b"alone", "alone"),
        ("broken.json", b'{"a": ', '{"a":'),
    ],
)
def test_a_file_is_shown_as_what_it_is(path, content, expected):
    response = shown(path, content)

    assert response.status_code == 200
    assert expected in words(response)


HOSTILE = {
    "deep.json": b"[" * 200_000 + b"]" * 200_000,
    "digits.json": b'{"a": ' + b"9" * 5000 + b"}",
    "surrogate.json": b'{"a\\ud800": "\\udfff\\u0000\\u202e"}',
    "same-keys.json": b'{"a": 1, "a": 2}',
    "nan.json": b'{"a": NaN, "b": Infinity}',
    "nested.md": b">" * 20_000 + b" deep",
    "script.md": b"<script>alert(1)</script> [x](javascript:alert(1)) ![](http://x/y)",
    "page.html": b"<script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "bidi.py": "access = 'user\u202e\u2066# \u2069\u2066'".encode(),
    "quote.csv": b'a,"b\n' + b"c," * 100_000,
    "wide.csv": b",".join([b"x"] * 100_000) + b"\n" + b"y,z\n",
    "nul.csv": b"a,b\n\0,1\n" * 10,
    "long.txt": b"x" * (3 << 20),
    "cut.txt": "ß".encode() * (1 << 20),
    "png-inside.txt": b"\x89PNG\r\n\x1a\n",
    "bomb.png": png(60_000, 60_000),
    "no-size.png": png(0, 5),
    "cut.jpg": b"\xff\xd8\xff\xe0\xff",
    "cut.webp": b"RIFF\0\0\0\0WEBPVP8X",
    "archive.zip": b"PK\x03\x04" + bytes(100),
    "model.pkl": b"\x80\x04\x95cposix\nsystem\n.",
}


@pytest.mark.parametrize("path", HOSTILE)
def test_hostile_files_are_shown_harmlessly_or_not_at_all(path):
    response = shown(path, HOSTILE[path])

    body = response.content.decode()
    assert response.status_code == 200
    assert len(body) < 400_000
    assert "<script>alert" not in body
    assert 'href="javascript:' not in body
    assert "onload='alert" not in body
    assert "<img" not in body
    assert "\u202e" not in body


def test_an_image_is_drawn_from_its_own_address_and_runs_nothing():
    version = linked_version(RegistryFactory(), files={"plots/a b.png": png(640, 480)})
    client = signed_in(person(version.registry, Role.VIEWER))

    page = client.get(f"{version.get_absolute_url()}files/plots/a b.png")
    address = f"{version.get_absolute_url()}image/plots/a%20b.png"
    image = client.get(address)

    assert f'<img src="{address}"' in page.content.decode()
    assert "640 by 480 pixels" in words(page)
    assert image.getvalue() == png(640, 480)
    assert image["Content-Type"] == "image/png"
    assert image["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert image["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("role", "status"), [(None, 404), (Role.RESTRICTED_VIEWER, 403), (Role.VIEWER, 200)]
)
def test_an_image_is_for_those_who_may_download(role, status):
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    version = linked_version(registry, files={"a.png": png(1, 1)})
    client = signed_in(person(registry, role))

    response = client.get(f"{version.get_absolute_url()}image/a.png")
    response.close()

    assert response.status_code == status


@pytest.mark.parametrize("content", [b"<svg/>", b"<html>", b"", b"GIF8", b"\0" * 100])
def test_what_is_no_image_is_never_sent_as_one(content):
    version = linked_version(RegistryFactory(), files={"a.png": content})
    client = signed_in(person(version.registry, Role.VIEWER))

    assert client.get(f"{version.get_absolute_url()}image/a.png").status_code == 404


def test_a_restricted_viewer_sees_the_facts_and_what_is_missing():
    response = shown("secret.txt", b"the content", Role.RESTRICTED_VIEWER)

    assert response.status_code == 200
    assert "the content" not in response.content.decode()
    assert "needs the role Viewer" in words(response)
    assert "sha256" in words(response)


def test_a_reference_is_named_and_not_fetched():
    version = linked_version(RegistryFactory())
    entry = Entry.objects.create(
        artifact=version.artifact,
        path="far.bin",
        reference="https://example.org/far.bin",
        digest="etag",
        size=5,
    )
    client = signed_in(person(version.registry, Role.VIEWER))

    response = client.get(f"{version.get_absolute_url()}files/{entry.path}")

    assert "https://example.org/far.bin" in words(response)
    assert "nothing is fetched" in words(response)


def test_a_table_and_a_document_say_that_they_go_on():
    rows = b"a,b\n" + b"1,2\n" * 500
    document = json.dumps({str(number): number for number in range(900)}).encode()

    for path, content in (("rows.csv", rows), ("big.json", document)):
        assert "the beginning of it" in words(shown(path, content))
