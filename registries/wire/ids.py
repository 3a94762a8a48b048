"""Ids on the wire: `Kind:<number>` in base64. Registries and projects share a kind.

Ids of artifacts stand inside manifests that never change, so this encoding is frozen.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable

from django.db.models import Model, QuerySet

from accounts.actors import Missing
from accounts.text import LARGEST
from registries.models import Project, Registry

KIND = re.compile(r"([A-Za-z]{1,32}):(0|[1-9][0-9]{0,18})")


def encode(kind: str, number: int) -> str:
    """Return the id of the thing of that kind and number."""
    return b64encode(f"{kind}:{number}".encode()).decode()


def decode(kind: str, text: object) -> int:
    """Return the number of an id of that kind; 0, which no row has, where it is none."""
    try:
        found = KIND.fullmatch(b64decode(str(text), validate=True).decode("ascii"))
    except ValueError:
        return 0
    if found is None or found[1] != kind:
        return 0
    number = int(found[2])
    return number if number <= LARGEST else 0


def row_of[T: Model](rows: QuerySet[T], kind: str, given: object, *, by: str = "pk") -> T:
    """Return the row that an id names, of those that the asker sees; raise Missing."""
    if (found := rows.filter(**{by: decode(kind, given)}).first()) is None:
        raise Missing(f"There is no {rows.model._meta.verbose_name} {given}.")
    return found


def rows_of[T: Model](
    rows: QuerySet[T], kind: str, given: Iterable[object], *, by: str = "pk"
) -> list[T]:
    """Return the rows that ids name, each once, by one query; raise Missing."""
    asked = {decode(kind, each): each for each in given}
    found = {getattr(row, by): row for row in rows.filter(**{f"{by}__in": asked})}
    for number, each in asked.items():
        if number not in found:
            raise Missing(f"There is no {rows.model._meta.verbose_name} {each}.")
    return [found[number] for number in asked]


def home_number(home: Project | Registry) -> int:
    """Return what the wire knows a home by: 2n for projects, 2n + 1 for registries."""
    return 2 * home.pk + isinstance(home, Registry)


def home_id(home: Project | Registry) -> str:
    """Return the id of a project or registry."""
    return encode("Project", home_number(home))


def registry_pk(number: int) -> int | None:
    """Return the key of the registry that the wire knows by this number."""
    return number // 2 if number % 2 else None
