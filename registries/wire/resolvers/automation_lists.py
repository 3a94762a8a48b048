"""The automations and integrations of entities and homes, as lists."""

from __future__ import annotations

from functools import partial
from typing import Any

from accounts.models import Entity
from registries.models import Automation, Integration, Project, Registry
from registries.wire import filters as fields
from registries.wire import orders
from registries.wire.fields import Asking, shaped
from registries.wire.paging import Connection, connection

READ = "automations"
"""Under what name a request remembers the automations of homes."""


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


def automations_of(asking: Asking, home: Project | Registry) -> list[Any]:
    """Return the automations of a home and its collections; read once for all homes."""
    if READ not in asking.read:
        asking.read[READ] = _by_home(asking)
    return [shaped(asking, row) for row in asking.read[READ].get(home, [])]


def _by_home(asking: Asking) -> dict[Project | Registry, list[Automation]]:
    found: dict[Project | Registry, list[Automation]] = {}
    rows = Automation.objects.visible_to(asking.user).filter(entity=None).with_scope()
    for row in rows.order_by("pk"):
        home = row.collection.home if row.collection else row.registry or row.project
        assert home is not None
        found.setdefault(home, []).append(row)
    return found


def integrations_of(asking: Asking, entity: Entity, **page: Any) -> Connection[Integration]:
    """Return the integrations of an organization or team."""
    rows = Integration.objects.visible_to(asking.user).filter(entity=entity)
    sorted_by = orders.order(None, orders.INTEGRATIONS, usual="name")
    return connection(rows, sorted_by, partial(shaped, asking), **page)
