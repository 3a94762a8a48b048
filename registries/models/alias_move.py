"""The history of aliases."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from registries.models.collection import Collection


class AliasMoveQuerySet(models.QuerySet["AliasMove"]):
    """Which moves."""

    def newest_of_each(self, count: int) -> AliasMoveQuerySet:
        """The newest moves of each alias of one collection."""
        rank = Window(RowNumber(), partition_by="name", order_by="-id")
        return self.annotate(rank=rank).filter(rank__lte=count)


class AliasMove(models.Model):
    """One move of an alias: added where `from` is empty, taken off where `to` is."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="alias_moves")
    name = models.CharField(max_length=128)
    from_number = models.PositiveIntegerField(null=True)
    to_number = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True)

    objects = AliasMoveQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_number=F("to_number")), name="alias_move_moves"
            )
        ]
        indexes = [
            models.Index(fields=["collection", "name", "-id"], name="alias_move_history")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.from_number} to v{self.to_number}"

    @property
    def is_rollback(self) -> bool:
        """Whether it went back to an older version."""
        if self.from_number is None or self.to_number is None:
            return False
        return self.to_number < self.from_number
