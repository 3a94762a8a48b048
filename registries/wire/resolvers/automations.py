"""Automations, which the SDK calls triggers, and the integrations they act through."""

from __future__ import annotations

import json
from typing import Any

from accounts.actors import Invalid, Missing
from accounts.models import Entity
from registries.models import Automation, Collection, Integration, Project, Registry
from registries.operations import automations
from registries.operations.automations import Action, Changes, Scope
from registries.wire.fields import Asking, Info, mutation, shaped, shapes
from registries.wire.ids import decode, encode, registry_pk, row_of
from registries.wire.resolvers.homes import home_node
from registries.wire.resolvers.people import EntityNode, find_entity

WORDS = {
    event: "LINK_MODEL" if event is Automation.Event.LINK_ARTIFACT else event.upper()
    for event in Automation.Event
}
"""What the SDK calls the events that there are."""
EVENTS = {word: event for event, word in WORDS.items()}
TYPES = {
    Integration.Kind.WEBHOOK: "GenericWebhookIntegration",
    Integration.Kind.SLACK: "SlackIntegration",
}
NOTHING = "no_op_action_input"
ACTIONS = {
    "GENERIC_WEBHOOK": (Automation.Action.WEBHOOK, "generic_webhook_action_input"),
    "NOTIFICATION": (Automation.Action.NOTIFICATION, "notification_action_input"),
    "NO_OP": (Automation.Action.NOTHING, NOTHING),
}
"""The actions that there are, and where their configuration stands."""


def seen_integrations(asking: Asking, keys: list[int]) -> dict[int, Integration]:
    """Return those of the integrations that the asker sees."""
    return Integration.objects.visible_to(asking.user).in_bulk(keys)


@shapes(Integration)
class IntegrationNode:
    """A stored target, without its secret."""

    def __init__(self, asking: Asking, row: Integration) -> None:
        self.typename = TYPES[Integration.Kind(row.kind)]
        self.id = encode("Integration", row.pk)
        self.name = self.channel_name = row.name
        self.team_name = row.workspace
        self.url_endpoint = row.url


class HiddenIntegration:
    """What somebody sees of the integration of a team that they are not in."""

    name = channel_name = team_name = url_endpoint = ""

    def __init__(self, row: Integration) -> None:
        self.typename = TYPES[Integration.Kind(row.kind)]
        self.id = encode("Integration", row.pk)


class Condition:
    """Which events wake an automation."""

    typename = "FilterEventTriggeringCondition"

    def __init__(self, row: Automation) -> None:
        event = Automation.Event(row.event)
        self.event_type = WORDS[event]
        # Of artifacts' events the SDK takes filters back in one more wrapping.
        is_wrapped = not event.is_of_runs
        self.filter = json.dumps({"filter": row.filter}) if is_wrapped else row.filter


class Taken:
    """What an automation does."""

    no_op = True

    def __init__(self, asking: Asking, row: Automation) -> None:
        self.typename = {
            Automation.Action.WEBHOOK: "GenericWebhookTriggeredAction",
            Automation.Action.NOTIFICATION: "NotificationTriggeredAction",
        }.get(Automation.Action(row.action), "NoOpTriggeredAction")
        self._integration = row.integration
        if row.integration:
            asking.expect(seen_integrations, row.integration.pk)
        self.request_payload = row.message.get("payload")
        self.title = row.message.get("title")
        self.message = row.message.get("message")
        self.severity = row.message.get("severity")

    def integration(self, info: Info) -> IntegrationNode | HiddenIntegration:
        """Return what it acts through, as far as the asker sees it."""
        assert self._integration is not None
        seen = info.context.load(seen_integrations, self._integration.pk)
        if seen is None:
            return HiddenIntegration(self._integration)
        return IntegrationNode(info.context, seen)


@shapes(Automation)
class AutomationNode:
    """An automation, to somebody who sees where it is."""

    typename = "Trigger"

    def __init__(self, asking: Asking, row: Automation) -> None:
        self._row = row
        self.id = encode("Trigger", row.pk)
        self.name = row.name
        self.description = row.description
        self.enabled = row.is_enabled
        self.created_at = row.created_at
        self.updated_at = row.updated_at
        self.triggering_condition = Condition(row)
        self.triggered_action = Taken(asking, row)

    def scope(self, info: Info) -> Any:
        """Return where the event happens."""
        scope = self._row.scope
        if isinstance(scope, Entity):
            return EntityNode(info.context, scope)
        if isinstance(scope, Collection):
            return shaped(info.context, scope)
        return home_node(info.context, scope)


@mutation
def create_filter_trigger(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Make an automation."""
    row = automations.create_automation(
        _scope(info.context, input["scope_type"], input["scope_id"]),
        input["name"],
        event=_event(input["triggering_event_type"]),
        filter=input["event_filter"],
        action=_action(
            info.context, input["triggered_action_type"], input["triggered_action_config"]
        ),
        description=input.get("description") or "",
        is_enabled=input["enabled"],
        by=info.context.actor,
    )
    return {"trigger": AutomationNode(info.context, row)}


@mutation
def update_filter_trigger(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Change what is given of an automation."""
    asking, scope, action = info.context, input.get("scope_id"), None
    found = _automation(asking, input["id"])
    event, document = input.get("triggering_event_type"), input.get("event_filter")
    if kind := input.get("triggered_action_type"):
        config = input.get("triggered_action_config") or {}
        action = _action(asking, kind, config, kept=found.integration)
    changes = Changes(
        name=input.get("name"),
        description=input.get("description"),
        is_enabled=input.get("enabled"),
        scope=_scope(asking, input.get("scope_type"), scope) if scope else None,
        event=_event(event) if event else None,
        filter=document,
        action=action,
    )
    row = automations.change_automation(found, changes, by=asking.actor)
    return {"trigger": AutomationNode(asking, row)}


@mutation
def delete_trigger(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Delete an automation."""
    found = _automation(info.context, input["trigger_id"])
    automations.delete_automation(found, by=info.context.actor)
    return {"success": True}


def _automation(asking: Asking, given: object) -> Automation:
    seen = Automation.objects.visible_to(asking.user).with_scope()
    return row_of(seen, "Trigger", given)


def _scope(asking: Asking, kind: str | None, given: object) -> Scope:
    """Return what the automation is of, if the asker sees it."""
    found: Scope | None = None
    match kind:
        case "PROJECT":
            found = _home(asking, decode("Project", given))
        case "ARTIFACT_COLLECTION":
            seen = Collection.objects.visible_to(asking.user)
            found = seen.filter(pk=decode("ArtifactCollection", given)).first()
        case "ENTITY":
            entity = Entity.objects.filter(pk=decode("Entity", given)).first()
            found = find_entity(asking, entity.name) if entity else None
    if found is None:
        raise Missing("What the automation is of does not exist.")
    return found


def _home(asking: Asking, number: int) -> Project | Registry | None:
    if pk := registry_pk(number):
        return Registry.objects.visible_to(asking.user).filter(pk=pk).first()
    return Project.objects.visible_to(asking.user).filter(pk=number // 2).first()


def _event(word: str) -> Automation.Event:
    if word not in EVENTS:
        raise Invalid("event", f"No new automation is for {word}.")
    return EVENTS[word]


def _action(
    asking: Asking, word: str, config: dict[str, Any], *, kept: Integration | None = None
) -> Action:
    if word not in ACTIONS:
        raise Invalid("action", f"This server has no action {word}.")
    kind, place = ACTIONS[word]
    given = [name for name, value in config.items() if value is not None]
    if given != [place]:
        raise Invalid("action", f"The action {word} takes one configuration, of its own.")
    said = config[place]
    return Action(
        kind,
        _integration(asking, said["integration_id"], kept) if place != NOTHING else None,
        payload=said.get("request_payload"),
        title=said.get("title") or "",
        message=said.get("message") or "",
        severity=said.get("severity") or "INFO",
    )


def _integration(asking: Asking, given: object, kept: Integration | None) -> Integration:
    if kept and kept.pk == decode("Integration", given):
        return kept
    return row_of(Integration.objects.visible_to(asking.user), "Integration", given)
