"""Fetching a version into a folder: resumed, verified, never outside it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from accounts.management.command import Failed
from accounts.text import entry_path
from registries.management.progress import Progress
from registries.models import Artifact, Entry
from registries.storage import chunks, store
from registries.storage.base import Hashing

CHECK = f"Check all of it: {settings.MANAGE} verify_blobs"


@dataclass(slots=True)
class Plan:
    """What is to be done with each entry of an artifact."""

    write: list[Entry] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)
    different: list[Entry] = field(default_factory=list)
    references: list[Entry] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The bytes to write."""
        return sum(entry.size for entry in (*self.write, *self.different))


class Destination:
    """The folder that is written into, and nothing outside it."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise Failed(f"{folder} is a file; name a folder.")
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder.resolve()

    def path(self, entry: Entry) -> Path:
        """Where the entry goes; no part of the way may be a link out of the folder."""
        path = self.folder / entry_path(entry.path)
        if not path.parent.resolve().is_relative_to(self.folder):
            raise Failed(f"{entry.path} would be written outside {self.folder}.")
        return path

    def partial(self, entry: Entry) -> Path:
        """Where bytes wait until they are whole: named by content, for any later fetch."""
        assert entry.blob is not None
        return self.folder / f".{entry.blob.sha256}.part"

    def holds(self, entry: Entry) -> bool:
        """Whether the file is there with exactly these bytes."""
        assert entry.blob is not None
        path = self.path(entry)
        if path.is_symlink() or not path.is_file() or path.stat().st_size != entry.size:
            return False
        with path.open("rb") as stream:
            return _hashed(stream).sha256 == entry.blob.sha256

    def plan(self, artifact: Artifact) -> Plan:
        """Sort the entries: to write, there already, in the way, and elsewhere."""
        plan = Plan()
        # All at once, which the plan holds anyway: no cursor is open while files are read.
        for entry in artifact.entries.select_related("blob").order_by("path"):
            if entry.blob is None:
                plan.references.append(entry)
            elif not os.path.lexists(self.path(entry)):
                plan.write.append(entry)
            elif self.holds(entry):
                plan.kept.append(entry)
            else:
                plan.different.append(entry)
        if self._ignores_case():
            refuse_clashes(
                entry.path for entry in (*plan.write, *plan.kept, *plan.different)
            )
        return plan

    def _ignores_case(self) -> bool:
        probe = self.folder / f".case-{os.getpid()}"
        probe.touch()
        try:
            return probe.with_name(probe.name.upper()).exists()
        finally:
            probe.unlink()


def refuse_clashes(paths: Iterable[str]) -> None:
    """Fail where two paths are one file on a disk that ignores upper and lower case."""
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            raise Failed(f"{other} and {path} are one file on this disk.")


def fetch(plan: Plan, destination: Destination, progress: Progress) -> None:
    """Write what the plan says, each under its name only once it is whole and right."""
    replaced = {entry.pk for entry in plan.different}
    for entry in (*plan.write, *plan.different):
        path, partial = destination.path(entry), destination.partial(entry)
        _complete(entry, partial, progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(destination.path(entry)) and entry.pk not in replaced:
            raise Failed(f"{path} was not there before: somebody else writes here.")
        partial.replace(path)


def _complete(entry: Entry, partial: Path, progress: Progress) -> None:
    """Fill the partial file, going on where it ends; start over once if it was wrong."""
    assert entry.blob is not None
    for is_last_try in (False, True):
        with _open_partial(partial) as file:
            if is_last_try:
                file.truncate()
            hashing = _fill(entry.blob.sha256, file, progress)
        if (hashing.sha256, hashing.size) == (entry.blob.sha256, entry.size):
            return
    partial.unlink()
    raise Failed(f"{entry.path} is damaged in the store. {CHECK}")


def _open_partial(partial: Path) -> BinaryIO:
    """Open it for us alone: two fetches into one folder must not share it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    file = os.fdopen(os.open(partial, flags, 0o666), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Failed(f"Another fetch writes into {partial.parent}.") from None
    return file


def _fill(sha256: str, file: BinaryIO, progress: Progress) -> Hashing:
    hashing = _hashed(file)
    progress.advance(hashing.size)
    with _stored(sha256) as source:
        source.seek(hashing.size)
        for chunk in chunks(source):
            hashing.update(chunk)
            file.write(chunk)
            progress.advance(len(chunk))
    return hashing


def _stored(sha256: str) -> BinaryIO:
    try:
        return store().open(sha256)
    except FileNotFoundError:
        raise Failed(f"The bytes {sha256} are missing in the store. {CHECK}") from None


def _hashed(stream: BinaryIO) -> Hashing:
    hashing = Hashing()
    for chunk in chunks(stream):
        hashing.update(chunk)
    return hashing


def names(entries: list[Entry]) -> str:
    """Name the first few of them."""
    shown: Iterator[str] = (entry.path for entry in entries[:3])
    more = len(entries) - 3
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
