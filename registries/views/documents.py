"""The configuration and the summary of a run, as far as they are looked for."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, TextField
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Cast, Left

from registries.models import Run, RunFile
from registries.views.outline import Keys, Value, leaves, shown, written

MOST = 100
"""How many values of each are shown at once."""
EXAMINED = 20_000
"""How many values of each are looked at."""
READ = 1 << 20
"""How many characters of each are read."""
CONFIG_FILE, SUMMARY_FILE = "config.yaml", "wandb-summary.json"
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Document:
    """The first values that match, how many match, and how many were looked at."""

    values: list[Value]
    matching: int
    count: int
    is_whole: bool
    file: str
    """In which the SDK left all of it; empty if that is not here."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Both documents of a run, as far as they are read, and what else is asked of them."""

    config: str
    summary: str
    notes: Any
    """What the SDK notes in the configuration of the machine."""
    runtime: str | None
    """For how many seconds it ran, as the SDK counted."""
    has_config_file: bool
    has_summary_file: bool


def opened(run: Run) -> Opened:
    """Read the beginnings of the documents of a run; each may have many megabytes."""
    parts = Run.objects.filter(pk=run.pk).values_list(
        Left(Cast("config", TextField()), READ),
        Left(Cast("summary", TextField()), READ),
        KeyTransform("_wandb", "config"),
        KT("summary___runtime"),
        _has_file(CONFIG_FILE),
        _has_file(SUMMARY_FILE),
    )
    return Opened(*parts.get())


def _has_file(path: str) -> Exists:
    arrived = RunFile.objects.exclude(blob=None)
    return Exists(arrived.filter(run=OuterRef("pk"), path=path))


def config(documents: Opened, find: str) -> Document:
    """The configuration, in which the SDK puts each value under `value`."""
    found = {
        key: entry["value"] if isinstance(entry, dict) and "value" in entry else entry
        for key, entry in _members(documents.config).items()
    }
    is_whole = len(documents.config) < READ
    file = CONFIG_FILE if documents.has_config_file else ""
    return _matching(found, find, file, is_whole=is_whole)


def summary(documents: Opened, find: str) -> Document:
    """The summary."""
    found = _members(documents.summary)
    is_whole = len(documents.summary) < READ
    file = SUMMARY_FILE if documents.has_summary_file else ""
    return _matching(found, find, file, is_whole=is_whole)


def _members(text: str) -> dict[str, Any]:
    """The members of a JSON object; of a text that was cut, those before the cut."""
    if len(text) < READ:
        whole: dict[str, Any] = json.loads(text)
        return whole
    found: dict[str, Any] = {}
    at = 1
    with suppress(ValueError):
        while True:
            key, at = DECODER.raw_decode(text, _after(",", text, at))
            value, at = DECODER.raw_decode(text, _after(":", text, at))
            if at == len(text):  # the rest of a number may be missing
                break
            found[key] = value
    return found


def _after(mark: str, text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == mark):
        at += 1
    return at


def _matching(
    document: dict[str, Any], find: str, file: str, *, is_whole: bool
) -> Document:
    """Without what is the SDK's own, in the order of the keys."""
    own = {key: document[key] for key in sorted(document) if not key.startswith("_")}
    values = list(islice(leaves(own, _said), EXAMINED + 1))
    is_whole = is_whole and len(values) <= EXAMINED
    values = values[:EXAMINED]
    found = [row for row in values if _has(*row, find.casefold())] if find else values
    first = [shown(*row) for row in found[:MOST]]
    return Document(first, len(found), len(values), is_whole, file)


def _has(keys: Keys, leaf: Any, words: str) -> bool:
    return words in ".".join(keys).casefold() or words in written(leaf).casefold()


def _said(value: Any) -> Any:
    """A value, with media and histograms in a word: what they hold is in files."""
    if not isinstance(value, dict):
        return value
    if isinstance(kind := value.get("_type"), str):
        return f"{kind}, {value['path']}" if isinstance(value.get("path"), str) else kind
    return value
