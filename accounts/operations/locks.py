"""How operations lock rows, so that who comes at the same time waits, and none is stuck."""

from __future__ import annotations

from django.db import models


def hold[T: models.Model](rows: models.QuerySet[T]) -> models.QuerySet[T]:
    """Lock the rows, when they are read, against everybody who changes them.

    Not against who writes rows that point to them: PostgreSQL asks whether they exist as
    late as at the commit, in any order, and two who wait for each other then are stuck.
    """
    return rows.select_for_update(of=("self",), no_key=True)
