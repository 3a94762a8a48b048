"""What must be right before the server runs: the data folder, the schema, static files."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from accounts.management.command import Failed, file_sentence

Note = Callable[[str], None]
"""Tells the person at the terminal what takes time."""


@contextmanager
def locked_data() -> Iterator[None]:
    """Hold the data folder, made if missing, against a second server on the same files."""
    folder = settings.DATA_DIR
    try:
        for needed in (folder, settings.BLOB_DIR):
            needed.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=needed).close()
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise Failed(f"The data folder {folder} cannot be used: {_why(error)}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"Accession runs already on the data folder {folder}.") from None
        yield


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def prepare(note: Note) -> None:
    """Bring database and static files up to this version of the code."""
    try:
        _refuse_newer_schema()
        _migrate(note)
    except Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise Failed(f"The database cannot be used: {reason}.") from error
    try:
        _collect_static(note)
    except OSError as error:
        raise Failed(file_sentence(error)) from error


def _refuse_newer_schema() -> None:
    """Raise Failed if migrations were applied that this code has never heard of."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    unknown = sorted(
        key
        for key in set(loader.applied_migrations) - known
        if key[0] in loader.migrated_apps
    )
    if unknown:
        names = ", ".join(f"{app}.{name}" for app, name in unknown)
        raise Failed(
            f"The database belongs to a newer version of Accession ({names}): "
            "update the program."
        )


def _migrate(note: Note) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        note("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def _collect_static(note: Note) -> None:
    """Copy and compress static files, unless those of the last start are the same."""
    stamp = settings.DATA_DIR / "static.sha256"
    present = _fingerprint()
    if stamp.exists() and stamp.read_text() == present and settings.STATIC_ROOT.is_dir():
        return
    note("Preparing static files …")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(present)


def _fingerprint() -> str:
    """Return a digest of the name, size and age of every static file there is."""
    digest = hashlib.sha256(str(django.VERSION).encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            about = Path(storage.path(path)).stat()
            digest.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
