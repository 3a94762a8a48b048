"""Files on their way into a pending artifact, and the uploads from browsers they are of."""

from __future__ import annotations

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower

from accounts.models import User
from registries.models.artifact import Artifact, Blob
from registries.models.collection_number import CollectionNumber
from registries.models.registry import Registry


class Upload(models.Model):
    """A file promised for, or staged into, a pending artifact; gone once committed."""

    artifact = models.ForeignKey(Artifact, models.CASCADE, related_name="uploads")
    path = models.CharField(max_length=1024)
    size = models.BigIntegerField(help_text="Bytes, as promised.")
    md5 = models.CharField(
        max_length=24, blank=True, help_text="Base64, as promised; browsers promise none."
    )
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="uploads")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["artifact", "path"], name="upload_path_is_unique_in_artifact"
            ),
            models.CheckConstraint(
                condition=Q(size__gte=0), name="upload_size_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.path


class UploadSessionQuerySet(models.QuerySet["UploadSession"]):
    """Which uploads."""

    def into(self, collection: str) -> UploadSessionQuerySet:
        """Those into the collection of that name, without regard to case."""
        return self.filter(collection__iexact=collection)

    def with_number(self) -> UploadSessionQuerySet:
        """With the number that the next version of the collection gets."""
        numbers = CollectionNumber.objects.filter(
            registry=OuterRef("registry"), key=Lower(OuterRef("collection"))
        )
        return self.annotate(number=Coalesce(Subquery(numbers.values("next")[:1]), 0))


class UploadSession(models.Model):
    """A version that a person uploads from a browser; it ends with commit or cancel.

    Its id is the pending artifact's, so that what it became can be found afterwards.
    """

    artifact = models.OneToOneField(
        Artifact, models.CASCADE, primary_key=True, related_name="session"
    )
    registry = models.ForeignKey(Registry, models.CASCADE, related_name="upload_sessions")
    collection = models.CharField(max_length=128, help_text="Made where it is missing.")
    aliases = models.JSONField(default=list, help_text="What the version is to get.")
    file_count = models.PositiveIntegerField(default=0, help_text="As announced.")
    size = models.BigIntegerField(default=0, help_text="Bytes, as announced.")
    received_count = models.PositiveIntegerField(default=0)
    received_size = models.BigIntegerField(default=0)
    last_byte_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    number: int
    """With `with_number` only."""

    objects = UploadSessionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    received_count__lte=F("file_count"), received_size__lte=F("size")
                ),
                name="upload_session_received_what_was_announced",
            )
        ]

    def __str__(self) -> str:
        return f"upload into {self.collection}"

    @property
    def author(self) -> str:
        """What pages call who began it."""
        return self.created_by.display_name if self.created_by else "the system"

    @property
    def missing_count(self) -> int:
        """How many announced files are still to come."""
        return self.file_count - self.received_count
