"""The numbers that versions get."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from registries.models.project import Project
from registries.models.registry import Registry


class CollectionNumber(models.Model):
    """The next number of a name ever used in a home; the row that publishing locks.

    It outlives the collection, so that a number is never given twice (rules.md, section 6).
    """

    registry = models.ForeignKey(Registry, models.CASCADE, null=True, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=128)
    next = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(registry__isnull=True) ^ Q(project__isnull=True),
                name="collection_number_is_of_a_registry_or_a_project",
            ),
            models.UniqueConstraint(
                fields=["registry", "key"],
                name="collection_number_is_one_per_registry_name",
            ),
            models.UniqueConstraint(
                fields=["project", "key"], name="collection_number_is_one_per_project_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.next}"
