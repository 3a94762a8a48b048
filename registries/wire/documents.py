"""Comparing what stands in a JSON document under a path, with one answer on both databases.

Values are only compared with values of their own type; of a list, any element may fit. The
databases' own paths differ (in quotes, in numbers as keys), so each step is taken by key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.expressions import Expression
from django.db.models.fields import BooleanField
from django.db.models.query_utils import Q

from registries.patterns import Pattern
from registries.wire.comparisons import LOOKED_AT, NEVER, Field, Unfit, teach

SIGNS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
SQLITE_TYPES = {
    "number": "'integer', 'real'",
    "string": "'text'",
    "boolean": "'true', 'false'",
    "null": "'null'",
    "array": "'array'",
}
POSTGRESQL_VALUES = {
    "number": "({}::numeric)",
    "string": "(({} #>> '{{}}') COLLATE \"C\")",
    "boolean": "({}::boolean)",
}


@dataclass(frozen=True)
class Test:
    """What a value of one type is asked, in the words of both databases."""

    kind: str
    sqlite: str
    postgresql: str = ""
    values: tuple[Any, ...] = ()
    of_elements: bool = True
    """Whether an element of a list may answer for it."""

    def in_sqlite(self, row: str) -> str:
        """Write it for a row of `json_each`."""
        asked = self.sqlite.format(f"{row}.value")
        types = SQLITE_TYPES[self.kind]
        return f"CASE WHEN {row}.type IN ({types}) THEN {asked} ELSE 0 END"

    def in_postgresql(self, row: str) -> str:
        """Write it for a row with a jsonb value."""
        value = POSTGRESQL_VALUES.get(self.kind, "{}").format(f"{row}.value")
        asked = (self.postgresql or self.sqlite).format(value)
        is_kind = f"jsonb_typeof({row}.value) = '{self.kind}'"
        return f"CASE WHEN {is_kind} THEN {asked} ELSE FALSE END"


@dataclass(frozen=True)
class Document(Field):
    """The values under one path of a document."""

    column: str
    path: tuple[str, ...]
    takes = "a text, a number, true, false, null or a list of them"

    def _ask(self, test: Test | None) -> Q:
        return Q(Asked(F(self.column), self.path, test))

    def is_there(self) -> Q:
        """Say whether there is anything, be it null."""
        return self._ask(None)

    def equals(self, values: Sequence[Any]) -> Q:
        """Compare; nothing is as good as null."""
        found = self._is(values)
        return found | ~self.is_there() if None in values else found

    def _is(self, values: Sequence[Any], *, of_elements: bool = True) -> Q:
        found = NEVER
        for kind in ("null", "number", "string", "boolean"):
            if chosen := tuple(value for value in values if kind_of(value) == kind):
                marks = ", ".join(["%s"] * len(chosen))
                asked, chosen = (
                    ("TRUE", ()) if kind == "null" else (f"{{}} IN ({marks})", chosen)
                )
                found |= self._ask(Test(kind, asked, "", chosen, of_elements))
        return found

    def compares(self, operator: str, value: Any) -> Q:
        """Compare with values of its type."""
        kind = kind_of(value)
        if kind not in {"number", "string"}:
            raise Unfit("a text or a number")
        return self._ask(Test(kind, f"{{}} {SIGNS[operator]} %s", "", (value,)))

    def matches(self, wanted: Pattern) -> Q:
        """Look for the pattern in the beginning of texts."""
        beginning = f"substr({{}}, 1, {LOOKED_AT})"
        test = Test("string", f"found({beginning}, %s)", f"{beginning} ~ %s", (wanted,))
        return self._ask(test)

    def contains(self, text: str) -> Q:
        """Look for the text in texts."""
        test = Test("string", "instr({}, %s) > 0", "strpos({}, %s) > 0", (text,))
        return self._ask(test)

    def is_list(self, values: Sequence[Any]) -> Q:
        """Compare one after the other."""
        found = self.has_size(len(values))
        for place, value in enumerate(values):
            element = Document(self.column, (*self.path, str(place)))
            found &= element._is([value], of_elements=False)
        return found

    def has_size(self, size: int) -> Q:
        """Count the elements of a list."""
        length = ("json_array_length({}) = %s", "jsonb_array_length({}) = %s")
        return self._ask(Test("array", *length, (size,), of_elements=False))


def kind_of(value: Any) -> str:
    """Return the JSON type of a scalar."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
    raise Unfit(Document.takes)


class Asked(Expression):
    """Whether something stands under the path, and passes the test if there is one."""

    conditional = True

    def __init__(self, column: F, path: tuple[str, ...], test: Test | None) -> None:
        super().__init__(output_field=BooleanField())
        self.column: Any = column
        self.path = path
        self.test = test

    def get_source_expressions(self) -> list[Any]:
        """Return what Django resolves."""
        return [self.column]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Take back what Django resolved."""
        [self.column] = exprs

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Take each step by `json_each`, and leave the patterns to Python."""
        teach(connection)
        inside, values = compiler.compile(self.column)
        path = self.path
        if not path:  # the whole document, as an element of a list of one
            inside, path = f"json_array(json({inside}))", ("0",)
        tables, conditions = [], []
        for n in range(len(path)):
            tables.append(f"json_each({inside}) k{n}")
            conditions.append(f"CAST(k{n}.key AS TEXT) = %s")
            inside = f"CASE WHEN k{n}.type IN ('object', 'array') THEN k{n}.value END"
        last = f"k{len(path) - 1}"
        values = (*values, *path)
        if self.test:
            elements = f"json_each(CASE {last}.type WHEN 'array' THEN {last}.value END)"
            asked, again = self._asked(self.test.in_sqlite, last, f"{elements} e")
            conditions.append(asked)
            tested = [v.source if isinstance(v, Pattern) else v for v in self.test.values]
            values = (*values, *tested * again)
        where = " AND ".join(conditions)
        sql = f"EXISTS (SELECT 1 FROM {', '.join(tables)} WHERE {where})"  # noqa: S608 - our words
        return sql, values

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Take each step by an operator that knows the key as it is meant."""
        inside, values = compiler.compile(self.column)
        for key in self.path:
            # `#>` also counts in lists, and takes 01 and -1 for numbers as well.
            counts = key.isascii() and key.isdigit() and str(int(key[:9])) == key
            inside = (
                f"({inside} #> ARRAY[%s]::text[])" if counts else f"({inside} -> %s::text)"
            )
        values = (*values, *self.path)
        asked = "k.value IS NOT NULL"
        if self.test:
            only = "CASE jsonb_typeof(k.value) WHEN 'array' THEN k.value END"
            elements = f"jsonb_array_elements({only}) e(value)"
            asked, again = self._asked(self.test.in_postgresql, "k", elements)
            values = (*values, *map(_for_postgresql, self.test.values * again))
        sql = f"EXISTS (SELECT 1 FROM (SELECT {inside} AS value) k WHERE {asked})"  # noqa: S608
        return sql, values

    def _asked(self, write: Any, row: str, elements: str) -> tuple[str, int]:
        """Write the test, of elements too if they may answer; and how often it stands."""
        assert self.test
        if not self.test.of_elements:
            return write(row), 1
        of_any = f"EXISTS (SELECT 1 FROM {elements} WHERE {write('e')})"  # noqa: S608
        return f"({write(row)} OR {of_any})", 2


def _for_postgresql(value: Any) -> Any:
    """Return the value as PostgreSQL compares it: numbers exactly, as JSON writes them."""
    if isinstance(value, Pattern):
        return value.sql
    return Decimal(repr(value)) if isinstance(value, float) else value
