"""Fixtures of the whole suite."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Real password hashing takes a quarter of a second; it is tested where it matters."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def own_blobs(settings, tmp_path: Path) -> Path:
    """A store of its own for each test."""
    settings.BLOB_DIR = tmp_path / "blobs"
    return settings.BLOB_DIR
