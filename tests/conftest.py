"""Fixtures of the whole suite."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from tests.cast import Cast, build_cast
from tests.digest import unchanged as _unchanged

HERE = {"127.0.0.1", "::1", "localhost"}
FIGURES = pytest.StashKey[list[str]]()


def _stay_here(event: str, arguments: tuple[object, ...]) -> None:
    """Let no test connect to another machine."""
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in HERE:
            raise RuntimeError(f"A test connects to {address}.")


sys.addaudithook(_stay_here)


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Real password hashing takes a quarter of a second; it is tested where it matters."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def cast_blobs(tmp_path_factory) -> Path:
    """The store of the cast's files; what one module leaves there, no other one meets."""
    return tmp_path_factory.mktemp("cast")


@pytest.fixture(autouse=True)
def own_blobs(request, settings) -> Path:
    """A store of its own for each test; that of the cast, where a test asks for it."""
    with_cast = "cast" in request.fixturenames
    folder = request.getfixturevalue("cast_blobs" if with_cast else "tmp_path")
    settings.BLOB_DIR = folder / "blobs"
    return settings.BLOB_DIR


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker, cast_blobs) -> Iterator[Cast]:
    """The cast, built once a module, in a transaction that is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(BLOB_DIR=cast_blobs / "blobs"):
            built = build_cast()
        yield built
        transaction.set_rollback(True)


@pytest.fixture
def unchanged(own_blobs: Path) -> Callable[[], AbstractContextManager[None]]:
    """`with unchanged():` fails when a row or a stored file is not as it was before."""
    return _unchanged


@pytest.fixture(scope="session")
def figure(request) -> Callable[[str], None]:
    """`figure("…")` says what was measured, in the summary at the end of the run."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    figures = terminalreporter.config.stash.get(FIGURES, [])
    if figures:
        terminalreporter.section("figures")
    for line in figures:
        terminalreporter.write_line(line)
