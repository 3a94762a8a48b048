"""Artifacts and their versions: what they are, and through which homes one sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from accounts.actors import may
from accounts.models import User
from accounts.text import is_askable
from registries.backends import downloading
from registries.models import (
    Alias,
    Artifact,
    Collection,
    Project,
    Run,
    Tag,
    Usage,
    Version,
)
from registries.models.collection import LATEST
from registries.wire import orders
from registries.wire.fields import Asking, Info, grouped, query, shaped, shapes
from registries.wire.filters import VERSIONS, select
from registries.wire.ids import decode, encode
from registries.wire.orders import BY_AGE
from registries.wire.paging import MOST, Connection, connection, whole
from registries.wire.resolvers.files import FileNode, files_of
from registries.wire.resolvers.homes import HomeNode, TypeNode, home_node
from registries.wire.resolvers.people import UserNode
from registries.wire.signing import sign

MANIFEST = "wandb_manifest.json"
"""What the file of a manifest is called."""


def seen_versions(asking: Asking, artifacts: list[int]) -> dict[int, list[Version]]:
    """Return the versions of each artifact that the asker sees, its source's first."""
    versions = Version.objects.visible_to(asking.user).filter(artifact__in=artifacts)
    found: dict[int, list[Version]] = {}
    source_first = F("collection__project").asc(nulls_last=True)
    for version in versions.with_homes().order_by(source_first, "pk"):
        found.setdefault(version.artifact_id, []).append(version)
        asking.expect(aliases_of, version.pk)
        asking.expect(tags_of, version.pk)
    return found


@dataclass(frozen=True, slots=True)
class Called:
    """Finds the version of each collection that an alias or v<number> names."""

    name: str

    def __call__(self, asking: Asking, collections: list[int]) -> dict[int, Version]:
        """Read them: each once in a request, however often it is asked for."""
        found = Version.objects.filter(collection__in=collections).committed()
        return {v.collection_id: v for v in found.with_homes().called(self.name)}


def aliases_of(asking: Asking, versions: list[int]) -> dict[int, list[Alias]]:
    """Return the aliases of each version."""
    return grouped(Alias.objects.filter(version__in=versions).order_by("name"), "version")


def collection_tags(asking: Asking, collections: list[int]) -> dict[int, list[Tag]]:
    """Return the tags of each collection."""
    tags = Tag.objects.filter(collection__in=collections).order_by("name")
    return grouped(tags, "collection")


def tags_of(asking: Asking, versions: list[int]) -> dict[int, list[Tag]]:
    """Return the tags of each version."""
    return grouped(Tag.objects.filter(version__in=versions).order_by("name"), "version")


@shapes(Collection)
class CollectionNode:
    """A collection: a sequence where its versions were logged, else a portfolio."""

    state = "READY"

    def __init__(self, asking: Asking, row: Collection) -> None:
        self.row = row
        is_logged = row.kind == Collection.Kind.LOGGED
        self.typename = "ArtifactSequence" if is_logged else "ArtifactPortfolio"
        self.id = encode("ArtifactCollection", row.pk)
        self.name = row.name
        self.description = row.description or None
        self.created_at = row.created_at
        self.updated_at = row.updated_at
        asking.expect(collection_tags, row.pk)

    def tags(self, info: Info) -> dict[str, Any]:
        """Return its tags."""
        found = info.context.load(collection_tags, self.row.pk) or ()
        return whole(map(tag_node, found))

    def aliases(self, info: Info, **page: Any) -> Connection[Alias]:
        """Return its aliases."""
        return connection(
            Alias.objects.filter(collection=self.row),
            orders.order(None, orders.ALIASES, usual="+name"),
            lambda alias: alias_node(info.context, alias, self.row),
            **page,
        )

    def artifacts(
        self,
        info: Info,
        *,
        filters: str | None = None,
        order: str | None = None,
        **page: Any,
    ) -> Connection[Version]:
        """Return its versions, the newest first."""
        versions = self.row.versions.committed().with_homes()
        return connection(
            versions.filter(select(filters, VERSIONS)),
            orders.order(order, orders.VERSIONS, usual="-version"),
            lambda v: ArtifactNode(info.context, v.artifact, version=v),
            **page,
        )

    def project(self, info: Info) -> HomeNode:
        """Return the project or registry that it is in."""
        return home_node(info.context, self.row.home)

    def default_artifact_type(self, info: Info) -> TypeNode:
        """Return the type that it holds."""
        return TypeNode(self.row.home, self.row)

    def digest_algorithm(self, info: Info) -> str:
        """Return what the digests of its manifests are made with, for life."""
        logged = self.row.logged_artifacts.order_by("pk").first()
        return algorithm(logged) if logged else "MANIFEST_MD5"

    def latest_artifact(self, info: Info) -> ArtifactNode | None:
        """Return the newest version's artifact."""
        newest = (
            self.row.versions.committed().order_by("-number").select_related("artifact")
        )
        found = newest.first()
        return ArtifactNode(info.context, found.artifact) if found else None

    def artifact_membership(
        self, info: Info, alias_name: str | None = None
    ) -> VersionNode | None:
        """Return the version that an alias or v<number> names."""
        version = info.context.load(Called(alias_name or LATEST), self.row.pk)
        return VersionNode(info.context, version) if version else None


@shapes(Version)
class VersionNode:
    """A version: an artifact's membership of a collection."""

    typename = "ArtifactCollectionMembership"

    def __init__(self, asking: Asking, row: Version) -> None:
        self.row = row
        self.id = encode("ArtifactCollectionMembership", row.pk)
        self.version_index = row.number
        self.created_at = row.created_at
        asking.expect(aliases_of, row.pk)
        asking.expect(tags_of, row.pk)
        asking.expect(seen_versions, row.artifact_id)

    def aliases(self, info: Info) -> list[dict[str, Any]]:
        """Return its aliases, and its number."""
        # First what its artifact will ask for: then the aliases of all are read once.
        info.context.load(seen_versions, self.row.artifact_id)
        return alias_nodes(info.context, self.row)

    def artifact_collection(self, info: Info) -> CollectionNode:
        """Return the collection that it is in."""
        return CollectionNode(info.context, self.row.collection)

    def artifact(self, info: Info) -> ArtifactNode:
        """Return its artifact, as it is seen here."""
        return ArtifactNode(info.context, self.row.artifact, version=self.row)

    def files(self, info: Info, **page: Any) -> Connection[Any]:
        """Return a page of its files."""
        return files_of(info.context, self.row.artifact, self.row, **page)


@shapes(Artifact)
class ArtifactNode:
    """An artifact: by itself, or as it is seen in one collection."""

    typename = "Artifact"

    def __init__(
        self, asking: Asking, row: Artifact, *, version: Version | None = None
    ) -> None:
        self.row = row
        self._asking = asking
        self._version = version
        asking.expect(seen_versions, row.pk)
        self.id = encode("Artifact", row.pk)
        self.state = str(row.state).upper()
        self.description = row.description or None
        self.size = row.size
        self.digest = row.digest
        self.file_count = row.file_count
        self.history_step = row.history_step
        self.created_at = row.created_at
        self.updated_at = row.committed_at
        self.commit_hash = row.fingerprint or None
        self.ttl_duration_seconds = row.ttl_seconds or (-2 if row.ttl_seconds == 0 else -1)
        self.ttl_is_inherited = row.ttl_seconds is None
        self.digest_algorithm = algorithm(row)

    def metadata(self, info: Info) -> Any:
        """Return its metadata."""
        return self.row.metadata

    def artifact_type(self, info: Info) -> TypeNode:
        """Return its type, in the home where the asker sees it."""
        holding = self._version.collection if self._version else self._source()
        holding = holding or next((version.collection for version in self._seen()), None)
        return TypeNode(holding.home if holding else None, holding or self.row.source)

    def artifact_sequence(self, info: Info) -> CollectionNode | HiddenSource:
        """Return the collection that it was logged into, unnamed to who may not see it."""
        source = self._source()
        return CollectionNode(info.context, source) if source else HiddenSource(self)

    def version_index(self, info: Info) -> int | None:
        """Return its number where it was logged."""
        if self._source() is None:
            return None
        return next((v.number for v in self._seen() if v.project), None)

    def _source(self) -> Collection | None:
        if self.row.state != Artifact.State.COMMITTED:
            return self.row.source
        seen = (version.collection for version in self._seen())
        return next((found for found in seen if found.pk == self.row.source_id), None)

    def _seen(self) -> list[Version]:
        """The versions of it that the asker sees."""
        return self._asking.load(seen_versions, self.row.pk) or []

    def aliases(self, info: Info) -> list[dict[str, Any]]:
        """Return its aliases, in every collection where the asker sees it."""
        return [
            alias
            for version in self._seen()
            for alias in alias_nodes(info.context, version)
        ]

    def tags(self, info: Info) -> list[dict[str, Any]]:
        """Return its tags here, or wherever the asker sees it."""
        versions = [self._version] if self._version else self._seen()
        found = [info.context.load(tags_of, version.pk) or () for version in versions]
        by_name = {tag.name: tag for tags in found for tag in tags}
        return [tag_node(by_name[name]) for name in sorted(by_name)]

    def artifact_memberships(self, info: Info) -> dict[str, Any]:
        """Return the versions of it that the asker sees."""
        return whole(VersionNode(info.context, version) for version in self._seen())

    def current_manifest(self, info: Info) -> dict[str, Any] | None:
        """Return where its manifest is."""
        if self.row.state != Artifact.State.COMMITTED:
            return None
        address = sign(info.context, "manifest", a=self.row.pk)
        manifest_id = encode("ArtifactManifest", self.row.pk)
        file = FileNode(manifest_id, MANIFEST)  # its size is known when it is written
        file.direct_url = address
        return {"id": manifest_id, "file": file}

    def files_by_manifest_entries(
        self,
        info: Info,
        *,
        entries: list[dict[str, Any]] | None = None,
        first: int | None = None,
        after: str | None = None,
        **_: Any,
    ) -> Connection[Any] | None:
        """Return a page of the files that are named as entries."""
        names = None if entries is None else [entry["name"] for entry in entries]
        return self.files(info, names=names, first=first, after=after)

    def files(self, info: Info, **page: Any) -> Connection[Any] | None:
        """Return a page of its files, through a home that lets the asker have them."""
        seen = self._seen()
        if not seen:
            return None
        actor = info.context.actor
        homes = [v for v in seen if may(actor, downloading(v, whole=True), v)] or seen
        return files_of(info.context, self.row, homes[0], **page)

    def used_by(self, info: Info) -> Connection[Run]:
        """Return the runs that used it, those that one sees."""
        usages = self.row.usages.filter(role=Usage.Role.USED)
        runs = Run.objects.visible_to(info.context.user).filter(pk__in=usages.values("run"))
        rows = runs.brief().select_related("project__entity")
        return connection(rows, BY_AGE, lambda run: shaped(info.context, run), first=MOST)

    def created_by(self, info: Info) -> Any:
        """Return the run that logged it, or the person; what one may not see is None."""
        if self.row.run_id:
            runs = Run.objects.visible_to(info.context.user).filter(pk=self.row.run_id)
            run = runs.brief().select_related("project__entity").first()
            return shaped(info.context, run) if run else None
        users = User.objects.visible_to(info.context.user).select_related("entity")
        user = users.filter(pk=self.row.created_by_id or 0).first()
        return UserNode(info.context, user) if user else None


class HiddenSource:
    """A collection that the asker does not see: told is only what its artifact tells."""

    typename = "ArtifactSequence"
    id = encode("ArtifactCollection", 0)
    name = ""
    state = "READY"
    project = description = updated_at = None
    aliases = artifacts = latest_artifact = artifact_membership = None

    def __init__(self, artifact: ArtifactNode) -> None:
        self.tags = whole(())
        self.created_at = artifact.created_at
        self.digest_algorithm = artifact.digest_algorithm
        self.default_artifact_type = artifact.artifact_type


def algorithm(artifact: Artifact) -> str:
    """Return what the digest of its manifest is made with, as the wire writes it."""
    return f"MANIFEST_{artifact.digest_algorithm.upper()}"


def alias_nodes(asking: Asking, version: Version) -> list[dict[str, Any]]:
    """Return the aliases of a version, and its number, which the SDK tells from them.

    SDKs before 0.26 find the number of a linked version nowhere else.
    """
    number = Alias(pk=0, name=f"v{version.number}")
    found = [*(asking.load(aliases_of, version.pk) or ()), number]
    return [alias_node(asking, alias, version.collection) for alias in found]


def alias_node(asking: Asking, alias: Alias, collection: Collection) -> dict[str, Any]:
    """Return an alias of a collection."""
    return {
        "id": encode("ArtifactAlias", alias.pk),
        "alias": alias.name,
        "artifact_collection": CollectionNode(asking, collection),
    }


def tag_node(tag: Tag) -> dict[str, Any]:
    """Return a tag."""
    return {"id": encode("Tag", tag.pk), "name": tag.name, "typename": "Tag"}


def find_artifact(asking: Asking, artifact_id: str) -> Artifact | None:
    """Return the artifact of that id, if the asker sees it in any home."""
    return _find(asking, Q(pk=decode("Artifact", artifact_id)))


def find_sent_as(asking: Asking, client_id: str) -> Artifact | None:
    """Return the artifact that its sender calls this, if the asker sees it in any home."""
    return _find(asking, Q(client_id=client_id)) if is_askable(client_id) else None


def _find(asking: Asking, named: Q) -> Artifact | None:
    """Ask of what is not there as much as of what is hidden: it takes as long."""
    artifacts = Artifact.objects.select_related("twin").filter(named)
    known = artifacts.first() or Artifact(pk=0, state=Artifact.State.COMMITTED)
    found = known.present
    if found.state == Artifact.State.COMMITTED:
        return Artifact.objects.visible_to(asking.user).filter(pk=found.pk).first()
    projects = Project.objects.visible_to(asking.user).values("pk")
    pending = Artifact.objects.filter(pk=found.pk, source__project__in=projects)
    return pending.exclude(state=Artifact.State.DELETED).select_related("source").first()


@query
def artifact(info: Info, id: str) -> ArtifactNode | None:
    """Return an artifact by id."""
    found = find_artifact(info.context, id)
    return ArtifactNode(info.context, found) if found else None


@query
def artifact_collection(info: Info, id: str) -> CollectionNode | None:
    """Return a collection by id."""
    seen = Collection.objects.visible_to(info.context.user).select_related(
        "registry__organization__entity", "project__entity__team"
    )
    found = seen.filter(pk=decode("ArtifactCollection", id)).first()
    return CollectionNode(info.context, found) if found else None
