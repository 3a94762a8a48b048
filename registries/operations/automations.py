"""Automations: making, changing and deleting them. What they do when is not done here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts import text
from accounts.actors import Actor, Conflict, Invalid, Missing, authorize
from accounts.models import Entity, Organization
from accounts.operations.locks import hold
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Automation, Collection, Integration, Project, Registry
from registries.operations.event_filters import check_filter
from registries.operations.integrations import authorize_owner, owner_of
from registries.permissions import Permission

type Scope = Registry | Project | Collection | Entity

PAYLOAD = 20_000
"""The largest payload of a webhook, in bytes."""
TITLE = 255
MESSAGE = 4_000
SEVERITIES = ("INFO", "WARN", "ERROR")


@dataclass(frozen=True, slots=True)
class Action:
    """What an automation does, through which integration, with what to send."""

    kind: str = Automation.Action.NOTHING
    integration: Integration | None = None
    payload: str | None = None
    """Of a webhook: a JSON object, as it was sent."""
    title: str = ""
    message: str = ""
    severity: str = "INFO"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed of an automation; what is None stays."""

    name: str | None = None
    description: str | None = None
    is_enabled: bool | None = None
    scope: Scope | None = None
    event: str | None = None
    filter: str | None = None
    action: Action | None = None


@transaction.atomic
def create_automation(
    scope: Scope,
    name: str,
    *,
    event: str,
    filter: str,  # noqa: A002 - what it is
    action: Action,
    description: str = "",
    is_enabled: bool = True,
    by: Actor,
) -> Automation:
    """Make an automation of a scope. Writes automation.create."""
    _authorize(by, scope, Permission.CREATE_AUTOMATION)
    automation = Automation(created_by=by.user)
    changes = Changes(name, description, is_enabled, scope, event, filter, action)
    _apply(automation, changes, by=by)
    _save(automation)
    record("automation.create", automation, by=by, after=_told(automation))
    return automation


@transaction.atomic
def change_automation(automation: Automation, changes: Changes, *, by: Actor) -> Automation:
    """Change what is given of an automation, its scope too. Writes automation.change."""
    automation = _locked(automation)
    _authorize(by, automation.scope, Permission.CREATE_AUTOMATION)
    if changes.scope is not None and changes.scope != automation.scope:
        _authorize(by, changes.scope, Permission.CREATE_AUTOMATION)
    before, told = _values(automation), _told(automation)
    _apply(automation, changes, by=by)
    if before != _values(automation):
        _save(automation)
        record("automation.change", automation, by=by, before=told, after=_told(automation))
    return automation


@transaction.atomic
def delete_automation(automation: Automation, *, by: Actor) -> None:
    """Delete an automation. Writes automation.delete."""
    automation = _locked(automation)
    _authorize(by, automation.scope, Permission.DELETE_AUTOMATION)
    record("automation.delete", automation, by=by, before=_told(automation))
    automation.delete()


def _authorize(by: Actor, scope: Scope, in_collection: Permission) -> None:
    """Ask for the right in the scope: of a wide one, its Admins (rules.md, section 4)."""
    if isinstance(scope, Registry):
        authorize(by, Permission.MANAGE_AUTOMATIONS, scope)
    elif isinstance(scope, Collection) and scope.registry:
        authorize(by, in_collection, scope)
    elif isinstance(scope, Collection | Project):
        authorize(by, TeamPermission.LOG, scope)
    elif scope.kind == Entity.Kind.USER:
        raise Invalid("scope", "A person has automations of projects, not of their own.")
    else:
        authorize_owner(by, owner_of(scope))


def _apply(automation: Automation, changes: Changes, *, by: Actor) -> None:
    kept = automation.integration_id
    if changes.scope is not None:
        _put_into(automation, changes.scope)
    if changes.name is not None:
        automation.name = text.printable(changes.name, "name", most=255)
    if changes.description is not None:
        automation.description = text.text(changes.description)
    if changes.is_enabled is not None:
        automation.is_enabled = changes.is_enabled
    if changes.event is not None:
        automation.event = _event(changes.event)
    if changes.filter is not None:
        automation.filter = changes.filter
    _check_event(automation)
    if changes.action is not None:
        if changes.action.kind not in Automation.Action:
            raise Invalid("action", "There is no such action.")
        automation.action = changes.action.kind
        automation.message = _message(changes.action)
        automation.integration = changes.action.integration
    if changes.scope is not None or changes.action is not None:
        _check_integration(automation, kept, by=by)


def _put_into(automation: Automation, scope: Scope) -> None:
    automation.registry = scope if isinstance(scope, Registry) else None
    automation.project = scope if isinstance(scope, Project) else None
    automation.collection = scope if isinstance(scope, Collection) else None
    automation.entity = scope if isinstance(scope, Entity) else None


def _event(value: str) -> Automation.Event:
    if value not in Automation.Event:
        raise Invalid("event", "There is no such event.")
    return Automation.Event(value)


def _check_event(automation: Automation) -> None:
    """Raise Invalid unless the event happens in the scope, and the filter is one of it."""
    event, scope = Automation.Event(automation.event), automation.scope
    if event is Automation.Event.CREATE_ARTIFACT and not isinstance(scope, Collection):
        raise Invalid("event", "Of this event, automations are of one collection.")
    if event.is_of_runs and isinstance(scope, Registry | Collection):
        raise Invalid("event", "Runs are in projects: choose a project, team or more.")
    check_filter(event, automation.filter)


def _message(action: Action) -> dict[str, Any]:
    """Return what an action sends, as it is stored."""
    match action.kind:
        case Automation.Action.WEBHOOK:
            return {"payload": _payload(action.payload)}
        case Automation.Action.NOTIFICATION:
            if action.severity not in SEVERITIES:
                raise Invalid("severity", f"It is one of {', '.join(SEVERITIES)}.")
            return {
                "title": text.text(action.title, "title", most=TITLE),
                "message": text.text(action.message, "message", most=MESSAGE),
                "severity": action.severity,
            }
    return {}


def _payload(document: str | None) -> str | None:
    if document is None:
        return None
    value = text.parse_json(document, "payload")
    if not isinstance(value, dict | None) or len(document.encode()) > PAYLOAD:
        raise Invalid("payload", f"A payload is an object of at most {PAYLOAD:,} bytes.")
    return document


NEEDS = {
    Automation.Action.WEBHOOK: Integration.Kind.WEBHOOK,
    Automation.Action.NOTIFICATION: Integration.Kind.SLACK,
}


def _check_integration(automation: Automation, kept: int | None, *, by: Actor) -> None:
    """Raise unless the action has an integration of its kind, of the scope's owners.

    One that is kept need not be seen: others may have chosen it.
    """
    needed = NEEDS.get(Automation.Action(automation.action))
    integration = automation.integration
    if needed is None:
        automation.integration = None
        return
    if integration is None:
        raise Invalid("integration", f"This action needs a {needed.label}.")
    seen = Integration.objects.visible_to(by.user) if by.user else Integration.objects.all()
    if integration.pk != kept and not seen.filter(pk=integration.pk).exists():
        raise Missing("There is no such integration.")
    if integration.kind != needed:
        raise Invalid("integration", f"{integration} is no {needed.label}.")
    if integration.entity_id not in _owners(automation.scope):
        raise Invalid("integration", f"{integration} is of another organization or team.")


def _owners(scope: Scope) -> set[int]:
    """Return the entities whose integrations serve a scope: those around it.

    Of a registry and an organization, those of the organization's teams as well.
    """
    place = (scope.registry or scope.project) if isinstance(scope, Collection) else scope
    if isinstance(place, Registry):
        return _of_organization(place.organization)
    assert place is not None
    entity = place.entity if isinstance(place, Project) else place
    if entity.kind == Entity.Kind.USER:
        return set()
    owner = owner_of(entity)
    if isinstance(owner, Organization):
        return _of_organization(owner)
    return {owner.entity_id, owner.organization.entity_id}


def _of_organization(organization: Organization) -> set[int]:
    return {organization.entity_id, *organization.teams.values_list("entity", flat=True)}


def _values(automation: Automation) -> dict[str, Any]:
    """Return what may change of an automation."""
    kept = {"created_by", "created_at", "updated_at"}
    columns = automation._meta.concrete_fields
    return {
        column.attname: getattr(automation, column.attname)
        for column in columns
        if column.name not in kept
    }


def _told(automation: Automation) -> dict[str, Any]:
    """Return what an event tells of an automation."""
    return {
        "name": automation.name,
        "is_enabled": automation.is_enabled,
        "event": str(automation.event),
        "action": str(automation.action),
        "integration": str(automation.integration) if automation.integration else None,
    }


def _save(automation: Automation) -> None:
    try:
        with transaction.atomic():
            automation.save()
    except IntegrityError:
        raise Conflict(f"There is an automation {automation.name} already.") from None


def _locked(automation: Automation) -> Automation:
    found = hold(Automation.objects.with_scope()).filter(pk=automation.pk).first()
    if found is None:
        raise Missing("There is no such automation.")
    return found
