"""Work for the worker, written in the transaction of the change that asks for it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A named piece of work with its arguments. A lease, so that kill -9 loses nothing.

    Done jobs are deleted; one that was given up keeps its row, with the last error.
    """

    name = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    run_after = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["run_after", "id"], condition=Q(failed_at=None), name="job_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.arguments}"
