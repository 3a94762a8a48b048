"""What a filter means, decided in plain Python for a row that is a dictionary."""

from __future__ import annotations

import operator
import re
from datetime import UTC, datetime
from typing import Any

MISSING = object()
EMPTY = {"tag", "description"}
"""What may be there, and hold nothing."""


def at(document: Any, path: list[str]) -> Any:
    """What stands under a path."""
    for key in path:
        if isinstance(document, dict):
            document = document.get(key, MISSING)
        elif isinstance(document, list) and re.fullmatch("0|[1-9][0-9]*", key):
            document = document[int(key)] if int(key) < len(document) else MISSING
        else:
            return MISSING
    return document


def same(value: Any, wanted: Any) -> bool:
    """Whether they are equal, and of one JSON type."""
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def is_true(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a filter holds for a row, decided in Python."""
    return all(_key(row, key, operand) for key, operand in wanted.items())


def _key(row: dict[str, Any], key: str, operand: Any) -> bool:
    if key.startswith("$"):
        listed = [operand] if key == "$not" else operand
        return _joined(key, [is_true(row, one) for one in listed])
    name, *path = key.split(".")
    value = at(row["metadata"], path) if path else row[name]
    return _field(name, value, operand)


def _joined(key: str, answers: list[bool]) -> bool:
    return {"$and": all, "$or": any}.get(key, lambda each: not any(each))(answers)


def _field(name: str, value: Any, operand: Any) -> bool:
    if not isinstance(operand, dict):
        operand = {"$eq": operand}
    answers = []
    for sign, wanted in operand.items():
        if sign in {"$and", "$or", "$nor", "$not"}:
            each = [wanted] if sign == "$not" else wanted
            answers.append(_joined(sign, [_field(name, value, one) for one in each]))
        else:
            answers.append(_test(name, value, sign, wanted))
    return all(answers)


NEGATED = {"$ne": "$eq", "$nin": "$in"}
ORDERED = {"$gt": operator.gt, "$gte": operator.ge, "$lt": operator.lt, "$lte": operator.le}


def _test(name: str, value: Any, sign: str, wanted: Any) -> bool:
    if sign in NEGATED:
        return not _test(name, value, NEGATED[sign], wanted)
    if sign in {"$in", "$all"}:
        each = [_test(name, value, "$eq", one) for one in wanted]
        return any(each) if sign == "$in" else bool(each) and all(each)
    is_nothing = value is MISSING or (name in EMPTY and not value)
    if sign == "$exists":
        return is_nothing != wanted
    if sign == "$size" or (sign == "$eq" and isinstance(wanted, list)):
        return isinstance(value, list) and _is_list(name, value, sign, wanted)
    if sign == "$eq" and wanted is None and is_nothing:
        return True
    return any(_scalar(name, one, sign, wanted) for one in _each(value))


def _is_list(name: str, value: list[Any], sign: str, wanted: Any) -> bool:
    if sign == "$size":
        return len(value) == wanted
    if name == "tag":
        return set(value) == set(wanted)
    return len(value) == len(wanted) and all(map(same, value, wanted))


def _each(value: Any) -> list[Any]:
    return [value, *value] if isinstance(value, list) else [value]


def _scalar(name: str, value: Any, sign: str, wanted: Any) -> bool:
    if name == "created_at":
        wanted = datetime.fromisoformat(wanted)
        wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    if name == "state":
        wanted = wanted.lower()
    if sign == "$eq":
        return same(value, wanted)
    if sign in ORDERED:
        numbers = isinstance(value, int | float) and isinstance(wanted, int | float)
        if numbers and not isinstance(value, bool):
            return ORDERED[sign](value, wanted)
        alike = type(value) is type(wanted) and isinstance(value, str | datetime)
        return alike and ORDERED[sign](value, wanted)
    if not isinstance(value, str):
        return False
    return wanted in value if sign == "$contains" else bool(re.search(wanted, value, re.A))
