"""A digest of everything that is kept: every row of every table, every stored file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from registries.storage import store

type Rows = dict[str, list[str]]


def everything() -> Rows:
    """All rows by table, and the names of all files in the store."""
    return rows() | {"files": files()}


def rows() -> Rows:
    """All rows by table."""
    return {table: _rows(table) for table in connection.introspection.table_names()}


def files() -> list[str]:
    """The names of all files in the store."""
    return sorted(file.sha256 for file in store().stored())


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return sorted(map(repr, cursor.fetchall()))


def writes() -> int | None:
    """How many rows were ever written, undone or not; None where the database cannot say.

    Where it did not grow, there is nothing to compare.
    """
    if connection.vendor != "sqlite":
        return None
    connection.ensure_connection()
    total: int = connection.connection.total_changes
    return total


def differences(before: Rows, after: Rows) -> list[str]:
    """The tables that differ."""
    return [table for table, rows in after.items() if rows != before.get(table)]


@contextmanager
def unchanged() -> Iterator[None]:
    """Fail where anything that is kept differs afterwards."""
    before, stored, written = rows(), files(), writes()
    yield
    assert files() == stored
    if written is None or writes() != written:
        assert differences(before, rows()) == []


@contextmanager
def undone() -> Iterator[None]:
    """Do what follows, and roll it back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
