"""Automations as the wire takes and tells them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registries.models import Automation
from registries.operations.automations import Action
from registries.operations.collections import create_collection
from registries.operations.integrations import create_webhook
from registries.operations.projects import ensure_project
from registries.wire.ids import encode
from tests.cast import OPEN
from tests.digest import unchanged
from tests.doors import Scene
from tests.doors_of_automations import creating, of_scope
from tests.doors_of_wire import ask, document_of
from tests.factories import SYSTEM
from tests.operations_of_automations import URL, make, webhook
from tests.registries.wire.test_places import nodes, read

pytestmark = pytest.mark.django_db

BOSS = "organization admin"
TRIGGER = """fragment T on Trigger {
  name enabled scope { __typename ... on Project { name } ... on Entity { name } }
  event: triggeringCondition { ... on FilterEventTriggeringCondition { eventType filter } }
  action: triggeredAction { __typename
    ... on GenericWebhookTriggeredAction { requestPayload integration { __typename id } } }
}"""
CREATE = f"""mutation C($input: CreateFilterTriggerInput!) {{
  createFilterTrigger(input: $input) {{ trigger {{ ...T }} }} }} {TRIGGER}"""
IN_ENTITY = f"""query Q($entity: String, $filters: JSONString, $order: String) {{
  entity(name: $entity) {{ triggers(filters: $filters, order: $order) {{
    edges {{ node {{ ...T }} }} }} }} }} {TRIGGER}"""
OF_HOMES = f"""query Q($first: Int, $after: String) {{ viewer {{
  projects(first: $first, after: $after) {{
    pageInfo {{ endCursor hasNextPage }}
    edges {{ node {{ name triggers {{ ...T }} }} }} }} }} }} {TRIGGER}"""
STATE = '{"run_filter":"{\\"$and\\":[]}","run_state_filter":{"states":["FAILED"]}}'


@pytest.fixture
def scene(cast):
    return Scene(cast, OPEN)


def test_filters_of_artifacts_come_back_in_one_more_wrapping(scene):
    payload = '{"ref": "${artifact_version}", "n": 2.50}'
    integration = encode("Integration", webhook(scene).pk)
    given = creating(scene, scene.cast.organization.entity) | {
        "triggeredActionType": "GENERIC_WEBHOOK",
        "triggeredActionConfig": {
            "genericWebhookActionInput": {
                "integrationID": integration,
                "requestPayload": payload,
            }
        },
    }
    of_runs = {"name": "b", "triggeringEventType": "RUN_STATE", "eventFilter": STATE}
    for sent in (given, given | of_runs):
        answered = ask(scene.program(BOSS), CREATE, input=sent).json()["data"]
        told = answered["createFilterTrigger"]["trigger"]
        back = told["event"]["filter"]
        wrapped = json.dumps({"filter": sent["eventFilter"]})
        assert back == (STATE if sent["name"] == "b" else wrapped)
        assert told["event"]["eventType"] == sent["triggeringEventType"]
        assert told["scope"] == {"__typename": "Entity", "name": "acme"}
        assert told["action"] == {
            "__typename": "GenericWebhookTriggeredAction",
            "requestPayload": payload,
            "integration": {"__typename": "GenericWebhookIntegration", "id": integration},
        }


def test_what_the_wire_cannot_take_is_refused_in_words(scene):
    registry = scene.registry
    given = creating(scene, registry)
    config = {"noOpActionInput": {"noOp": True}}
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({"scopeID": "abc"}, 404, "does not exist"),
        ({"scopeType": "ENTITY"}, 404, "does not exist"),
        (of_scope(scene.person(BOSS).entity), 422, "not of their own"),
        ({"triggeringEventType": "UPDATE_ARTIFACT_ALIAS"}, 422, "No new automation is for"),
        ({"triggeringEventType": "CREATE_ARTIFACT"}, 422, "are of one collection"),
        ({"triggeredActionType": "ARIA"}, 422, "This server has no action ARIA"),
        ({"triggeredActionConfig": {}}, 422, "takes one configuration, of its own"),
        (
            {"triggeredActionConfig": config | {"ariaActionInput": {"prompt": "a"}}},
            422,
            "takes one configuration, of its own",
        ),
        (
            {
                "triggeredActionType": "NOTIFICATION",
                "triggeredActionConfig": {
                    "notificationActionInput": {"integrationID": "1"}
                },
            },
            404,
            "There is no integration",
        ),
        ({"eventFilter": {"alias": "a"}}, 400, "Send JSON as a text"),
        ({"eventFilter": "{"}, 422, "is not JSON"),
        ({"name": ""}, 422, "needs 1 to 255 characters"),
        ({"description": "a\0"}, 422, "holds a character that is not text"),
    ]
    client, create = scene.program(BOSS), document_of("createFilterTrigger")
    with unchanged():
        for more, status, sentence in wrong:
            answered = ask(client, create, input=given | more)
            assert answered.status_code == status, (more, answered.content)
            assert sentence in answered.json()["errors"][0]["message"], more


def test_lists_are_filtered_sorted_and_read_at_once(scene):
    team = scene.cast.other
    homes = [scene.registry, ensure_project(team, "p", by=SYSTEM)]
    homes.append(create_collection(scene.registry, "x", artifact_type="model", by=SYSTEM))
    for home in homes:
        make(home)
    Automation.objects.filter(collection=homes[2]).update(name="release")

    def named(**variables: Any) -> list[str]:
        found = read(scene, BOSS, IN_ENTITY, **variables)["entity"]["triggers"]
        return [node["name"] for node in nodes(found)]

    assert named(entity="acme") == ["deploy", "release"]
    assert named(entity="acme", order="-name") == ["release", "deploy"]
    assert named(entity="acme", filters='{"name": "release"}') == ["release"]
    assert named(entity="other") == ["deploy"]
    assert read(scene, "outsider", IN_ENTITY, entity="acme") == {"entity": None}

    def walked() -> tuple[list[Any], int]:
        client = scene.program(BOSS)
        with CaptureQueriesContext(connection) as queries:
            answered = ask(client, OF_HOMES).json()
        return nodes(answered["data"]["viewer"]["projects"]), len(queries)

    first, count = walked()
    assert [(node["name"], len(node["triggers"])) for node in first] == [
        ("wandb-registry-organization", 2),
        ("p", 1),
    ]
    for number in range(5):
        make(ensure_project(team, f"q{number}", by=SYSTEM))
    again, more = walked()
    assert (len(again), more) == (7, count)
    rest = read(scene, BOSS, OF_HOMES, after="others")["viewer"]["projects"]
    assert [node["name"] for node in nodes(rest)] == ["uploads"]
    assert rest["pageInfo"]["hasNextPage"] is False


def test_the_integration_of_a_team_is_not_told_to_others(scene):
    hidden, _ = create_webhook(scene.cast.other, "secret", url=URL, by=SYSTEM)
    shown = webhook(scene)
    for name, integration in (("a", hidden), ("b", shown)):
        automation = make(scene.registry, action=Action("webhook", integration))
        Automation.objects.filter(pk=automation.pk).update(name=name)
    told = """query Q { project(name: "wandb-registry-organization", entityName: "acme") {
      triggers { action: triggeredAction { ... on GenericWebhookTriggeredAction {
        integration { ... on GenericWebhookIntegration { name urlEndpoint } } } } } } }"""

    def integrations(person: str) -> list[tuple[str, str]]:
        triggers = read(scene, person, told)["project"]["triggers"]
        found = [each["action"]["integration"] for each in triggers]
        return [(each["name"], each["urlEndpoint"]) for each in found]

    update = document_of("updateFilterTrigger")
    config = {
        "genericWebhookActionInput": {"integrationID": encode("Integration", hidden.pk)}
    }
    kept = {"triggeredActionType": "GENERIC_WEBHOOK", "triggeredActionConfig": config}
    for name, status in (("a", 200), ("b", 404)):
        number = encode("Trigger", Automation.objects.get(name=name).pk)
        sent = {"id": number, "enabled": False, **kept}
        assert ask(scene.program("admin"), update, input=sent).status_code == status
    assert integrations("team admin") == [("secret", URL), ("deploy", URL)]
    assert integrations("viewer") == [("", ""), ("deploy", URL)]
