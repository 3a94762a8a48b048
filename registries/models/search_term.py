"""The words under which things of a registry are found, sorted to look up beginnings."""

from __future__ import annotations

from django.db import models

from accounts.models import Organization
from registries.models.collection import Collection
from registries.models.registry import Registry


class SearchTerm(models.Model):
    """One place in a name where a word begins, as the rest of the name in lower case.

    `churn-classifier` has two, so that both `chu` and `class` find it. On PostgreSQL the
    key sorts by its bytes, as it does on SQLite anyway: a migration sees to that.
    """

    class Kind(models.TextChoices):
        REGISTRY = "registry", "Registry"
        COLLECTION = "collection", "Collection"
        TAG = "tag", "Tag"
        ALIAS = "alias", "Alias"

    kind = models.CharField(max_length=10, choices=Kind)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", db_index=False
    )
    registry = models.ForeignKey(Registry, models.CASCADE, related_name="+", db_index=False)
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=128, help_text="The whole name, as it is shown.")
    key = models.CharField(max_length=128)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="registry", collection=None)
                | models.Q(
                    kind__in=("collection", "tag", "alias"), collection__isnull=False
                ),
                name="search_term_is_of_its_kind",
            )
        ]
        indexes = [
            models.Index(
                fields=["organization", "kind", "key", "id"], name="search_by_key"
            ),
            models.Index(
                fields=["registry", "kind", "key", "collection"], name="search_in_registry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
