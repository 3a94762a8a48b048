"""What changed between two metadata documents, one row per value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registries.views.outline import Keys, as_json, cut, leaves

EXACT = 10**15
"""Numbers below it are subtracted digit by digit."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value under its keys, before and after, as JSON; empty where there is none."""

    keys: Keys
    before: str
    after: str
    kind: str
    by: str = ""
    """How much a number grew."""


def changes(before: Any, after: Any) -> list[Change]:
    """Return every value of either document, in the order of the newer one."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return [_change(keys, old, new) for keys in new | old]


def _change(keys: Keys, old: dict[Keys, Any], new: dict[Keys, Any]) -> Change:
    before = cut(as_json(old[keys])) if keys in old else ""
    after = cut(as_json(new[keys])) if keys in new else ""
    if keys not in old:
        return Change(keys, before, after, "added")
    if keys not in new:
        return Change(keys, before, after, "removed")
    if _exactly(old[keys]) == _exactly(new[keys]):
        return Change(keys, before, after, "equal")
    return Change(keys, before, after, "changed", _growth(old[keys], new[keys]))


def _exactly(value: Any) -> str:
    """Write a value so that 1, 1.0, true and "1" differ, and the order of keys does not."""
    return json.dumps(value, sort_keys=True)


def _growth(before: Any, after: Any) -> str:
    """Return by how much a number grew, with its sign; nothing where it is none."""
    if not (_is_number(before) and _is_number(after)):
        return ""
    by = Decimal(str(after)) - Decimal(str(before))
    shown = f"{by:.0f}" if by == by.to_integral_value() else f"{float(abs(by)):.6g}"
    sign = "\N{MINUS SIGN}" if by < 0 else "+"
    return f"{sign}{shown.lstrip('-')}" if by else ""


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < EXACT
