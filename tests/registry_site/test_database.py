"""The database as the settings promise it, on whichever of the two the suite runs."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import postgres
from tests.needs import lacks

pytestmark = pytest.mark.django_db


def value(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
def test_sqlite_loses_nothing_and_waits_for_its_turn():
    assert value("PRAGMA journal_mode") == "wal"
    assert value("PRAGMA synchronous") == 2
    assert value("PRAGMA foreign_keys") == 1
    assert value("PRAGMA busy_timeout") == 20_000


@pytest.mark.parametrize(
    ("setting", "expected"), [("lock_timeout", "20s"), ("statement_timeout", "2min")]
)
def test_postgresql_never_waits_for_ever(setting, expected):
    if connection.vendor != "postgresql":
        lacks("postgres", postgres.HOW_TO_GET_IT)

    assert value(f"SHOW {setting}") == expected
