"""Rows as a file that is sent while they are read: CSV for spreadsheets, or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

type Writer = Callable[[Iterable[Model], Sequence[str]], Iterator[str]]

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
"""What makes a spreadsheet run a cell; the wide forms too, where those are typed."""


def as_csv(rows: Iterable[Model], columns: Sequence[str]) -> Iterator[str]:
    """Write the columns' names and each row, every cell in quotes."""
    yield _line(columns)
    for row in rows:
        yield _line([cell(getattr(row, column)) for column in columns])


def as_json(rows: Iterable[Model], columns: Sequence[str]) -> Iterator[str]:
    """Write one list, an object a line."""
    before = "["
    for row in rows:
        values = {column: getattr(row, column) for column in columns}
        yield f"{before}\n{json.dumps(values, ensure_ascii=False, default=_moment)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


FORMATS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}


def cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _moment(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    is_formula = text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)
    return f"'{text}" if is_formula else text


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(cells)
    return text.getvalue()


def _moment(value: datetime) -> str:
    return value.isoformat()
