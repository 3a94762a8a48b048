"""Integrations of organizations and teams: stored targets, whose secrets nothing tells."""

from __future__ import annotations

import secrets
from base64 import b64encode

from django.db import IntegrityError, transaction

from accounts import text
from accounts.actors import Actor, Conflict, Missing, authorize
from accounts.models import Entity, Organization, Team
from accounts.operations.locks import hold
from accounts.permissions import OrganizationPermission, TeamPermission
from registries.events import record
from registries.models import Integration
from registries.sealing import seal
from registries.targets import slack_target, target

SECRET_BYTES = 32


@transaction.atomic
def create_webhook(
    owner: Organization | Team, name: str, *, url: str, by: Actor
) -> tuple[Integration, str]:
    """Store an endpoint to call; return it with the secret that calls are signed with.

    The secret is never told again. Writes integration.create.
    """
    authorize_owner(by, owner)
    secret = f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    integration = Integration(
        entity=owner.entity,
        kind=Integration.Kind.WEBHOOK,
        name=_name(name),
        url=target(url),
        created_by=by.user,
    )
    integration.sealed = seal(secret, sealed_for(integration))
    return _create(integration, by=by), secret


@transaction.atomic
def create_slack_channel(
    owner: Organization | Team, workspace: str, name: str, *, url: str, by: Actor
) -> Integration:
    """Store a Slack channel to post to, by the address of its incoming webhook.

    The address is never told again. Writes integration.create.
    """
    authorize_owner(by, owner)
    integration = Integration(
        entity=owner.entity,
        kind=Integration.Kind.SLACK,
        workspace=_name(workspace, "workspace"),
        name=_name(name),
        created_by=by.user,
    )
    integration.sealed = seal(slack_target(url), sealed_for(integration))
    return _create(integration, by=by)


@transaction.atomic
def change_integration(
    integration: Integration, *, name: str | None = None, url: str | None = None, by: Actor
) -> Integration:
    """Change what is given of an integration's name and address.

    Writes integration.change.
    """
    integration = _locked(integration)
    authorize_owner(by, owner_of(integration.entity))
    before = (integration.name, integration.url, integration.sealed)
    if name is not None:
        integration.name = _name(name)
    if url is not None and integration.kind == Integration.Kind.WEBHOOK:
        integration.url = target(url)
    elif url is not None:
        integration.sealed = seal(slack_target(url), sealed_for(integration))
    if before != (integration.name, integration.url, integration.sealed):
        _save(integration)
        after = integration.name
        record("integration.change", integration, by=by, before=before[0], after=after)
    return integration


@transaction.atomic
def delete_integration(integration: Integration, *, by: Actor) -> None:
    """Delete an integration that no automation acts through. Writes integration.delete."""
    integration = _locked(integration)
    authorize_owner(by, owner_of(integration.entity))
    if count := integration.automations.count():
        raise Conflict(f"Automations act through {integration}: {count} of them.")
    record("integration.delete", integration, by=by, before=integration.name)
    integration.delete()


def owner_of(entity: Entity) -> Organization | Team:
    """Return the organization or team that an entity is."""
    if entity.kind == Entity.Kind.ORGANIZATION:
        return Organization.objects.select_related("entity").get(entity=entity)
    return Team.objects.select_related("entity", "organization__entity").get(entity=entity)


def sealed_for(integration: Integration) -> str:
    """Return what the integration's secret is sealed for: no other owner's, or kind's."""
    return f"integration {integration.kind} of {integration.entity_id}"


def authorize_owner(by: Actor, owner: Organization | Team) -> None:
    """Authorize a change of what an organization or team has as a whole."""
    if isinstance(owner, Organization):
        authorize(by, OrganizationPermission.MANAGE_INTEGRATIONS, owner)
    else:
        authorize(by, TeamPermission.MANAGE, owner)
        if owner.deleted_at is not None:
            raise Conflict(f"The team {owner} was deleted.")


def _name(value: str, field: str = "name") -> str:
    return text.printable(value, field, most=128)


def _create(integration: Integration, *, by: Actor) -> Integration:
    _save(integration)
    record("integration.create", integration, by=by, after=integration.kind)
    return integration


def _save(integration: Integration) -> None:
    try:
        with transaction.atomic():
            integration.save()
    except IntegrityError:
        raise Conflict(f"There is an integration {integration.name} already.") from None


def _locked(integration: Integration) -> Integration:
    rows = hold(Integration.objects.select_related("entity"))
    found = rows.filter(pk=integration.pk).first()
    if found is None:
        raise Missing("There is no such integration.")
    return found
