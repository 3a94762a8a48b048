"""Projects, where runs and people log artifacts."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.backends import in_team
from accounts.models import Entity, Team
from accounts.models.organization import TRASH_DAYS


class ProjectQuerySet(models.QuerySet["Project"]):
    """Which projects."""

    def live(self) -> ProjectQuerySet:
        """Those not in the trash."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: Any) -> ProjectQuerySet:
        """The user's own live projects, and those of their teams."""
        if not user.is_active or user.is_anonymous:
            return self.none()
        if user.is_superuser:
            return self.live()
        teams = in_team(user).values("entity")
        return self.live().filter(Q(entity=user.entity_id) | Q(entity__in=teams))


class Project(models.Model):
    """A place of a team or person where source artifacts are kept."""

    entity = models.ForeignKey(Entity, models.PROTECT, related_name="projects")
    name = models.CharField(max_length=128)
    key = models.CharField(max_length=400, help_text="The name, NFKC-casefolded.")
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "key"],
                condition=Q(deleted_at=None),
                name="project_name_is_unique_in_entity",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity}/{self.name}"

    def get_absolute_url(self) -> str:
        """The project's page."""
        return reverse("registries:project", args=[self.entity.name, self.name])

    @property
    def trash_days(self) -> int:
        """How long the trash keeps its collections; people's are in no organization."""
        team: Team | None = getattr(self.entity, "team", None)
        return team.organization.trash_days if team else TRASH_DAYS

    @property
    def is_live(self) -> bool:
        """Whether it is not in the trash."""
        return self.deleted_at is None
