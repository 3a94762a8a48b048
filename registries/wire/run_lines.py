"""The lines of a run as the SDK reads them: history sampled or by steps, console lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from accounts import text
from accounts.actors import Invalid
from accounts.text import LARGEST
from registries.models import Run
from registries.models.run import Stream
from registries.streams import PRINTED, between, numbered, parsed, sample, values
from registries.wire.fields import Asking
from registries.wire.paging import Edge, PageInfo

MOST_LINES = 10_000
"""How many lines one request reads at most."""
MOST_KEYS = 1_000
"""How many metrics it asks for at most."""
SAMPLES = 500
"""How many it reads unless it says so."""
NUMBER = re.compile("[0-9]{1,18}")
"""The cursor of a line."""
LABELLED = re.compile(r"\[(?P<label>[^\]]+)\] (?P<text>.*)", re.DOTALL)
"""A line of one of several processes that write a run."""


def sampled(asking: Asking, run: Run, spec: str) -> list[dict[str, Any]]:
    """Return the values of some metrics, where a line has them all.

    The wish is JSON: keys, how many samples, and from which step to which, both included.
    """
    wish = text.parse_json(spec, "specs")
    if not isinstance(wish, dict) or not isinstance(wish.get("keys"), list):
        raise Invalid("specs", "Say which keys.")
    keys = dict.fromkeys(map(str, wish["keys"]))
    if len(keys) > MOST_KEYS:
        raise Invalid("specs", f"Ask for at most {MOST_KEYS:,} metrics at once.")
    found = []
    for line in map(parsed, _lines(run, wish)):
        asking.check()
        flat = line | dict(values(line))
        if keys.keys() <= flat.keys():
            row = {key: flat[key] for key in keys}
            asking.weigh(json.dumps(row))
            found.append(row)
    most = _number(wish, "samples", SAMPLES)
    return found[:: max(1, -(-len(found) // max(1, most)))]


def _lines(run: Run, wish: dict[str, Any]) -> Iterator[str]:
    if wish.get("minStep") is None and wish.get("maxStep") is None:
        return sample(run, Stream.HISTORY, MOST_LINES)
    first, last = _number(wish, "minStep", 0), _number(wish, "maxStep", LARGEST)
    return islice(between(run, first, last + 1), MOST_LINES)


def _number(wish: dict[str, Any], name: str, usual: int) -> int:
    value = wish.get(name)
    return int(value) if isinstance(value, int | float) else usual


@dataclass(frozen=True, slots=True)
class Printed:
    """Some lines of the console, and whether more follow."""

    edges: list[Edge]
    page_info: PageInfo


def printed(
    asking: Asking, run: Run, *, first: int | None, after: str | None, last: int | None
) -> Printed:
    """Return the last lines of the console, or so many behind a number."""
    start = int(after) + 1 if after and NUMBER.fullmatch(after) else 0
    size = min(MOST_LINES, max(0, SAMPLES if first is None else first))
    if last is not None:
        size = min(MOST_LINES, max(0, last))
        start = max(0, run.console_count - size)
    found = islice(numbered(run, Stream.CONSOLE, start), size + 1)
    lines = [(number, asking.weigh(line)) for number, line in found]
    is_shared = run.writers.exists()
    nodes = [_node(*line, is_shared=is_shared) for line in lines[:size]]
    edges = [Edge(None, node, str(node["number"])) for node in nodes]
    end = edges[-1].cursor if edges else None
    return Printed(edges, PageInfo(end, has_next_page=len(lines) > size))


def _node(number: int, line: str, *, is_shared: bool) -> dict[str, Any]:
    """A line; of several processes, each puts what it is called before its own."""
    found = PRINTED.fullmatch(line)
    text = found["text"] if found else line
    labelled = LABELLED.fullmatch(text) if is_shared else None
    return {
        "number": number,
        "timestamp": found["timestamp"] if found else None,
        "level": "error" if found and found["level"] else None,
        "label": labelled["label"] if labelled else None,
        "line": labelled["text"] if labelled else text,
    }
