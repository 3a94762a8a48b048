"""Nested things as pages show them: files as a tree, metadata as rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from registries.models import Entry

LONGEST = 500
"""How many characters of one value are shown."""
LONGEST_KEY = 120
"""How many of each key that leads to one."""
DEEPEST = 8
"""How many keys lead to one value; what lies deeper is shown as JSON."""
FOLDERS = 30
"""How many folders stand in one another; what lies deeper stands there with its way."""


ENCODER = json.JSONEncoder(ensure_ascii=False)

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
    return [shown(keys, leaf) for keys, leaf in islice(leaves(document), limit)]


def shown(keys: Keys, leaf: Any) -> Value:
    """Return a value as a page shows it, however long it is."""
    names = tuple(cut(key, LONGEST_KEY) for key in keys)
    return Value(names, written(leaf), isinstance(leaf, str))


def written(leaf: Any) -> str:
    """Write a value as text or JSON; of a large one no more than is shown."""
    if isinstance(leaf, str):
        return cut(leaf)
    return _beginning(leaf) if isinstance(leaf, dict | list) else cut(as_json(leaf))


def leaves(
    document: Any, said: Callable[[Any], Any] = lambda value: value
) -> Iterator[tuple[Keys, Any]]:
    """Return each value of a JSON document, as said, with the keys that lead to it."""
    return _leaves(document, (), said) if document != {} else iter(())


def _leaves(
    value: Any, keys: Keys, said: Callable[[Any], Any]
) -> Iterator[tuple[Keys, Any]]:
    """Open objects; keep lists of plain values in one row."""
    value = said(value)
    if isinstance(value, dict) and value and len(keys) < DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, (*keys, key), said)
    elif _is_list_of_containers(value) and len(keys) < DEEPEST:
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*keys, str(number)), said)
    else:
        yield keys, value


def as_json(value: Any) -> str:
    """Write a value as JSON, letters as they are."""
    return ENCODER.encode(value)


def _beginning(value: Any) -> str:
    text = ""
    for piece in ENCODER.iterencode(value):
        text += cut(piece)
        if len(text) > LONGEST:
            break
    return cut(text)


def cut(text: str, longest: int = LONGEST) -> str:
    """Return as much of a value as is shown."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def _is_list_of_containers(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
