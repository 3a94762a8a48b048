"""Asking for a role in a registry, and answering."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import (
    Actor,
    Conflict,
    Denied,
    Missing,
    authorize,
    forget,
    refuse_read_only,
)
from accounts.jobs import enqueue
from registries.backends import role_in
from registries.events import record
from registries.models import AccessRequest, Registry
from registries.operations.members import given_role, locked_with_members, set_role
from registries.permissions import Permission

MESSAGE = 1000
"""The longest message, in bytes."""


@transaction.atomic
def request_access(
    registry: Registry, role: str, *, message: str = "", by: Actor
) -> AccessRequest:
    """Ask the registry's Admins for a role above one's own; asking again replaces the
    request.

    Writes access.request.
    """
    refuse_read_only(by)
    registry = locked_with_members(registry)
    if by.user is None:
        raise Denied("Only a person can ask for a role.")
    forget(by.user)
    present, role = role_in(registry, by.user), given_role(role)
    if present is None:
        raise Missing("There is no such registry.")
    if present.rank >= role.rank:
        raise Conflict(f"You have the role {present.label} in {registry} already.")
    asked, _ = AccessRequest.objects.update_or_create(
        registry=registry,
        membership=registry.organization.memberships.get(user=by.user),
        answered_at=None,
        defaults={"role": role, "message": text.text(message, "message", most=MESSAGE)},
    )
    event = record("access.request", registry, by=by, after={"role": role}, reason=message)
    enqueue("announce", event=event.pk)
    return asked


@transaction.atomic
def accept_request(
    asked: AccessRequest, *, role: str, expires_at: datetime | None = None, by: Actor
) -> AccessRequest:
    """Give the role that was asked for, or another, but none below the present one.

    Writes access.accept, and registry_member.add or registry_member.change_role.
    """
    asked = _waiting(asked, by=by)
    user = asked.membership.user
    present = role_in(asked.registry, user)
    if present is not None and present.rank > given_role(role).rank:
        raise Conflict(f"{user} has the role {present.label} by now, which is more.")
    set_role(asked.registry, user, role, expires_at=expires_at, reason=asked.message, by=by)
    return _answer(asked, "accept", by=by)


@transaction.atomic
def decline_request(asked: AccessRequest, *, reason: str = "", by: Actor) -> AccessRequest:
    """Do not give the role that was asked for. Writes access.decline."""
    return _answer(_waiting(asked, by=by), "decline", reason=reason, by=by)


def _waiting(asked: AccessRequest, *, by: Actor) -> AccessRequest:
    registry = locked_with_members(asked.registry)
    authorize(by, Permission.ASSIGN_ROLE, registry)
    open_requests = registry.access_requests.filter(answered_at=None)
    found = (
        open_requests.select_related("membership__user__entity").filter(pk=asked.pk).first()
    )
    if found is None:
        raise Conflict("This request was answered already.")
    found.registry = registry
    return found


def _answer(
    asked: AccessRequest, verb: str, *, reason: str = "", by: Actor
) -> AccessRequest:
    asked.answered_at = timezone.now()
    asked.answered_by = by.user
    asked.is_granted = verb == "accept"
    asked.save(update_fields=["answered_at", "answered_by", "is_granted"])
    after = {"member": asked.membership.user.username, "role": asked.role}
    event = record(f"access.{verb}", asked.registry, by=by, after=after, reason=reason)
    enqueue("announce", event=event.pk)
    return asked
