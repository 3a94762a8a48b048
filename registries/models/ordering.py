"""Orders that are the same on both databases, whatever the locale."""

from __future__ import annotations

from django.db import connection
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate


def by_bytes(value: str | Combinable) -> Combinable:
    """Return the text as something to sort and compare by its bytes."""
    expression = F(value) if isinstance(value, str) else value
    if connection.vendor == "postgresql":
        return Collate(expression, "C")
    return expression
