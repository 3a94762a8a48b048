"""Files of this machine that are to be published: which, and their bytes, unchanged."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from accounts.actors import Invalid
from accounts.management.command import Failed, file_sentence
from accounts.text import entry_path
from registries.management.progress import Progress
from registries.storage import chunks


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to publish: its path in the artifact, and what it was when it was found."""

    path: str
    source: Path
    size: int
    mark: tuple[int, int, int]


def files_of(path: Path) -> list[SourceFile]:
    """Return the file that the path names, or all files of the folder, in order."""
    root = _existing(path)
    if not root.is_dir():
        return [_source(path.name, root, path)]
    files = [_found(root, each) for each in sorted(_walk(root))]
    if not files:
        raise Failed(f"{path} holds no files.")
    return files


def read(file: SourceFile, progress: Progress) -> Iterator[bytes]:
    """Yield the file's bytes; fail if it is not what it was when it was found."""
    with _open(file) as stream:
        _refuse_changed(file, stream.fileno())
        left = file.size
        for chunk in chunks(stream):
            left -= len(chunk)
            if left < 0:
                break  # it grows: the marks differ below
            progress.advance(len(chunk))
            yield chunk
        _refuse_changed(file, stream.fileno())


def _existing(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it links to itself"
        raise Failed(f"{path}: {reason}.") from error


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, onerror=_stop):
        for name in folders:
            if Path(folder, name).is_symlink():
                shown = _artifact_path(root, Path(folder, name))
                raise Failed(f"{shown} is a link to a folder. Publish a copy without it.")
        yield from (Path(folder, name) for name in names)


def _stop(error: OSError) -> None:
    raise Failed(file_sentence(error)) from error


def _found(root: Path, each: Path) -> SourceFile:
    """A file of the folder; a link must lead to a file of the same folder."""
    path = _artifact_path(root, each)
    target = _existing(each)
    if not target.is_relative_to(root):
        raise Failed(f"{path} is a link that leaves the folder. Publish a copy of it.")
    return _source(path, target, each)


def _artifact_path(root: Path, each: Path) -> str:
    relative = each.relative_to(root).as_posix()
    try:
        return entry_path(relative)
    except Invalid as invalid:
        raise Failed(f"{relative!a} cannot be published: {invalid}") from invalid


def _source(path: str, target: Path, shown: Path) -> SourceFile:
    status = target.stat()
    if not stat.S_ISREG(status.st_mode):
        raise Failed(f"{shown} is not a file.")
    if not os.access(target, os.R_OK):
        raise Failed(f"{shown} cannot be read: Permission denied.")
    return SourceFile(entry_path(path), target, status.st_size, _mark(status))


def _open(file: SourceFile) -> BinaryIO:
    """Open it without following a link that was put there since."""
    return os.fdopen(os.open(file.source, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _refuse_changed(file: SourceFile, descriptor: int) -> None:
    if _mark(os.fstat(descriptor)) != file.mark:
        raise Failed(f"{file.path} changed while it was read. Publish again.")


def _mark(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
