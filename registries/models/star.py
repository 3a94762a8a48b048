"""What people have starred: theirs alone, and no right to anything."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Organization, User
from registries.models.collection import Collection
from registries.models.registry import Registry


class StarQuerySet(models.QuerySet["Star"]):
    """Which stars."""

    def shown_to(self, user: Any, organization: Organization) -> StarQuerySet:
        """The user's own in an organization, on what they still see; the newest first."""
        seen = Registry.objects.visible_to(user).filter(organization=organization)
        found = self.filter(
            Q(registry__in=seen.values("pk"))
            | Q(
                collection__registry__in=seen.values("pk"),
                collection__deleted_at=None,
            ),
            user=user,
        )
        return found.select_related(
            "registry__organization__entity",
            "collection__registry__organization__entity",
        ).order_by("-id")


class Star(models.Model):
    """A registry or collection that somebody wants at hand."""

    user = models.ForeignKey(User, models.CASCADE, related_name="stars", db_index=False)
    registry = models.ForeignKey(
        Registry, models.CASCADE, null=True, blank=True, related_name="+"
    )
    collection = models.ForeignKey(
        Collection, models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StarQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(registry__isnull=True) ^ Q(collection__isnull=True),
                name="star_is_on_a_registry_or_a_collection",
            ),
            models.UniqueConstraint(
                fields=["user", "registry"], name="star_is_once_on_a_registry"
            ),
            models.UniqueConstraint(
                fields=["user", "collection"], name="star_is_once_on_a_collection"
            ),
        ]

    def __str__(self) -> str:
        return str(self.place)

    @property
    def place(self) -> Registry | Collection:
        """What it is on."""
        return self.registry or self.collection  # type: ignore[return-value]  # a check: exactly one


def with_stars[T: Registry | Collection](
    rows: models.QuerySet[T], user: Any
) -> models.QuerySet[T]:
    """Return the rows with whether the user has starred them, as `is_starred`."""
    place = {str(rows.model._meta.model_name): OuterRef("pk")}
    marked: models.QuerySet[T] = rows.annotate(
        is_starred=Exists(Star.objects.filter(user=user.pk, **place))
    )
    return marked
