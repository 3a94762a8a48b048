"""What happened, written once, in the transaction of the change."""

from __future__ import annotations

from django.db import models

NEWEST = ("-at", "-id")


class Event(models.Model):
    """One change: who, when, through which door, to what, before and after.

    Without foreign keys: an event outlives what it describes (rules.md, section 6).
    """

    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=64)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    via = models.CharField(max_length=16)
    key_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=45, blank=True)
    organization_id = models.BigIntegerField(null=True)
    organization_name = models.CharField(max_length=113, blank=True)
    registry_id = models.BigIntegerField(null=True)
    registry_name = models.CharField(max_length=128, blank=True)
    collection_id = models.BigIntegerField(null=True)
    collection_name = models.CharField(max_length=128, blank=True)
    subject_type = models.CharField(max_length=32)
    subject_id = models.BigIntegerField(null=True)
    subject_name = models.CharField(max_length=1100)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        default_permissions = ()
        # Events are read by time, the newest first, of one thing and in pages by key.
        indexes = [
            models.Index(fields=["organization_id", *NEWEST], name="event_by_organization"),
            models.Index(fields=["organization_id", "kind", *NEWEST], name="event_by_kind"),
            models.Index(
                fields=["organization_id", "actor_id", *NEWEST], name="event_by_actor"
            ),
            models.Index(fields=["registry_id", *NEWEST], name="event_by_registry"),
            models.Index(fields=["collection_id", *NEWEST], name="event_by_collection"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_name}"
