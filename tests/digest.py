"""A digest of everything that is kept: every row of every table, every stored file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from registries.storage import store

type Rows = dict[str, list[str]]


def everything() -> Rows:
    """All rows by table, and the names of all files in the store."""
    rows = {table: _rows(table) for table in connection.introspection.table_names()}
    return rows | {"files": sorted(file.sha256 for file in store().stored())}


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return sorted(map(repr, cursor.fetchall()))


@contextmanager
def unchanged() -> Iterator[None]:
    """Fail where anything that is kept differs afterwards."""
    before = everything()
    yield
    after = everything()
    changed = [table for table, rows in after.items() if rows != before.get(table)]
    assert changed == []
