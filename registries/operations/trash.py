"""What leaves the trash for good, once its days are over (rules.md, section 6)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Entity, Organization
from accounts.models.organization import TRASH_DAYS
from accounts.operations.users import authorize_installation
from registries.events import record
from registries.models import Collection, Entry, Registry
from registries.operations.blobs import release

logger = logging.getLogger("accession.trash")


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
    or collection.purge for each. One that the database refuses is logged and stays; the
    others go before that is raised.
    """
    authorize_installation(by)
    now, receipt = now or timezone.now(), PurgeReceipt()
    failed: list[DatabaseError] = []
    for organization in Organization.objects.order_by("pk"):
        before = now - timedelta(days=organization.trash_days)
        for gone in (
            Collection.objects.filter(registry__organization=organization),
            Collection.objects.filter(project__entity__team__organization=organization),
        ):
            receipt.collections += _purge(gone, before, failed, by=by)
        registries = organization.registries.all()
        receipt.registries += _purge(registries, before, failed, by=by)
    personal = Collection.objects.filter(project__entity__kind=Entity.Kind.USER)
    before = now - timedelta(days=TRASH_DAYS)
    receipt.collections += _purge(personal, before, failed, by=by)
    if failed:
        raise ExceptionGroup(f"{len(failed)} in the trash could not be purged.", failed)
    return receipt


def _purge(
    rows: QuerySet[Registry] | QuerySet[Collection],
    before: datetime,
    failed: list[DatabaseError],
    *,
    by: Actor,
) -> int:
    expired, count = rows.filter(deleted_at__lte=before).order_by("pk"), 0
    for key in list(expired.values_list("pk", flat=True)):
        try:
            count += _purge_one(rows, key, before, by=by)
        except DatabaseError as error:
            what = rows.model._meta.verbose_name
            logger.exception("The %s %d could not be purged.", what, key)
            failed.append(error)
    return count


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
    if isinstance(gone, Collection):
        release(Entry.objects.filter(artifact__source=gone))
    gone.delete()
    return True
