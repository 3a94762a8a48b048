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
        for name in entry.path.split("/")[:-1]:
            path = f"{folder.path}/{name}" if folder.path else name
            folder = folder.folders.setdefault(name, Folder(path))
        folder.files.append(entry)
    return root


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a metadata document, with the keys that lead to it."""

    keys: tuple[str, ...]
    text: str
    is_text: bool


def outline(document: Any, limit: int) -> list[Value]:
    """Return the first values of a JSON document, in its own order."""
    return list(islice(_values(document, ()), limit)) if document != {} else []


def _values(value: Any, keys: tuple[str, ...]) -> Iterator[Value]:
    """Open objects; keep lists of plain values in one row."""
    if isinstance(value, dict) and value and len(keys) < DEEPEST:
        for key, inner in value.items():
            yield from _values(inner, (*keys, key))
    elif _is_list_of_containers(value) and len(keys) < DEEPEST:
        for number, inner in enumerate(value):
            yield from _values(inner, (*keys, str(number)))
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        yield Value(keys, shown, isinstance(value, str))


def _is_list_of_containers(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
