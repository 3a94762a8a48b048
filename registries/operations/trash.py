"""What leaves the trash for good, once its days are over (rules.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Entity, Organization
from accounts.models.organization import TRASH_DAYS
from accounts.operations.users import authorize_installation
from registries.events import record
from registries.models import Collection, Registry


@dataclass(slots=True)
class PurgeReceipt:
    """How many went for good."""

    registries: int = 0
    collections: int = 0


def purge_trash(*, by: Actor, now: datetime | None = None) -> PurgeReceipt:
    """Delete what has been in the trash for the days that its organization sets.

    What a registry links stays in its projects. A source collection goes with its
    artifacts, none of which is linked. Bytes that nothing refers to any more go with the
    next sweeps. A purged collection's numbers are not given again. Writes registry.purge
    or collection.purge for each.
    """
    authorize_installation(by)
    now, receipt = now or timezone.now(), PurgeReceipt()
    for organization in Organization.objects.order_by("pk"):
        before = now - timedelta(days=organization.trash_days)
        for gone in (
            Collection.objects.filter(registry__organization=organization),
            Collection.objects.filter(project__entity__team__organization=organization),
        ):
            receipt.collections += _purge(gone, before, by=by)
        receipt.registries += _purge(organization.registries.all(), before, by=by)
    personal = Collection.objects.filter(project__entity__kind=Entity.Kind.USER)
    before = now - timedelta(days=TRASH_DAYS)
    receipt.collections += _purge(personal, before, by=by)
    return receipt


def _purge(
    rows: QuerySet[Registry] | QuerySet[Collection], before: datetime, *, by: Actor
) -> int:
    expired = rows.filter(deleted_at__lte=before).order_by("pk")
    keys = list(expired.values_list("pk", flat=True))
    return sum(_purge_one(rows, key, before, by=by) for key in keys)


@transaction.atomic
def _purge_one(
    rows: QuerySet[Registry] | QuerySet[Collection],
    key: int,
    before: datetime,
    *,
    by: Actor,
) -> bool:
    """Delete one under its lock, unless it was restored in this moment."""
    locked = rows.select_for_update(of=("self",)).filter(pk=key, deleted_at__lte=before)
    if (gone := locked.first()) is None:
        return False
    kind = "registry" if isinstance(gone, Registry) else "collection"
    before_it = {"deleted_at": gone.deleted_at and gone.deleted_at.isoformat()}
    record(f"{kind}.purge", gone, by=by, before=before_it)
    gone.delete()
    return True
