"""Projects and registries: to the SDK a registry is a project of its organization."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.actors import may
from accounts.models import Entity
from accounts.permissions import TeamPermission
from accounts.text import fold, is_askable
from registries.models import Collection, Project, Registry, Run, Version
from registries.models.collection import LATEST, CollectionQuerySet
from registries.models.registry import PREFIX
from registries.permissions import Permission
from registries.wire import orders
from registries.wire.fields import QUERIES, Asking, Info, query, shaped, shapes
from registries.wire.filters import COLLECTIONS, select
from registries.wire.ids import encode, home_id, home_number
from registries.wire.paging import Connection, connection
from registries.wire.resolvers.automation_lists import automations_of
from registries.wire.resolvers.people import EntityNode, find_entity, organization_of
from registries.wire.resolvers.registry_members import (
    people_in,
    teams_in,
    types_of,
    types_there,
)
from registries.wire.resolvers.runs import RunNode, run_list, run_node, runs_of

LEGACY = "model-registry"
"""The project that older scripts link models into: the organization's core registry."""


class TypeNode:
    """A type of artifacts, in a home where a collection holds it, if one sees a home."""

    typename = "ArtifactType"
    description = None

    def __init__(self, home: Project | Registry | None, holding: Collection) -> None:
        self._is_logged = isinstance(home, Project)
        collections = home.collections.live() if home else Collection.objects.none()
        self._holding: CollectionQuerySet = collections.filter(type=holding.type)
        self.id = encode("ArtifactType", holding.pk)
        self.name = holding.type
        self.created_at = holding.created_at

    def artifact_collection(self, info: Info, name: str) -> Any:
        """Return the collection of that name, if it holds this type."""
        named = self._holding.named(name).first()
        return shaped(info.context, named) if named else None

    def artifact_sequence(self, info: Info, name: str) -> Any:
        """Return the collection of that name, if programs log into it: SDK 0.19 asks."""
        return self.artifact_collection(info, name) if self._is_logged else None

    def artifact_collections(self, info: Info, **wanted: Any) -> Connection[Collection]:
        """Return the collections that hold it."""
        return collection_list(info.context, self._holding, **wanted)


def collection_list(
    asking: Asking,
    collections: CollectionQuerySet,
    *,
    filters: str | None = None,
    order: str | None = None,
    **page: Any,
) -> Connection[Collection]:
    """Return some of the collections."""
    rows = collections.filter(select(filters, COLLECTIONS)).select_related(
        "registry__organization__entity", "project__entity__team"
    )
    asked = orders.order(order, orders.COLLECTIONS, usual="+name")
    return connection(rows, asked, lambda row: shaped(asking, row), **page)


class HomeNode:
    """A project or a registry, to somebody who sees it."""

    typename = "Project"
    views = None
    is_benchmark = False

    def __init__(self, asking: Asking, row: Project | Registry, entity: Entity) -> None:
        self.asking = asking
        self.row = row
        self.id = self.internal_id = home_id(row)
        self.description = row.description or None
        self.created_at = row.created_at
        self.entity_name = entity.name
        self._entity = entity
        asking.expect(automations_of, home_number(row))

    def entity(self, info: Info) -> EntityNode:
        """Return the team, person or organization that it is of."""
        return EntityNode(info.context, self._entity)

    def triggers(self, info: Info) -> list[Any]:
        """Return its automations, and those of its collections."""
        found = info.context.load(automations_of, home_number(self.row)) or []
        return [shaped(info.context, row) for row in found]

    def artifact_collection_membership(self, info: Info, name: str) -> Any:
        """Return the version that COLLECTION[:ALIAS] names."""
        version = self._version(name)
        return shaped(info.context, version) if version else None

    def artifact(self, info: Info, name: str) -> Any:
        """Return the artifact of the version that COLLECTION[:ALIAS] names."""
        version = self._version(name)
        return shaped(info.context, version.artifact) if version else None

    def artifact_collection(self, info: Info, name: str) -> Any:
        """Return a collection by name."""
        collection = self._collections().named(name).first()
        return shaped(info.context, collection) if collection else None

    def artifact_type(self, info: Info, name: str) -> Any:
        """Return a type, where some collection holds it."""
        if not is_askable(name):
            return None
        holding = self._collections().filter(type=name).order_by("pk").first()
        return TypeNode(self.row, holding) if holding else None

    def artifact_collections(self, info: Info, **wanted: Any) -> Connection[Collection]:
        """Return its collections."""
        return collection_list(info.context, self._collections(), **wanted)

    def _version(self, name: str) -> Version | None:
        collection, _, alias = name.partition(":")
        versions = Version.objects.filter(
            collection__in=self.row.collections.named(collection)
        )
        return versions.committed().with_homes().called(alias or LATEST).first()

    def _collections(self) -> CollectionQuerySet:
        collections: CollectionQuerySet = self.row.collections.live()
        return collections


@shapes(Project)
class ProjectNode(HomeNode):
    """A project of a team or person."""

    members: tuple[()] = ()
    team_members: tuple[()] = ()
    access = "PRIVATE"
    allow_all_artifact_types_in_registry = True
    user = None

    def __init__(self, asking: Asking, project: Project) -> None:
        super().__init__(asking, project, project.entity)
        self._project = project
        self.name = project.name
        self.updated_at = project.created_at

    def read_only(self, info: Info) -> bool:
        """Whether the asker may only look."""
        return not may(info.context.actor, TeamPermission.LOG, self.row)

    def artifact_types(
        self, info: Info, *, include_all: bool | None = None, **page: Any
    ) -> Connection[Collection]:
        """Return the types that its collections hold."""
        collections = self._collections()
        first = collections.filter(type=OuterRef("type")).order_by("pk").values("pk")[:1]
        return connection(
            collections.filter(pk=Subquery(first)),
            orders.order(None, orders.TYPES, usual="+name"),
            lambda holding: TypeNode(self.row, holding),
            **page,
        )

    def run(self, info: Info, name: str, **_: Any) -> RunNode | None:
        """Return one of its runs."""
        return run_node(info, self._project, name)

    bucket = run
    """What the SDK called a run before."""

    def runs(
        self,
        info: Info,
        *,
        filters: str | None = None,
        order: str | None = None,
        first: int | None = None,
        after: str | None = None,
        **_: Any,
    ) -> Connection[Run]:
        """Return its runs, those and as they are asked for."""
        return run_list(
            info, self._project, filters=filters, asked=order, first=first, after=after
        )

    def run_count(self, info: Info, filters: str | None = None) -> int:
        """Return how many runs match."""
        return runs_of(info.context, self._project, filters).count()


@shapes(Registry)
class RegistryNode(HomeNode):
    """A registry, as a project of its organization."""

    user = run = bucket = runs = None
    run_count = 0

    def __init__(self, asking: Asking, registry: Registry) -> None:
        super().__init__(asking, registry, registry.organization.entity)
        self._registry = registry
        asking.expect(types_there, registry.pk)
        self.name = f"{PREFIX}{registry.name}"
        self.updated_at = registry.updated_at
        self.access = "RESTRICTED" if registry.is_restricted else "PRIVATE"
        self.allow_all_artifact_types_in_registry = registry.accepts_all_types

    def read_only(self, info: Info) -> bool:
        """Whether the asker may change no version there."""
        return not may(info.context.actor, Permission.EDIT_TAGS, self.row)

    def members(self, info: Info) -> list[dict[str, Any]]:
        """Return its Owner, and the people who were given a role there."""
        return people_in(self._registry)

    def team_members(self, info: Info) -> list[dict[str, Any]]:
        """Return the teams that were given a role there."""
        return teams_in(info.context, self._registry)

    def artifact_types(self, info: Info, **_: Any) -> dict[str, Any]:
        """Return the types that it accepts; those there, where it accepts all."""
        return types_of(info.context, self._registry)


def home_node(asking: Asking, home: Project | Registry) -> HomeNode:
    """Return the node of a home."""
    if isinstance(home, Registry):
        return RegistryNode(asking, home)
    return ProjectNode(asking, home)


def find_home(
    asking: Asking, entity: str | None, name: str | None
) -> Project | Registry | None:
    """Return the project or registry of that name, if the asker sees it."""
    if not name or not is_askable(name) or not is_askable(entity or ""):
        return None
    if name.startswith(PREFIX):
        return _registry(asking, entity, name.removeprefix(PREFIX))
    if name == LEGACY:
        return _registry(asking, entity, "model")
    names = (
        {"entity__names__key": fold(entity)}
        if entity
        else {"entity": find_entity(asking, None)}
    )
    projects = Project.objects.visible_to(asking.user).select_related("entity__team")
    return projects.filter(**names, key=fold(name)).first()


def _registry(asking: Asking, entity: str | None, name: str) -> Registry | None:
    """Return the registry of an organization; of a team or person, of theirs."""
    registries = (
        Registry.objects.visible_to(asking.user)
        .named(name)
        .select_related("organization__entity")
    )
    found = registries.filter(organization__entity__names__key=fold(entity or "")).first()
    if found is not None:
        return found
    place = find_entity(asking, entity)
    organization = organization_of(asking, place) if place else None
    return registries.filter(organization=organization).first() if organization else None


@query
def project(
    info: Info, name: str | None = None, entity_name: str | None = None
) -> HomeNode | None:
    """Return a project or registry by name."""
    found = find_home(info.context, entity_name, name)
    return home_node(info.context, found) if found else None


QUERIES["model"] = project  # what the SDK called one before
