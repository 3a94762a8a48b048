"""Artifacts and their versions: what they are, and through which homes one sees them."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from accounts.actors import may
from accounts.models import User
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
from registries.wire.fields import Asking, Info, query, shaped, shapes
from registries.wire.filters import VERSIONS, select
from registries.wire.ids import decode, encode
from registries.wire.orders import BY_AGE
from registries.wire.paging import MOST, Connection, connection
from registries.wire.resolvers.files import files_of
from registries.wire.resolvers.homes import HomeNode, TypeNode, home_node
from registries.wire.resolvers.people import UserNode
from registries.wire.signing import sign


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


def aliases_of(asking: Asking, versions: list[int]) -> dict[int, list[Alias]]:
    """Return the aliases of each version."""
    found: dict[int, list[Alias]] = {}
    for alias in Alias.objects.filter(version__in=versions).order_by("name"):
        found.setdefault(alias.version_id, []).append(alias)
    return found


def collection_tags(asking: Asking, collections: list[int]) -> dict[int, list[Tag]]:
    """Return the tags of each collection."""
    found: dict[int, list[Tag]] = {}
    for tag in Tag.objects.filter(collection__in=collections).order_by("name"):
        found.setdefault(tag.collection_id or 0, []).append(tag)
    return found


def tags_of(asking: Asking, versions: list[int]) -> dict[int, list[Tag]]:
    """Return the tags of each version."""
    found: dict[int, list[Tag]] = {}
    for tag in Tag.objects.filter(version__in=versions).order_by("name"):
        found.setdefault(tag.version_id or 0, []).append(tag)
    return found


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
        return {"edges": [{"node": tag_node(tag)} for tag in found]}

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
        versions = self.row.versions.committed().with_homes()
        version = versions.called(alias_name or LATEST).first()
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
        """Return its aliases; its number, which the SDK takes for no alias, without any.

        An empty list makes SDKs of 0.19 look for aliases that they did not ask for.
        """
        # First what its artifact will ask for: then the aliases of all are read once.
        info.context.load(seen_versions, self.row.artifact_id)
        number = Alias(pk=0, name=f"v{self.row.number}")
        found = info.context.load(aliases_of, self.row.pk) or (number,)
        return [alias_node(info.context, alias, self.row.collection) for alias in found]

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

    def artifact_type(self, info: Info) -> dict[str, Any]:
        """Return its type."""
        name = encode("ArtifactType", self.row.source_id)
        return {"id": name, "name": self.row.type, "created_at": self.row.created_at}

    def artifact_sequence(self, info: Info) -> CollectionNode | HiddenSource:
        """Return the collection that it was logged into, unnamed to who may not see it."""
        source = self._source()
        return CollectionNode(info.context, source) if source else HiddenSource()

    def version_index(self, info: Info) -> int | None:
        """Return its number where it was logged."""
        if self._source() is None:
            return None
        return next((v.number for v in self._seen() if v.project), None)

    def _source(self) -> Collection | None:
        if self.row.state != Artifact.State.COMMITTED:
            return self.row.source
        return next((v.collection for v in self._seen() if is_source(v, self.row)), None)

    def _seen(self) -> list[Version]:
        """The versions of it that the asker sees."""
        return self._asking.load(seen_versions, self.row.pk) or []

    def aliases(self, info: Info) -> list[dict[str, Any]]:
        """Return its aliases, in every collection where the asker sees it."""
        return [
            alias_node(info.context, alias, version.collection)
            for version in self._seen()
            for alias in info.context.load(aliases_of, version.pk) or ()
        ]

    def tags(self, info: Info) -> list[dict[str, Any]]:
        """Return its tags here, or wherever the asker sees it."""
        versions = [self._version] if self._version else self._seen()
        found = [info.context.load(tags_of, version.pk) or () for version in versions]
        by_name = {tag.name: tag for tags in found for tag in tags}
        return [tag_node(by_name[name]) for name in sorted(by_name)]

    def artifact_memberships(self, info: Info) -> dict[str, Any]:
        """Return the versions of it that the asker sees."""
        seen = self._seen()
        edges = [{"node": VersionNode(info.context, version)} for version in seen]
        page = {"has_next_page": False, "end_cursor": None}
        return {"total_count": len(seen), "page_info": page, "edges": edges}

    def current_manifest(self, info: Info) -> dict[str, Any] | None:
        """Return where its manifest is."""
        if self.row.state != Artifact.State.COMMITTED:
            return None
        address = sign(info.context, "manifest", a=self.row.pk)
        manifest_id = encode("ArtifactManifest", self.row.pk)
        file = {"id": manifest_id, "direct_url": address, "upload_headers": ()}
        file |= dict.fromkeys(("name", "display_name"), "wandb_manifest.json")
        return {"id": manifest_id, "file": file | {"size_bytes": 0}}  # not written yet

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
        names = [entry["name"] for entry in entries or ()]
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
            run = runs.select_related("project__entity").first()
            return shaped(info.context, run) if run else None
        users = User.objects.visible_to(info.context.user).select_related("entity")
        user = users.filter(pk=self.row.created_by_id or 0).first()
        return UserNode(info.context, user) if user else None


class HiddenSource:
    """A collection that the asker does not see: nothing of it is told."""

    typename = "ArtifactSequence"
    id = encode("ArtifactCollection", 0)
    name = ""
    project = None
    description = None
    latest_artifact = None


def is_source(version: Version, artifact: Artifact) -> bool:
    """Whether the version is the one that logging made."""
    return version.collection_id == artifact.source_id


def algorithm(artifact: Artifact) -> str:
    """Return what the digest of its manifest is made with, as the wire writes it."""
    return f"MANIFEST_{artifact.digest_algorithm.upper()}"


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
    pk = decode("Artifact", artifact_id)
    artifacts = Artifact.objects.select_related("twin").filter(pk=pk)
    if (named := artifacts.first()) is None:
        return None
    found = named.twin or named
    if found.state == Artifact.State.COMMITTED:
        return Artifact.objects.visible_to(asking.user).filter(pk=found.pk).first()
    projects = Project.objects.visible_to(asking.user).values("pk")
    pending = Artifact.objects.filter(pk=found.pk, source__project__in=projects)
    return pending.exclude(state=Artifact.State.DELETED).select_related("source").first()


@query
def artifact(info: Info, id: str) -> ArtifactNode | None:  # noqa: A002
    """Return an artifact by id."""
    found = find_artifact(info.context, id)
    return ArtifactNode(info.context, found) if found else None


@query
def artifact_collection(info: Info, id: str) -> CollectionNode | None:  # noqa: A002
    """Return a collection by id."""
    seen = Collection.objects.visible_to(info.context.user).select_related(
        "registry__organization__entity", "project__entity__team"
    )
    found = seen.filter(pk=decode("ArtifactCollection", id)).first()
    return CollectionNode(info.context, found) if found else None
