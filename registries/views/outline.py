"""Nested things as pages show them: files as a tree, metadata as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from registries.models import Entry

LONGEST = 500
"""How many characters of one value are shown."""
DEEPEST = 8
"""How many keys lead to one value; what lies deeper is shown as JSON."""
FOLDERS = 30
"""How many folders stand in one another; what lies deeper stands there with its way."""


type Keys = tuple[str, ...]


@dataclass(slots=True)
class Folder:
    """A folder with what is in it, as far as it is on this page."""

    path: str
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[Entry] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def inside(self) -> list[Folder]:
        """The folders in it."""
        return list(self.folders.values())

    @property
    def file_count(self) -> int:
        """How many files are in it, at any depth."""
        return len(self.files) + sum(folder.file_count for folder in self.inside)

    @property
    def size(self) -> int:
        """The bytes of the files in it, at any depth."""
        own = sum(entry.size for entry in self.files)
        return own + sum(folder.size for folder in self.inside)


def tree(entries: Iterable[Entry]) -> Folder:
    """Put entries into the folders that their paths name."""
    root = Folder("")
    for entry in entries:
        folder = root
        for name in entry.path.split("/")[:-1][:FOLDERS]:
            path = f"{folder.path}/{name}" if folder.path else name
            folder = folder.folders.setdefault(name, Folder(path))
        folder.files.append(entry)
    return root


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a metadata document, with the keys that lead to it."""

    keys: Keys
    text: str
    is_text: bool


def outline(document: Any, limit: int) -> list[Value]:
    """Return the first values of a JSON document, in its own order."""
    return [Value(keys, *_shown(leaf)) for keys, leaf in islice(leaves(document), limit)]


def leaves(document: Any) -> Iterator[tuple[Keys, Any]]:
    """Return each value of a JSON document with the keys that lead to it."""
    return _leaves(document, ()) if document != {} else iter(())


def _leaves(value: Any, keys: Keys) -> Iterator[tuple[Keys, Any]]:
    """Open objects; keep lists of plain values in one row."""
    if isinstance(value, dict) and value and len(keys) < DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, (*keys, key))
    elif _is_list_of_containers(value) and len(keys) < DEEPEST:
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*keys, str(number)))
    else:
        yield keys, value


def _shown(value: Any) -> tuple[str, bool]:
    is_text = isinstance(value, str)
    return cut(value if is_text else as_json(value)), is_text


def as_json(value: Any) -> str:
    """Write a value as JSON, letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def cut(text: str) -> str:
    """Return as much of a value as is shown."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _is_list_of_containers(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
