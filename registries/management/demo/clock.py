"""Spreads the demo's history, which is made in seconds, over the months before."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from django.db import models
from django.utils import timezone

from accounts.models import (
    Entity,
    Event,
    Membership,
    Organization,
    Team,
    TeamMembership,
    User,
)
from registries.models import (
    Alias,
    AliasMove,
    Artifact,
    Collection,
    Project,
    Registry,
    RegistryMember,
    Run,
    Version,
)

STAMPS: dict[type[models.Model], tuple[str, ...]] = {
    Entity: ("created_at",),
    User: ("date_joined",),
    Organization: ("created_at",),
    Membership: ("created_at",),
    Team: ("created_at",),
    TeamMembership: ("created_at",),
    Registry: ("created_at", "updated_at"),
    RegistryMember: ("created_at",),
    Project: ("created_at",),
    Collection: ("created_at", "updated_at", "deleted_at"),
    Run: ("created_at", "updated_at", "heartbeat_at", "finished_at"),
    Artifact: ("created_at", "committed_at"),
    Version: ("created_at",),
    Alias: ("updated_at",),
    AliasMove: ("at",),
    Event: ("at",),
}


class Clock:
    """Notes when each step really began, and when it is said to have happened."""

    def __init__(self) -> None:
        self._real: list[datetime] = []
        self._told: list[datetime] = []

    def set(self, told: datetime) -> None:
        """Say that what follows happens at that moment, or just after what went before."""
        now = timezone.now()
        if self._told:
            told = max(told, self._told[-1] + (now - self._real[-1]))
        self._real.append(now)
        self._told.append(told)

    def rewrite(self) -> None:
        """Move every time stamp to the moment that was told for its step.

        A direct update, past the operations: they write the present time, and no door may
        date a change back. Only the demo does, on rows that it has just made itself.
        """
        for model, fields in STAMPS.items():
            manager = model._default_manager  # noqa: SLF001 - Django documents it
            rows = list(manager.only("pk", *fields))
            for row in rows:
                for field in fields:
                    setattr(row, field, self._moved(getattr(row, field)))
            manager.bulk_update(rows, fields, batch_size=250)

    def _moved(self, real: datetime | None) -> datetime | None:
        if real is None or real < self._real[0]:
            return real
        step = bisect_right(self._real, real) - 1
        return self._told[step] + (real - self._real[step])
