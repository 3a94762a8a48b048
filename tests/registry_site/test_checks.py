from __future__ import annotations

import pytest
from django.db import connection

from registry_site import checks


@pytest.fixture(autouse=True)
def blobs(settings, tmp_path):
    settings.BLOB_DIR = tmp_path
    return settings.BLOB_DIR


def ids(messages) -> list[str]:
    return [message.id for message in messages]


def test_a_blob_store_that_can_be_written_is_fine():
    assert checks.blob_store() == []


def test_a_blob_store_that_is_away_is_an_error(settings, blobs):
    settings.BLOB_DIR = blobs / "nowhere"

    assert ids(checks.blob_store()) == ["accession.E001"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite")
@pytest.mark.parametrize(
    ("mode", "expected"), [("wal", []), ("delete", ["accession.E003"])]
)
def test_sqlite_without_write_ahead_log_is_an_error(mode, expected):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode={mode}")
        try:
            assert ids(checks.write_ahead_log(databases=["default"])) == expected
        finally:
            cursor.execute("PRAGMA journal_mode=wal")


def test_one_secret_for_two_things_is_an_error(settings):
    assert checks.keys() == []

    settings.TRANSFER_KEY = settings.API_KEY_PEPPER

    assert ids(checks.keys()) == ["accession.E004"]


def test_plain_http_is_a_warning(settings):
    settings.BASE_URL = "http://registry.example.org"
    assert ids(checks.base_url()) == ["accession.W001"]

    settings.BASE_URL = "https://registry.example.org"
    assert checks.base_url() == []
