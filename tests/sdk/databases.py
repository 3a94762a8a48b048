"""A database for a live server, beside that of the test run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

try:
    import psycopg
except ImportError:  # then the test run is on SQLite
    psycopg = None


@contextmanager
def own_database(url: str | None) -> Iterator[str]:
    """Make one on the same PostgreSQL; without one, SQLite in the data folder will do."""
    if url is None:
        yield ""
        return
    name = f"live_{uuid.uuid4().hex}"
    _execute(url, f"CREATE DATABASE {name}")
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
