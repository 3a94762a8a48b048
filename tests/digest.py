"""A digest of everything that is kept: every row of every table, every stored file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from registries.storage import store

type Rows = dict[str, list[str]]

KEPT = {ContentType, Permission}
"""Written by `migrate`, and anew whenever all else is emptied."""
WRITTEN = """
SELECT pg_current_xact_id_if_assigned()::text, sum(n_tup_ins + n_tup_upd + n_tup_del)
FROM pg_stat_xact_user_tables
"""
_read: dict[str, Any] = {}
"""The rows as they were read last, in which test and after how many writes."""


def everything() -> Rows:
    """All rows by table, and the names of all files in the store."""
    return rows() | {"files": files()}


def rows() -> Rows:
    """All rows by table; read anew where anything was written since, as far as is known."""
    seen = os.environ["PYTEST_CURRENT_TEST"], writes()
    if seen[1] is None or _read.get("seen") != seen:
        tables = connection.introspection.table_names()
        _read.update(seen=seen, rows={table: _rows(table) for table in tables})
    return dict(_read["rows"])


def emptied() -> list[str]:
    """Empty what is empty between two modules; return the tables in which there were rows.

    `flush` asks for every table and index, and for what `migrate` wrote, however few rows.
    """
    models = (model for model in apps.get_models(include_auto_created=True))
    tables = sorted({model._meta.db_table for model in models if model not in KEPT})
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    with transaction.atomic(), connection.cursor() as cursor:  # keys are checked at its end
        cursor.execute(" UNION ALL ".join(asked))
        left = [table for (table,) in cursor.fetchall()]
        for table in left:
            cursor.execute(f"DELETE FROM {table}")
    return left


def files() -> list[str]:
    """The names of all files in the store."""
    return sorted(file.sha256 for file in store().stored())


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return sorted(map(repr, cursor.fetchall()))


def writes() -> tuple[object, ...] | None:
    """How many rows were ever written, undone or not; None where the database cannot say.

    Where it did not grow, there is nothing to compare.
    """
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return (connection.connection.total_changes,)
    if not connection.in_atomic_block:
        return None  # PostgreSQL counts within a transaction
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return tuple(cursor.fetchone())


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
    _read.clear()
