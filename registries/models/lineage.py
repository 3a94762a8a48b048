"""Which runs used and produced which artifacts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from registries.models.artifact import Artifact
from registries.models.run import Run


class Usage(models.Model):
    """A run that used an artifact, or produced it."""

    class Role(models.TextChoices):
        USED = "used", "Used"
        PRODUCED = "produced", "Produced"

    run = models.ForeignKey(Run, models.CASCADE, related_name="usages")
    artifact = models.ForeignKey(Artifact, models.CASCADE, related_name="usages")
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["run", "artifact", "role"], name="usage_is_once_per_run_and_role"
            ),
            models.CheckConstraint(
                condition=Q(role__in=("used", "produced")), name="usage_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.role} {self.artifact}"
