"""Artifacts: immutable content, its entries, and the blobs that hold the bytes."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

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

    class Algorithm(models.TextChoices):
        MD5 = "md5", "MD5"
        XXH128 = "xxh128", "XXH128"

    source = models.ForeignKey(
        "registries.Collection", models.CASCADE, related_name="logged_artifacts"
    )
    type = models.CharField(max_length=128)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    description = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)
    digest = models.CharField(
        max_length=64,
        blank=True,
        help_text="Of the manifest, in hexadecimal; while pending, as its sender claims.",
    )
    digest_algorithm = models.CharField(
        max_length=6, choices=Algorithm, default=Algorithm.MD5
    )
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over paths, content and references."
    )
    size = models.BigIntegerField(default=0, help_text="Bytes, references included.")
    file_count = models.PositiveIntegerField(default=0)
    ttl_seconds = models.BigIntegerField(
        null=True, blank=True, help_text="From creation; 0 is never, null what is usual."
    )
    history_step = models.BigIntegerField(null=True, blank=True)
    storage_region = models.CharField(max_length=64, blank=True)
    client_id = models.CharField(max_length=128, null=True, blank=True, unique=True)
    """What its sender calls it, so that a call that comes again finds what it made."""
    twin = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    """The artifact that had the same content when this one was to be committed."""
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
            models.CheckConstraint(
                condition=Q(digest_algorithm__in=("md5", "xxh128")),
                name="artifact_digest_algorithm_is_known",
            ),
            models.CheckConstraint(
                condition=Q(ttl_seconds__isnull=True) | Q(ttl_seconds__gte=0),
                name="artifact_ttl_is_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["source", "digest"], name="artifact_by_digest")]

    def __str__(self) -> str:
        return f"{self.type} {self.digest or 'pending'}"

    @property
    def present(self) -> Artifact:
        """What its sender means by it: itself, or what had its content already."""
        return self.twin or self


class Draft(models.Model):
    """What a program that logs an artifact said of the version that it is to become.

    It ends when the artifact is committed.
    """

    artifact = models.OneToOneField(
        Artifact, models.CASCADE, primary_key=True, related_name="draft"
    )
    aliases = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    distributed_id = models.CharField(
        max_length=128, blank=True, db_index=True, help_text="Several write one artifact."
    )
    base = models.ForeignKey(Artifact, models.SET_NULL, null=True, related_name="+")
    manifest_at = models.DateTimeField(null=True)
    active_at = models.DateTimeField(
        default=timezone.now, db_index=True, help_text="When something of it came."
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"draft of {self.artifact}"


class Entry(models.Model):
    """A path in an artifact: bytes that we keep, or a reference to bytes elsewhere.

    In a pending artifact it may have neither: then its bytes are still to come.
    """

    artifact = models.ForeignKey(Artifact, models.CASCADE, related_name="entries")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="entries")
    reference = models.CharField(max_length=4096, blank=True)
    digest = models.CharField(max_length=4096, help_text="As the manifest has it.")
    size = models.BigIntegerField(help_text="Bytes.")
    extra = models.JSONField(null=True, help_text="What else the manifest says of it.")

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
        indexes = [
            models.Index(
                fields=["artifact", "digest"],
                condition=Q(blob__isnull=False),  # what a reference says may be long
                name="entry_by_digest",
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Multipart(models.Model):
    """A large file of a draft that comes in parts, until they are put together."""

    entry = models.OneToOneField(
        Entry, models.CASCADE, primary_key=True, related_name="multipart"
    )
    leased_until = models.DateTimeField(
        null=True, help_text="Till when somebody is at it, if nothing more is heard."
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"parts of {self.entry}"


class Part(models.Model):
    """Some of the bytes of a file, in the order of the numbers."""

    multipart = models.ForeignKey(Multipart, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="parts")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["multipart", "number"], name="part_number_is_unique_in_file"
            )
        ]

    def __str__(self) -> str:
        return f"part {self.number} of {self.multipart.entry}"
