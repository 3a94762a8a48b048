from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def blobs(settings, tmp_path):
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.BLOB_DIR.mkdir()
    return settings.BLOB_DIR


def test_the_server_is_ready_when_database_and_blobs_are(client):
    response = client.get("/ready")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "blobs": "ok"}


def test_the_server_is_not_ready_without_its_blobs_and_says_no_more(client, blobs):
    blobs.rmdir()

    response = client.get("/ready")

    assert response.status_code == 503
    assert response.json() == {"database": "ok", "blobs": "away"}


def test_the_server_is_alive_whatever_else(client, blobs, django_assert_num_queries):
    blobs.rmdir()

    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/ready"])
def test_health_is_public_reads_only_and_is_never_cached(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]
    assert client.post(path).status_code == 405
