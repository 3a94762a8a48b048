"""A database for a live server, beside that of the test run; and a look into it."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

try:
    import psycopg
except ImportError:  # then the test run is on SQLite
    psycopg = None

type Ask = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""A statement with `?` for its values."""


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


@contextmanager
def looking_into(place: str | Path) -> Iterator[Ask]:
    """Ask a PostgreSQL by address, or an SQLite by file, past the product."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as database:
            yield lambda said, values: database.execute(said, values).fetchall()
        return
    with psycopg.connect(place) as database:
        yield lambda said, values: database.execute(
            said.replace("?", "%s"), values
        ).fetchall()


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
