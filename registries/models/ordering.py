"""Orders that are the same on both databases, whatever the locale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce, Collate, Lower, NullIf
from django.db.models.lookups import Contains

from accounts.permissions import Role


def by_bytes(value: str | Combinable) -> Combinable:
    """Return the text as something to sort and compare by its bytes."""
    expression = F(value) if isinstance(value, str) else value
    if connection.vendor == "postgresql":
        return Collate(expression, "C")
    return expression


def by_letters(value: str | Combinable) -> Combinable:
    """Return the column as something to sort by, with capitals as small letters."""
    # First the collation, for PostgreSQL's `lower` to know ASCII only, as SQLite's does.
    return Lower(by_bytes(value))


def with_words(column: str, words: str) -> Q:
    """Select the rows with the words in the column, in capitals or small letters."""
    # Letters beyond ASCII, of which SQLite knows no capitals, are looked for as they were
    # typed, all small and all in capitals. Of bytes, `lower` changes ASCII only, too.
    forms = {words.encode(), words.lower().encode(), words.upper().encode()}
    values = (Value(form.decode()) for form in {form.lower() for form in forms})
    letters = by_letters(column)
    return Q(*(Contains(letters, value) for value in values), _connector=Q.OR)


def by_shown_name(full_name: str, name: str) -> Combinable:
    """Return the full name, or the name where there is none, as something to sort by."""
    return by_letters(Coalesce(NullIf(full_name, Value("")), name))


def by_strength(role: str) -> Combinable:
    """Return the place of a stored role in the order of roles, the strongest first."""
    strongest_first = enumerate(reversed(Role))
    return Case(*(When(**{role: each}, then=Value(n)) for n, each in strongest_first))


def after(columns: Iterable[str], values: Sequence[Any], *, descending: bool) -> Q:
    """Select the rows behind the one that has these values, in columns unique together."""
    # A comparison of rows: databases go straight to the place in their index, even in
    # the middle of many that have the first column alike.
    compare = TupleLessThan if descending else TupleGreaterThan
    return Q(compare(Tuple(*map(F, columns)), values))
