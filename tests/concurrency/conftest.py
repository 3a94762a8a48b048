"""Threads on the real database, begun on a clean floor."""

from __future__ import annotations

import gc

import pytest


@pytest.fixture(autouse=True, scope="module")
def clean_floor() -> None:
    """Collect what earlier modules left while the connection is there that it came from."""
    gc.collect()
