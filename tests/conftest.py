"""Fixtures of the whole suite."""

from __future__ import annotations

import gc
import pkgutil
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4
from weakref import WeakSet

import pytest
from django.db.models.sql import compiler
from django.db.models.sql.compiler import cursor_iter
from django.test import TransactionTestCase, override_settings
from hypothesis import HealthCheck, settings

import accounts
import registries
import registry_site
from tests.cast import Cast, build_cast
from tests.digest import emptied
from tests.digest import unchanged as _unchanged
from tests.digest import undone as _undone

HERE = {"127.0.0.1", "::1", "localhost"}
FIGURES = pytest.StashKey[list[str]]()

# How fast the machine is, is asked nowhere.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


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


@pytest.fixture(autouse=True, scope="session")
def quick_end() -> Iterator[None]:
    """After a test with transactions of its own, empty only what it filled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: emptied())
        yield


@pytest.fixture(scope="module")
def module_blobs(tmp_path_factory) -> Path:
    """The store of what a module makes once; no other module meets it."""
    return tmp_path_factory.mktemp("module") / "blobs"


@pytest.fixture(autouse=True)
def own_blobs(request, settings, tmp_path_factory) -> Path:
    """A store of its own for each test, with what its module made; the cast's is shared.

    Its folder is there with its first file: most tests store nothing.
    """
    store = tmp_path_factory.getbasetemp() / "stores" / uuid4().hex / "blobs"
    if "undone" in request.fixturenames:
        made: Path = request.getfixturevalue("module_blobs")
        if "cast" in request.fixturenames:
            store = made
        elif made.exists():
            shutil.copytree(made, store)
    settings.BLOB_DIR = store
    return store


@pytest.fixture(scope="module")
def undone(django_db_setup, django_db_blocker, module_blobs) -> Iterator[None]:
    """A transaction around all that a module makes once; rolled back after it.

    A test takes a `deepcopy` of it: as it was made, whatever others did to theirs.
    """
    blobs = override_settings(BLOB_DIR=module_blobs)
    with django_db_blocker.unblock(), blobs, _undone():
        yield


@pytest.fixture(scope="module")
def cast(undone) -> Cast:
    """The cast, built once a module."""
    return build_cast()


@pytest.fixture(autouse=True, scope="module")
def leaves_nothing(request, django_db_blocker) -> Iterator[None]:
    """Fail a module that leaves rows behind: whatever counts rows would meet them."""
    tests = (item for item in request.session.items if item.path == request.path)
    if not any(map(_uses_database, tests)):
        yield
        return
    request.getfixturevalue("django_db_setup")
    yield
    with django_db_blocker.unblock():
        left = emptied()
    assert not left, f"{request.path.name} leaves rows in {', '.join(left)}."


def _uses_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None


@pytest.fixture
def unchanged(own_blobs: Path) -> Callable[[], AbstractContextManager[None]]:
    """`with unchanged():` fails when a row or a stored file is not as it was before."""
    return _unchanged


@pytest.fixture
def open_cursors(monkeypatch) -> Iterator[WeakSet[Any]]:
    """What still reads rows; without the collector of cycles, in which refusals are."""
    reading: WeakSet[Any] = WeakSet()

    def watched(*arguments: Any) -> Any:
        reading.add(rows := cursor_iter(*arguments))
        return rows

    monkeypatch.setattr(compiler, "cursor_iter", watched)
    gc.disable()
    yield reading
    gc.enable()


@pytest.fixture(scope="session")
def figure(request) -> Callable[[str], None]:
    """`figure("…")` says what was measured, in the summary at the end of the run."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_collection_finish() -> None:
    """Load all of ours, and leave it to itself: to look through it for cycles takes long.

    Hypothesis draws from the constants in those of our modules that are loaded: the same
    examples, whatever ran before, need the same modules.
    """
    for package in (accounts, registries, registry_site):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was measured to the run that this process works for, if it does."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = session.config.stash.get(FIGURES, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take in what was measured by a process of `pytest -n`."""
    measured = getattr(node, "workeroutput", {}).get("figures", [])
    node.config.stash.setdefault(FIGURES, []).extend(measured)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    figures = terminalreporter.config.stash.get(FIGURES, [])
    if figures:
        terminalreporter.section("figures")
    for line in figures:
        terminalreporter.write_line(line)
