"""As many registries, collections and versions as wanted, written in bulk, past operations.

In proportion: 1,000 versions are in 100 collections of one registry. One registry and one
collection hold far more than the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import Model

from accounts.models import Entity, Event, Membership, Organization, User
from accounts.permissions import Role
from registries.models import (
    Alias,
    AliasMove,
    Artifact,
    Collection,
    Project,
    Registry,
    RegistryName,
    Run,
    SearchTerm,
    Tag,
    Version,
)
from registries.models.collection import LATEST
from registries.search import terms
from tests.factories import (
    MembershipFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    make_organization,
)

BATCH = 2_000
START = datetime(2020, 1, 1, tzinfo=UTC)
WHAT = ("churn", "fraud", "intent", "layout", "speech", "demand", "defects", "embedder")
HOW = ("classifier", "ranker", "scorer", "detector", "encoder", "forecaster")
OWNER = "keeper"
RARE = 50_000
"""One of so many collections has another type, and another another creator."""
TAGS = ("tabular", "vision", "nlp", "gdpr-reviewed")
Kind = SearchTerm.Kind


def moment(number: int) -> datetime:
    """A moment of its own."""
    return START + timedelta(minutes=number)


def name(number: int) -> str:
    """A name of two words and a number."""
    return f"{WHAT[number % 8]}-{HOW[number % 6]}-{number:06}"


def write[T: Model](rows: Iterable[T]) -> None:
    """Write rows of one model, in batches."""
    for some in batched(rows, BATCH, strict=False):
        type(some[0])._default_manager.bulk_create(some)


def settle() -> None:
    """Do to a PostgreSQL what it does by itself after a while."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


class Shelves:
    """An organization that holds so many versions, and somebody who looks around in it."""

    def __init__(self, versions: int) -> None:
        self.versions = versions
        self.organization: Organization = make_organization("acme")
        self.owner: Membership = MembershipFactory(
            organization=self.organization, user__username=OWNER
        )
        self.admin: User = MembershipFactory(
            organization=self.organization, user__username="admin", role=Role.ADMIN
        ).user
        self.reader: User = self._reader()
        self.project: Project = self._project()
        self.registries = self._registries()
        self.guest: User = self._guest()
        self.sources = self._collections(versions // 1000, [self.project])
        self.collections = self._collections(versions // 10, self.registries)
        self.artifacts = self._artifacts()
        self._versions()
        self._around()
        self._gone()

    @property
    def registry(self) -> Registry:
        """The one with a tenth of all collections."""
        return self.registries[0]

    @property
    def collection(self) -> Collection:
        """The one with a hundredth of all versions, in that registry."""
        return self.collections[0]

    def _reader(self) -> User:
        membership = MembershipFactory(
            organization=self.organization, user__username="reader", role=Role.VIEWER
        )
        self.team = TeamFactory(organization=self.organization, name="readers")
        TeamMembershipFactory(team=self.team, membership=membership)
        return membership.user

    def _guest(self) -> User:
        """Somebody with three roles: all they see once every registry is restricted."""
        membership = MembershipFactory(
            organization=self.organization, user__username="guest", role=Role.VIEWER
        )
        middle = len(self.registries) // 2
        for each in (self.registries[n] for n in (1, middle, -1)):
            RegistryMemberFactory(
                registry=each, membership=membership, role=Role.RESTRICTED_VIEWER
            )
        return membership.user

    def restrict(self) -> None:
        """Hide every registry from whoever has no role in it."""
        made = Registry.objects.filter(is_core=False)
        made.update(visibility=Registry.Visibility.RESTRICTED)

    def _project(self) -> Project:
        entities: list[Entity] = [self.team.entity]
        projects = [
            Project(entity=entity, name=f"project-{n}", key=f"project-{n}")
            for entity in entities
            for n in range(max(10, self.versions // 1000))
        ]
        write(projects)
        return projects[0]

    def _registries(self) -> list[Registry]:
        """Every tenth is restricted; the reader was added to one of ten of those."""
        registries = [
            Registry(
                organization=self.organization,
                name=f"shelf-{name(n)}",
                description="What everybody may use. " * 20,
                owner=self.owner,
                visibility="restricted" if n % 10 == 1 else "organization",
                updated_at=moment(n),
            )
            for n in range(max(2, self.versions // 1000))
        ]
        write(registries)
        write(
            RegistryName(organization=self.organization, registry=each, key=each.name)
            for each in registries
        )
        write(t for each in registries for t in terms(Kind.REGISTRY, each, None, each.name))
        for each in registries[1::100]:
            RegistryMemberFactory(
                registry=each, membership=self.reader.memberships.get(), role=Role.VIEWER
            )
        return registries

    def _collections(self, count: int, homes: list[Any]) -> list[Collection]:
        """A tenth of them in the first home, the others everywhere."""

        def made(n: int) -> Collection:
            home = homes[0 if n % 10 == 0 else n % len(homes)]
            place = {"project" if isinstance(home, Project) else "registry": home}
            return Collection(
                **place,
                kind="logged" if isinstance(home, Project) else "linked",
                name=name(n),
                key=name(n),
                type="tokenizer" if n % RARE == 0 else "model",
                description="How it was made, and what for. " * 20,
                created_by=self.owner.user if n % RARE == 10 else self.reader,
                updated_at=moment(n),
                updated_by=self.reader,
            )

        collections = [made(n) for n in range(count)]
        write(collections)
        return collections

    def _artifacts(self) -> list[Artifact]:
        def made(n: int) -> Artifact:
            return Artifact(
                source=self.sources[n % len(self.sources)],
                type="model",
                state="committed",
                description="A description of some length. " * 5,
                metadata={"accuracy": n / 7, "epochs": n % 100},
                digest=f"{n:032x}",
                fingerprint=f"{n:064x}",
                size=n * 1000,
                file_count=3,
            )

        artifacts = [made(n) for n in range(self.versions // 10)]
        write(artifacts)
        return artifacts

    def _versions(self) -> None:
        """Every artifact in its source, a hundredth of all in one collection, the rest
        evenly; `latest` and `production` on the last of each.
        """
        self.last: dict[int, Version] = {}
        write(self._noted(self._numbered()))
        every = [*self.sources, *self.collections]
        for each in every:
            newest = self.last.get(each.pk)
            each.version_count = newest.number + 1 if newest else 0
            each.newest_size = newest.artifact.size if newest else 0
        for some in batched(every, BATCH, strict=False):
            Collection.objects.bulk_update(some, ["version_count", "newest_size"])

    def _numbered(self) -> Iterator[Version]:
        count = len(self.artifacts)
        for n, artifact in enumerate(self.artifacts):
            yield Version(
                collection=artifact.source, artifact=artifact, number=n // len(self.sources)
            )
        for n in range(count // 10):
            yield Version(collection=self.collection, artifact=self.artifacts[n], number=n)
        rest = self.collections[1:]
        for n in range(self.versions - count - count // 10):
            number, place = divmod(n, len(rest))
            artifact = self.artifacts[(place * 7 + number) % count]
            yield Version(collection=rest[place], artifact=artifact, number=number)

    def _noted(self, versions: Iterator[Version]) -> Iterator[Version]:
        for version in versions:
            self.last[version.collection_id] = version
            version.created_by = self.reader
            yield version

    def _around(self) -> None:
        """Aliases and their moves, tags, search terms, runs, and what happened."""
        there = [(each, self.last[each.pk]) for each in self.collections]
        write(
            Alias(collection=each, version=version, name=alias)
            for each, version in there
            for alias in (LATEST, "production", f"best-{each.pk % 100}")
        )
        write(
            AliasMove(
                collection=self.collection,
                name=("production", "best")[n % 2],
                from_number=n,
                to_number=n + 1,
                by=self.reader,
            )
            for n in range(self.versions // 100)
        )
        write(Tag(collection=each, name=TAGS[each.pk % 4]) for each, _ in there)
        write(
            term
            for each, _ in there
            for kind, word in (
                (Kind.COLLECTION, each.name),
                (Kind.ALIAS, "production"),
                (Kind.ALIAS, f"best-{each.pk % 100}"),
                (Kind.TAG, TAGS[each.pk % 4]),
            )
            if each.registry is not None
            for term in terms(kind, each.registry, each, word)
        )
        write(
            Run(project=self.project, name=f"run-{n}", created_by=self.reader)
            for n in range(self.versions // 10)
        )
        write(self._happened(n) for n in range(self.versions // 10))

    def _gone(self) -> None:
        """One collection in the trash to ten, and one registry to a hundred."""
        write(self._deleted(n) for n in range(self.versions // 100))
        write(
            Registry(
                organization=self.organization,
                name=f"gone-{n}",
                owner=self.owner,
                deleted_at=moment(n),
            )
            for n in range(self.versions // 100_000)
        )

    def _deleted(self, n: int) -> Collection:
        home = self.registries[n % len(self.registries)]
        return Collection(
            registry=home,
            kind="linked",
            name=f"gone-{n}",
            key=f"gone-{n}",
            type="model",
            deleted_at=moment(n),
        )

    def _happened(self, n: int) -> Event:
        """Every tenth in the greatest collection."""
        collection = self.collections[0 if n % 10 == 0 else n % len(self.collections)]
        registry = collection.registry
        assert registry is not None
        return Event(
            kind="version.link",
            actor_id=self.reader.pk,
            actor_name="reader",
            via="web",
            organization_id=self.organization.pk,
            organization_name="Acme",
            registry_id=registry.pk,
            registry_name=registry.name,
            collection_id=collection.pk,
            collection_name=collection.name,
            subject_type="version",
            subject_name=f"{collection.name}:v1",
            after={"version": 1},
        )
