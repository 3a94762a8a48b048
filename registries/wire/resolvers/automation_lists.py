"""The automations and integrations of entities and homes, as lists."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Entity
from registries.models import Automation, Integration, Project, Registry
from registries.models.project import ProjectQuerySet
from registries.models.registry import RegistryQuerySet
from registries.wire import filters as fields
from registries.wire import orders
from registries.wire.fields import Asking, shaped
from registries.wire.ids import home_number, registry_pk
from registries.wire.paging import Connection, connection


def automations_in(
    asking: Asking,
    entity: Entity,
    *,
    filters: str | None = None,
    order: str | None = None,
    **page: Any,
) -> Connection[Automation]:
    """Return the automations of an entity, its projects or registries, and collections."""
    seen = Automation.objects.visible_to(asking.user).inside(entity).with_scope()
    rows = seen.filter(fields.select(filters, fields.AUTOMATIONS))
    sorted_by = orders.order(order, orders.AUTOMATIONS, usual="created_at")
    return connection(rows, sorted_by, partial(shaped, asking), **page)


def automations_of(asking: Asking, homes: list[int]) -> dict[int, list[Automation]]:
    """Return the automations of homes and their collections, by the homes' numbers."""
    registries = [pk for number in homes if (pk := registry_pk(number))]
    projects = [number // 2 for number in homes if not registry_pk(number)]
    rows = Automation.objects.visible_to(asking.user).filter(
        Q(registry__in=registries)
        | Q(project__in=projects)
        | Q(collection__registry__in=registries)
        | Q(collection__project__in=projects)
    )
    found: dict[int, list[Automation]] = {}
    for row in rows.with_scope().order_by("pk"):
        home = row.collection.home if row.collection else row.registry or row.project
        assert home is not None
        found.setdefault(home_number(home), []).append(row)
    return found


def homes_with_automations(asking: Asking) -> tuple[RegistryQuerySet, ProjectQuerySet]:
    """Return the registries and projects that the asker sees automations of."""
    seen = Automation.objects.visible_to(asking.user)
    registries = Registry.objects.visible_to(asking.user)
    projects = Project.objects.visible_to(asking.user)
    return (
        registries.filter(_with(seen, "registry")),
        projects.filter(_with(seen, "project")),
    )


def _with(seen: QuerySet[Automation], home: str) -> Q:
    within = seen.exclude(**{f"collection__{home}": None})
    own = seen.exclude(**{home: None}).values(home)
    return Q(pk__in=own) | Q(pk__in=within.values(f"collection__{home}"))


def integrations_of(asking: Asking, entity: Entity, **page: Any) -> Connection[Integration]:
    """Return the integrations of an organization or team."""
    rows = Integration.objects.visible_to(asking.user).filter(entity=entity)
    sorted_by = orders.order(None, orders.INTEGRATIONS, usual="name")
    return connection(rows, sorted_by, partial(shaped, asking), **page)
