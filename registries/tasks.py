"""What the worker does, by the name under which changes ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import QuerySet

from accounts import emails
from accounts.actors import Actor
from accounts.jobs import enqueue
from accounts.models import Event, User
from accounts.operations.sessions import forget_expired
from registries.models import Blob, Collection, Registry
from registries.operations import artifacts, blobs, figures, keeping, runs, trash

if TYPE_CHECKING:
    from collections.abc import Callable

WORKER = Actor.system("worker")
CHECKS_A_MONTH = 30 * 24


def sweep_blobs() -> None:
    """Condemn the bytes that nothing refers to, delete those condemned long enough ago."""
    artifacts.abandon_stale(by=WORKER)
    blobs.sweep_blobs(by=WORKER)


def delete_expired() -> None:
    """Delete the artifacts that were to be kept for a while, which is over."""
    keeping.delete_expired(by=WORKER)


def verify_blobs() -> None:
    """Compare some stored bytes with their digests, those checked longest ago first.

    Asked for every hour: each blob has its turn within a month.
    """
    share = Blob.objects.count() // CHECKS_A_MONTH + 1
    blobs.verify_blobs(by=WORKER, limit=share)


def purge_trash() -> None:
    """Delete for good what has been in the trash long enough."""
    trash.purge_trash(by=WORKER)


def mark_crashed() -> None:
    """Take the runs for crashed that have not been heard of for minutes."""
    runs.mark_crashed(by=WORKER)


def count_unique_bytes(collection: int | None = None, registry: int | None = None) -> None:
    """Count the bytes that are kept for a collection or registry, if it is there."""
    for rows, key in ((Collection.objects, collection), (Registry.objects, registry)):
        for place in rows.filter(pk=key):
            figures.count_unique_bytes(place)


def clear_sessions() -> None:
    """Delete the sessions that have expired."""
    SessionStore.clear_expired()
    forget_expired()


def announce(event: int, to: int | None = None) -> None:
    """Tell those whom it concerns by mail what happened (`emails/<kind>.txt`).

    Without `to` it asks for one mail a person, so that one address that fails does not
    make the others get theirs again.
    """
    happened = Event.objects.get(pk=event)
    registry = Registry.objects.filter(pk=happened.registry_id or 0).first()
    if registry is None:
        return
    if to is None:
        _announce_to_each(happened, registry)
    elif (user := _concerned(happened, registry).filter(pk=to).first()) and user.email:
        about = {"event": happened, "registry": registry, "user": user}
        emails.send(happened.kind, user.email or "", about)


@transaction.atomic
def _announce_to_each(event: Event, registry: Registry) -> None:
    for user in _concerned(event, registry):
        enqueue("announce", event=event.pk, to=user.pk)


def _concerned(event: Event, registry: Registry) -> QuerySet[User]:
    """Whoever asked, of an answer; of everything else the registry's Admins."""
    if event.kind not in {"access.accept", "access.decline"} or event.after is None:
        return registry.admins()
    people = User.objects.people().filter(is_active=True)
    asked: QuerySet[User] = people.filter(
        memberships__organization=registry.organization_id,
        entity__name=event.after["member"],
    )
    return asked


TASKS: dict[str, Callable[..., Any]] = {
    "announce": announce,
    "clear_sessions": clear_sessions,
    "delete_expired": delete_expired,
    "count_unique_bytes": count_unique_bytes,
    "mail_password_reset": emails.mail_password_reset,
    "mark_crashed": mark_crashed,
    "purge_trash": purge_trash,
    "send_invitation": emails.mail_invitation,
    "sweep_blobs": sweep_blobs,
    "verify_blobs": verify_blobs,
}

SCHEDULE = {
    "clear_sessions": timedelta(days=1),
    "delete_expired": timedelta(hours=1),
    "mark_crashed": timedelta(minutes=1),
    "purge_trash": timedelta(days=1),
    "sweep_blobs": timedelta(days=1),
    "verify_blobs": timedelta(hours=1),
}
"""What the worker asks for by itself, and how long after it was done."""
