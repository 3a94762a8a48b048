"""Artifacts: immutable content, its entries, and the blobs that hold the bytes."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from registries.models.run import Run


class Blob(models.Model):
    """Bytes, stored once, under the sha256 that the server computed.

    Condemned when nothing refers to it, deleted a while later if still nothing does.
    """

    sha256 = models.CharField(max_length=64, unique=True, help_text="Hexadecimal.")
    md5 = models.CharField(max_length=24, help_text="Base64, as manifests name it.")
    size = models.BigIntegerField(help_text="Bytes.")
    created_at = models.DateTimeField(auto_now_add=True)
    condemned_at = models.DateTimeField(null=True, blank=True, db_index=True)
    checked_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gte=0), name="blob_size_is_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.sha256


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    """Which artifacts."""

    def committed(self) -> ArtifactQuerySet:
        """Those that readers may see."""
        return self.filter(state=Artifact.State.COMMITTED)

    def visible_to(self, user: Any) -> ArtifactQuerySet:
        """The committed artifacts that have a version in a home that the user sees."""
        homes = apps.get_model("registries", "Version").objects.visible_to(user)
        return self.committed().filter(Exists(homes.filter(artifact=OuterRef("pk"))))


class Artifact(models.Model):
    """Content with a type, described by entries. Once committed, its bytes never change."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        COMMITTED = "committed", "Committed"
        DELETED = "deleted", "Deleted"

    source = models.ForeignKey(
        "registries.Collection", models.CASCADE, related_name="logged_artifacts"
    )
    type = models.CharField(max_length=128)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    description = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)
    digest = models.CharField(
        max_length=64, blank=True, help_text="Of the manifest: MD5 in hexadecimal."
    )
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over paths, content and references."
    )
    size = models.BigIntegerField(default=0, help_text="Bytes, references included.")
    file_count = models.PositiveIntegerField(default=0)
    run = models.ForeignKey(
        Run, models.PROTECT, null=True, blank=True, related_name="logged"
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    committed_at = models.DateTimeField(null=True, blank=True)

    objects = ArtifactQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["source", "fingerprint"],
                condition=Q(state="committed"),
                name="artifact_content_is_once_in_its_source",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("pending", "committed", "deleted")),
                name="artifact_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.digest or 'pending'}"


class Entry(models.Model):
    """A path in an artifact: bytes that we keep, or a reference to bytes elsewhere."""

    artifact = models.ForeignKey(Artifact, models.CASCADE, related_name="entries")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="entries")
    reference = models.CharField(max_length=4096, blank=True)
    digest = models.CharField(max_length=4096, help_text="As the manifest has it.")
    size = models.BigIntegerField(help_text="Bytes.")

    class Meta:
        default_permissions = ()
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["artifact", "path"], name="entry_path_is_unique_in_artifact"
            ),
            models.CheckConstraint(
                condition=Q(blob__isnull=False, reference="") | Q(blob__isnull=True),
                name="entry_is_a_blob_or_a_reference",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=0), name="entry_size_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]
