"""Lists of projects and registries, and of what is in an organization's registries."""

from __future__ import annotations

from functools import partial
from typing import Any

from accounts.models import Entity
from registries.models import Collection, Project, Registry, Version
from registries.models.registry import RegistryQuerySet
from registries.wire import filters as fields
from registries.wire import orders
from registries.wire.fields import Asking, shaped
from registries.wire.paging import Connection, Edge, PageInfo, connection
from registries.wire.resolvers.automation_lists import homes_with_automations

OTHERS = "others"
"""The cursor behind the homes with automations."""
KINDS = {"SEQUENCE": Collection.Kind.LOGGED, "PORTFOLIO": Collection.Kind.LINKED}
"""What the wire calls the kinds of collections."""


def own_projects(
    asking: Asking, *, first: int | None = None, after: str | None = None
) -> Any:
    """Return the projects that the asker sees; at first, at once, homes with automations.

    The SDK looks for automations in them, and gives up at the first page without.
    """
    registries, projects = homes_with_automations(asking)
    rows = Project.objects.visible_to(asking.user).exclude(pk__in=projects.values("pk"))
    rows = rows.select_related("entity")
    newest = orders.order(None, orders.PROJECTS, usual="-created_at")
    node, place = partial(shaped, asking), None if after == OTHERS else after
    others = connection(rows, newest, node, first=first, after=place)
    homes = [
        *registries.select_related("organization__entity").order_by("pk"),
        *projects.select_related("entity").order_by("pk"),
    ]
    if after or not homes:
        return others
    return {
        "edges": [Edge(home, node(home), OTHERS) for home in homes],
        "page_info": PageInfo(OTHERS, has_next_page=rows.exists()),
        "total_count": len(homes) + others.total_count,
    }


def projects_of(
    asking: Asking,
    entity: Entity,
    *,
    filters: str | None = None,
    order: str | None = None,
    **page: Any,
) -> Connection[Any]:
    """Return the projects of a team or person; the registries of an organization."""
    if entity.kind == Entity.Kind.ORGANIZATION:
        registries = _registries(asking, entity, filters, "filters")
        rows: Any = registries.select_related("organization__entity")
        sorted_by = orders.order(order, orders.REGISTRIES, usual="name")
    else:
        projects = Project.objects.visible_to(asking.user).filter(entity=entity)
        rows = projects.filter(fields.select(filters, fields.PROJECTS))
        rows = rows.select_related("entity__team")
        sorted_by = orders.order(order, orders.PROJECTS, usual="-created_at")
    return connection(rows, sorted_by, partial(shaped, asking), **page)


def collections_in(
    asking: Asking,
    entity: Entity,
    *,
    project_filters: str | None = None,
    filters: str | None = None,
    collection_types: list[str] | None = None,
    order: str | None = None,
    **page: Any,
) -> Connection[Collection]:
    """Return the collections in an organization's registries."""
    registries = _registries(asking, entity, project_filters, "projectFilters")
    rows = Collection.objects.live().filter(
        fields.select(filters, fields.COLLECTIONS), registry__in=registries.values("pk")
    )
    if collection_types is not None:
        rows = rows.filter(kind__in=[KINDS[each] for each in collection_types])
    rows = rows.select_related("registry__organization__entity")
    sorted_by = orders.order(order, orders.COLLECTIONS, usual="name")
    return connection(rows, sorted_by, partial(shaped, asking), **page)


def versions_in(
    asking: Asking,
    entity: Entity,
    *,
    project_filters: str | None = None,
    collection_filters: str | None = None,
    filters: str | None = None,
    order: str | None = None,
    **page: Any,
) -> Connection[Version]:
    """Return the versions in an organization's registries, those linked last first."""
    registries = _registries(asking, entity, project_filters, "projectFilters")
    rows = Version.objects.committed().filter(fields.select(filters, fields.VERSIONS))
    if collection_filters:
        within = Collection.objects.live().filter(registry__in=registries.values("pk"))
        asked = fields.select(collection_filters, fields.COLLECTIONS, "collectionFilters")
        rows = rows.filter(collection__in=within.filter(asked).values("pk"))
    else:
        rows = rows.filter(
            collection__registry__in=registries.values("pk"), collection__deleted_at=None
        )
    rows = rows.select_related("artifact", "collection__registry__organization__entity")
    sorted_by = orders.order(order, orders.VERSIONS, usual="-linked_at")
    return connection(rows, sorted_by, partial(shaped, asking), **page)


def _registries(
    asking: Asking, entity: Entity, filters: str | None, argument: str
) -> RegistryQuerySet:
    """Return the registries that the asker sees of an organization, those asked for."""
    seen = Registry.objects.visible_to(asking.user).filter(organization__entity=entity)
    return seen.filter(fields.select(filters, fields.REGISTRIES, argument))
