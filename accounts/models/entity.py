"""The one namespace of users, teams and organizations; their names stand nowhere else."""

from __future__ import annotations

from django.db import models


class Entity(models.Model):
    """A user, team or organization, as addresses name it."""

    class Kind(models.TextChoices):
        USER = "user", "User"
        TEAM = "team", "Team"
        ORGANIZATION = "organization", "Organization"

    name = models.CharField(max_length=63)
    kind = models.CharField(max_length=12, choices=Kind)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "entities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=("user", "team", "organization")),
                name="entity_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EntityName(models.Model):
    """A name that is taken: an entity's own, or an organization's display name.

    The key is NFKC-casefolded, so that upper and lower case, and look-alike forms, count as
    the same name. An organization whose display name folds to its entity's name has one row
    (rules.md, section 5).
    """

    key = models.CharField(max_length=400, unique=True)
    entity = models.ForeignKey(Entity, models.CASCADE, related_name="names")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
