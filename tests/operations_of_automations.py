"""More of the list in `operations.py`: automations, and what they act through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.actors import Actor, Conflict, Missing
from registries.models import Automation, Integration, Project
from registries.operations import automations, integrations, projects
from registries.operations.automations import Action, Changes
from tests.doors import Scene
from tests.factories import SYSTEM
from tests.operations import CONTENT, LOGGING, ORGANIZATION, REGISTRY, TEAM, Case

EVERYTHING = '{"$or":[{"$and":[]}]}'
URL = "https://hooks.example.org/deploy"
SLACK = "https://hooks.slack.com/services/T0AB/B0CD/s3cret"
NOTHING = Action()

type Find = Callable[[Scene], Any]


def project(scene: Scene) -> Project:
    return projects.ensure_project(scene.cast.other, "p", by=SYSTEM)


def collection(scene: Scene) -> Any:
    return scene.collection


def registry(scene: Scene) -> Any:
    return scene.registry


def organization(scene: Scene) -> Any:
    return scene.cast.organization.entity


def team(scene: Scene) -> Any:
    return scene.cast.other.entity


def make(scope: Any, by: Actor = SYSTEM, **values: Any) -> Automation:
    given = {"event": "link_artifact", "filter": EVERYTHING, "action": NOTHING}
    return automations.create_automation(scope, "deploy", **(given | values), by=by)


def webhook(scene: Scene) -> Integration:
    owner = scene.cast.organization
    return integrations.create_webhook(owner, "deploy", url=URL, by=SYSTEM)[0]


SCOPES: list[tuple[Find, str, dict[str, str], str, str]] = [
    (collection, "create_automation", CONTENT, "delete_automation", ""),
    (registry, "manage_automations", REGISTRY, "manage_automations", "of a registry"),
    (project, "log_artifacts", LOGGING, "log_artifacts", "of a project"),
    (team, "manage_team", TEAM, "manage_team", "of a team"),
    (
        organization,
        "manage_integrations",
        ORGANIZATION,
        "manage_integrations",
        "of an organization",
    ),
]


def cases_of(find: Find, right: str, who: dict[str, str], ends: str, variant: str) -> Any:
    """Making, changing and deleting an automation of one kind of scope."""
    yield Case(
        operation=automations.create_automation,
        right=right,
        variant=variant,
        **who,
        writes="automation.create",
        given=find,
        act=lambda scene, scope, by: make(scope, by),
        again=Conflict,
    )
    yield Case(
        operation=automations.change_automation,
        right=right,
        variant=variant,
        **who,
        writes="automation.change",
        given=lambda scene: make(find(scene)),
        act=lambda scene, automation, by: automations.change_automation(
            automation, Changes(name="release", is_enabled=False), by=by
        ),
    )
    yield Case(
        operation=automations.delete_automation,
        right=ends,
        variant=variant,
        **who,
        writes="automation.delete",
        given=lambda scene: make(find(scene)),
        act=lambda scene, automation, by: automations.delete_automation(automation, by=by),
        again=Missing,
    )


CASES = [
    *(case for scope in SCOPES for case in cases_of(*scope)),
    Case(
        operation=integrations.create_webhook,
        right="manage_integrations",
        **ORGANIZATION,
        writes="integration.create",
        act=lambda scene, _, by: integrations.create_webhook(
            scene.cast.organization, "deploy", url=URL, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=integrations.create_slack_channel,
        right="manage_team",
        **TEAM,
        writes="integration.create",
        act=lambda scene, _, by: integrations.create_slack_channel(
            scene.cast.other, "acme", "#models", url=SLACK, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=integrations.change_integration,
        right="manage_integrations",
        **ORGANIZATION,
        writes="integration.change",
        given=webhook,
        act=lambda scene, integration, by: integrations.change_integration(
            integration, name="release", url=f"{URL}/2", by=by
        ),
    ),
    Case(
        operation=integrations.delete_integration,
        right="manage_integrations",
        **ORGANIZATION,
        writes="integration.delete",
        given=webhook,
        act=lambda scene, integration, by: integrations.delete_integration(
            integration, by=by
        ),
        again=Missing,
    ),
]
