"""Collections, their versions, aliases and tags."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Left, Lower
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.text import is_askable
from registries.models.artifact import Artifact
from registries.models.project import Project
from registries.models.registry import BEGINNING, ProtectedAlias, Registry

LATEST = "latest"
"""The alias that follows the newest version by itself."""
SHOWN = 6
"""How many aliases or tags a row shows; one more is read, to say that there are more."""


class CollectionQuerySet(models.QuerySet["Collection"]):
    """Which collections."""

    def live(self) -> CollectionQuerySet:
        """Those not in the trash; their home may be."""
        return self.filter(deleted_at=None)

    def named(self, name: str) -> CollectionQuerySet:
        """The live one of that name, without regard to case, in the home that was asked."""
        return self.live().filter(key=name.lower()) if is_askable(name) else self.none()

    def matching(self, words: str) -> CollectionQuerySet:
        """Those with the words in their name."""
        if not is_askable(words):
            return self.none()
        return self.filter(name__icontains=words) if words else self

    def for_table(self) -> CollectionQuerySet:
        """With what a row of the table shows: the newest version, some aliases and tags."""
        newest = Version.objects.filter(collection=OuterRef("pk")).order_by("-number")
        aliases = Alias.objects.by_hand().with_protection().select_related("version")
        return (
            self.select_related("created_by__entity", "updated_by__entity")
            .defer("description")
            .annotate(
                beginning=Left("description", BEGINNING),
                newest_number=Subquery(newest.values("number")[:1]),
                sort_type=Lower("type"),
            )
            .prefetch_related(
                Prefetch("aliases", aliases[: SHOWN + 1], to_attr="shown_aliases"),
                Prefetch("tags", Tag.objects.all()[: SHOWN + 1], to_attr="shown_tags"),
            )
        )

    def visible_to(self, user: Any) -> CollectionQuerySet:
        """The live collections of the registries and projects that the user sees."""
        return self.live().filter(
            Q(registry__in=Registry.objects.visible_to(user).values("pk"))
            | Q(project__in=Project.objects.visible_to(user).values("pk"))
        )


class Collection(models.Model):
    """A named line of versions of one artifact type, in a registry or in a project.

    Logged: its versions were made there. Linked: they link artifacts logged elsewhere.
    """

    class Kind(models.TextChoices):
        LOGGED = "logged", "Logged"
        LINKED = "linked", "Linked"

    registry = models.ForeignKey(
        Registry, models.CASCADE, null=True, blank=True, related_name="collections"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="collections"
    )
    kind = models.CharField(max_length=6, choices=Kind)
    name = models.CharField(max_length=128)
    key = models.CharField(max_length=128, help_text="The name in lower case.")
    type = models.CharField(max_length=128)
    description = models.TextField(blank=True)
    version_count = models.PositiveIntegerField(default=0, editable=False)
    file_count = models.PositiveBigIntegerField(default=0, editable=False)
    logical_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    unique_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    unique_counted_at = models.DateTimeField(null=True, editable=False)
    newest_size = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Bytes of the newest version."
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    is_starred: bool
    """With `with_stars` only."""

    objects = CollectionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(registry__isnull=True) ^ Q(project__isnull=True),
                name="collection_is_in_a_registry_or_a_project",
            ),
            models.CheckConstraint(
                condition=Q(registry__isnull=True, kind__in=("logged", "linked"))
                | Q(kind="linked"),
                name="collection_in_a_registry_is_linked",
            ),
            models.UniqueConstraint(
                fields=["registry", "key"],
                condition=Q(deleted_at=None),
                name="collection_name_is_unique_in_registry",
            ),
            models.UniqueConstraint(
                fields=["project", "key"],
                condition=Q(deleted_at=None),
                name="collection_name_is_unique_in_project",
            ),
        ]
        # One for each order of a registry's table. They end in what it is filtered by, so
        # that a rare type or creator is found without reading every row on the way.
        indexes = [
            models.Index(
                fields=["registry", "updated_at", "id", "type", "created_by"],
                condition=Q(deleted_at=None),
                name="collection_by_update",
            ),
            models.Index(
                fields=["registry", "key", "type", "created_by"],
                condition=Q(deleted_at=None),
                name="collection_by_name",
            ),
            models.Index(
                "registry",
                Lower("type"),
                "key",
                "type",
                "created_by",
                condition=Q(deleted_at=None),
                name="collection_by_type",
            ),
            models.Index(
                fields=["registry", "version_count", "id", "type", "created_by"],
                condition=Q(deleted_at=None),
                name="collection_by_versions",
            ),
            models.Index(
                fields=["registry", "newest_size", "id", "type", "created_by"],
                condition=Q(deleted_at=None),
                name="collection_by_size",
            ),
            models.Index(
                fields=["registry", "-deleted_at", "-id"],
                condition=Q(deleted_at__isnull=False),
                name="collection_in_trash",
            ),
            models.Index(
                fields=["-updated_at", "-id"],
                condition=Q(deleted_at=None, registry__isnull=False),
                name="collection_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The collection's page, in its registry or project."""
        if self.registry is None:
            assert self.project is not None
            place = [self.project.entity.name, self.project.name, self.type, self.name]
            return reverse("registries:source", args=place)
        place = [self.registry.organization.name, self.registry.name, self.name]
        return reverse("registries:collection", args=place)

    @property
    def home(self) -> Registry | Project:
        """The registry or project that it is in."""
        return self.registry or self.project  # type: ignore[return-value]  # a check: exactly one

    @property
    def is_live(self) -> bool:
        """Whether neither it nor its home is in the trash."""
        return self.deleted_at is None and self.home.is_live

    @property
    def full_name(self) -> str:
        """HOME/COLLECTION, as commands take it."""
        home = self.registry.full_name if self.registry else self.project
        return f"{home}/{self.name}"


class VersionQuerySet(models.QuerySet["Version"]):
    """Which versions."""

    def visible_to(self, user: Any) -> VersionQuerySet:
        """The versions of the collections that the user sees, of committed artifacts."""
        # By registries and projects: a list of all their collections may be very long.
        return self.filter(
            Q(collection__registry__in=Registry.objects.visible_to(user).values("pk"))
            | Q(collection__project__in=Project.objects.visible_to(user).values("pk")),
            collection__deleted_at=None,
            artifact__state=Artifact.State.COMMITTED,
        )

    def for_table(self) -> VersionQuerySet:
        """With what a row of the table shows, and nothing of the metadata."""
        aliases = Alias.objects.with_protection()[: SHOWN + 1]
        return (
            self.select_related("artifact", "created_by__entity")
            .defer("artifact__metadata", "artifact__description")
            .annotate(
                beginning=Left("artifact__description", BEGINNING),
                sort_files=F("artifact__file_count"),
                sort_size=F("artifact__size"),
            )
            .prefetch_related(Prefetch("aliases", aliases, to_attr="shown_aliases"))
        )

    def with_homes(self) -> VersionQuerySet:
        """With the artifact, the collection and what that is in."""
        return self.select_related(
            "artifact",
            "collection__registry__organization__entity",
            "collection__project__entity__team",
        )

    def committed(self) -> VersionQuerySet:
        """Those whose artifact readers may see."""
        return self.filter(artifact__state=Artifact.State.COMMITTED)

    def called(self, name: str) -> VersionQuerySet:
        """The one that an alias, `latest` or `v<number>` names, in one collection."""
        if name[:1] == "v" and name[1:].isascii() and name[1:].isdigit():
            number = int(name[1:11])
            return self.filter(number=number) if name == f"v{number}" else self.none()
        return self.filter(aliases__name=name) if is_askable(name) else self.none()


class Version(models.Model):
    """One artifact under a number in one collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="versions")
    artifact = models.ForeignKey(Artifact, models.RESTRICT, related_name="versions")
    number = models.PositiveIntegerField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "number"],
                name="version_number_is_unique_in_collection",
            ),
            models.UniqueConstraint(
                fields=["collection", "artifact"], name="version_is_one_per_artifact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collection}:v{self.number}"

    def get_absolute_url(self) -> str:
        """The version's page, in its registry or project."""
        between = "v/" if self.registry else "v"
        return f"{self.collection.get_absolute_url()}{between}{self.number}/"

    @property
    def registry(self) -> Registry | None:
        """The registry it is in, None in a project."""
        return self.collection.registry

    @property
    def project(self) -> Project | None:
        """The project it is in, None in a registry."""
        return self.collection.project

    @property
    def is_live(self) -> bool:
        """Whether nothing around it is in the trash."""
        return self.collection.is_live

    @property
    def full_name(self) -> str:
        """HOME/COLLECTION:vN, as commands take it."""
        return f"{self.collection.full_name}:v{self.number}"


class AliasQuerySet(models.QuerySet["Alias"]):
    """Which aliases."""

    def by_hand(self) -> AliasQuerySet:
        """Those that people move."""
        return self.exclude(name=LATEST)

    def with_protection(self) -> AliasQuerySet:
        """With whether only Admins of the registry move them, as `is_protected`."""
        protected = ProtectedAlias.objects.filter(
            registry=OuterRef("collection__registry"), name=OuterRef("name")
        )
        return self.annotate(is_protected=Exists(protected))

    def protected(self) -> AliasQuerySet:
        """Those that only Admins of the registry move."""
        return self.with_protection().filter(Q(is_protected=True))

    def protected_first(self) -> AliasQuerySet:
        """With their protection, those that only Admins move before the others."""
        return self.with_protection().order_by(F("is_protected").desc(), "name")


class Alias(models.Model):
    """A movable name of one version in a collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="aliases")
    version = models.ForeignKey(Version, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=128)
    updated_at = models.DateTimeField(default=timezone.now)

    is_protected: bool
    """With `with_protection` only."""

    objects = AliasQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "name"], name="alias_is_on_one_version"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_automatic(self) -> bool:
        """Whether the server moves it."""
        return self.name == LATEST


class Tag(models.Model):
    """A word on a collection, or on a version."""

    collection = models.ForeignKey(
        Collection, models.CASCADE, null=True, blank=True, related_name="tags"
    )
    version = models.ForeignKey(
        Version, models.CASCADE, null=True, blank=True, related_name="tags"
    )
    name = models.CharField(max_length=128)

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(collection__isnull=True) ^ Q(version__isnull=True),
                name="tag_is_on_a_collection_or_a_version",
            ),
            models.UniqueConstraint(
                fields=["collection", "name"], name="tag_is_once_on_a_collection"
            ),
            models.UniqueConstraint(
                fields=["version", "name"], name="tag_is_once_on_a_version"
            ),
        ]

    def __str__(self) -> str:
        return self.name
