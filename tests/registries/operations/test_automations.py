"""What automations and integrations take, and who sees them."""

from __future__ import annotations

import json

import pytest

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Automation, Integration
from registries.operations import automations, integrations
from registries.operations.automations import Action, Changes
from registries.operations.collections import delete_collection
from registries.operations.projects import ensure_project
from registries.sealing import Broken, opened, seal
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    acting,
    linked_version,
    logged_version,
    make_organization,
    person,
)
from tests.operations_of_automations import EVERYTHING, SLACK, URL, make

pytestmark = pytest.mark.django_db

RUNS = '{"$and":[]}'
THRESHOLD = {
    "name": "loss",
    "agg_op": "AVERAGE",
    "window_size": 5,
    "cmp_op": "$gt",
    "threshold": 1,
}
CHANGE = {
    "name": "loss",
    "agg_op": None,
    "current_window_size": 1,
    "prior_window_size": 2,
    "change_type": "RELATIVE",
    "change_dir": "ANY",
    "change_amount": 0.5,
}
ZSCORE = {"name": "loss", "window_size": 30, "threshold": 3.0, "change_dir": "INCREASE"}


def of_metric(**metric: object) -> str:
    document = {"run_filter": RUNS, "run_metric_filter": metric, "metric_filter": None}
    return json.dumps(document)


def of_state(*states: object, runs: str = RUNS) -> str:
    return json.dumps({"run_filter": runs, "run_state_filter": {"states": states}})


NAMED = '{"$and":[{"display_name":{"$contains":"nightly"}},{"config.lr":{"$lt":1}}]}'
TAKEN = [
    ("add_artifact_alias", '{"$or":[{"$and":[{"alias":{"$eq":"prod"}}]}]}'),
    ("add_artifact_tag", '{"$not":{"tag":{"$regex":"^v[0-9]+$"}},"alias":{"$in":["a"]}}'),
    ("unlink_artifact", "{}"),
    ("run_metric", of_metric(threshold_filter=THRESHOLD)),
    ("run_metric_change", of_metric(change_filter=CHANGE)),
    ("run_metric_zscore", of_metric(zscore_filter=ZSCORE)),
    ("run_state", of_state("FINISHED", "FAILED", runs=NAMED)),
]
REFUSED = [
    ("link_artifact", "[]", "The filter is an object"),
    ("link_artifact", "{", "is not JSON"),
    ("link_artifact", '{"alias": "\\u0000"}', "NUL or a broken character"),
    ("link_artifact", '{"size": 1}', "The filter knows no size, but alias, tag"),
    ("link_artifact", '{"alias": {"$where": 1}}', "$where is no operator"),
    ("link_artifact", '{"alias": {"$regex": "("}}', "$regex of alias does not take this"),
    ("link_artifact", '{"alias": {"$in": "a"}}', "$in of alias does not take this"),
    ("link_artifact", '{"$or": {}}', "$or takes a list"),
    ("link_artifact", '{"$not":' * 12 + "{}" + "}" * 12, "nested at most 10 levels"),
    ("link_artifact", '{"alias":' + '{"$not":' * 12 + "{}" + "}" * 13, "deeper than 10"),
    ("link_artifact", json.dumps({"alias": "a" * 20_000}), "at most 20,000 characters"),
    ("run_state", EVERYTHING, "has a run_filter and a run_state_filter"),
    ("run_state", '{"run_filter": "{}"}', "has a run_state_filter"),
    ("run_state", of_state(), "states of run_state_filter is missing"),
    ("run_state", of_state("KILLED"), "states of run_state_filter is missing"),
    ("run_state", of_state([]), "states of run_state_filter is missing"),
    ("run_state", of_state("FAILED", runs='{"$where": 1}'), "knows no $where"),
    ("run_state", of_state("FAILED", runs="{"), "is not JSON"),
    ("run_metric", of_metric(change_filter=CHANGE), "has one threshold_filter"),
    ("run_metric", of_metric(threshold_filter=CHANGE), "threshold_filter has name, agg"),
    ("run_metric", of_metric(threshold_filter=1), "threshold_filter has name, agg"),
    (
        "run_metric",
        of_metric(threshold_filter={**THRESHOLD, "window_size": 0}),
        "window_size of threshold_filter is missing",
    ),
    (
        "run_metric_change",
        of_metric(change_filter={**CHANGE, "change_amount": -1}),
        "change_amount of change_filter is missing",
    ),
    ("moon", EVERYTHING, "There is no such event"),
]


def test_filters_are_kept_as_they_were_sent():
    team = TeamFactory()
    for number, (event, document) in enumerate(TAKEN):
        made = automations.create_automation(
            team.entity,
            f"a{number}",
            event=event,
            filter=document,
            action=Action(),
            by=SYSTEM,
        )
        made.refresh_from_db()
        assert (made.event, made.filter) == (event, document)
    for event, document, sentence in REFUSED:
        with pytest.raises(Invalid) as refusal:
            make(team.entity, event=event, filter=document)
        assert sentence in str(refusal.value), (event, document[:60])
        assert refusal.value.field == ("event" if event == "moon" else "filter")


def test_events_happen_in_scopes():
    registry = RegistryFactory()
    version = linked_version(registry)
    team = TeamFactory(organization=registry.organization)
    project = ensure_project(team, "p", by=SYSTEM)
    state = of_state("FAILED")
    make(version.collection, event="create_artifact")
    for scope, event, document in (
        (registry, "create_artifact", EVERYTHING),
        (project, "create_artifact", EVERYTHING),
        (registry, "run_state", state),
        (version.collection, "run_state", state),
    ):
        with pytest.raises(Invalid) as refusal:
            make(scope, event=event, filter=document)
        assert refusal.value.field == "event"
    with pytest.raises(Invalid, match="not of their own"):
        make(UserFactory().entity)


def test_actions_take_an_integration_of_their_kind_from_around_the_scope():
    registry = RegistryFactory()
    organization = registry.organization
    team, other = (TeamFactory(organization=organization) for _ in range(2))
    project = ensure_project(team, "p", by=SYSTEM)
    of_all, _ = integrations.create_webhook(organization, "all", url=URL, by=SYSTEM)
    of_team, _ = integrations.create_webhook(team, "team", url=URL, by=SYSTEM)
    of_other, _ = integrations.create_webhook(other, "other", url=URL, by=SYSTEM)
    of_nobody, _ = integrations.create_webhook(make_organization(), "x", url=URL, by=SYSTEM)
    slack = integrations.create_slack_channel(team, "acme", "#a", url=SLACK, by=SYSTEM)
    payload = '{"ref": "${artifact_version}", "n": [1, 2.50]}'

    def put(scope, kind, integration, **more):
        changes = Changes(scope=scope, action=Action(kind, integration, **more))
        return automations.change_automation(made, changes, by=SYSTEM)

    made = make(project)
    for scope, takes in (
        (registry, [of_all, of_team, of_other]),
        (organization.entity, [of_all, of_team, of_other]),
        (project, [of_all, of_team]),
        (team.entity, [of_all, of_team]),
        (logged_version(team).collection, [of_all, of_team]),
        (linked_version(registry).collection, [of_all, of_team, of_other]),
        (ensure_project(UserFactory(), "own", by=SYSTEM), []),
    ):
        for integration in (of_all, of_team, of_other, of_nobody):
            if integration in takes:
                changed = put(scope, "webhook", integration, payload=payload)
                changed.refresh_from_db()
                assert changed.message == {"payload": payload}
                assert (changed.scope, changed.integration) == (scope, integration)
            else:
                with pytest.raises(Invalid, match="of another organization or team"):
                    put(scope, "webhook", integration)
    changed = put(
        team.entity, "notification", slack, title="New", message="m", severity="WARN"
    )
    assert changed.message == {"title": "New", "message": "m", "severity": "WARN"}
    assert put(team.entity, "nothing", slack).integration is None
    for kind, integration, more, field in (
        ("webhook", slack, {}, "integration"),
        ("notification", of_team, {}, "integration"),
        ("webhook", None, {}, "integration"),
        ("webhook", of_team, {"payload": "[1]"}, "payload"),
        ("webhook", of_team, {"payload": json.dumps({"a": "b" * 20_000})}, "payload"),
        ("notification", slack, {"severity": "LOUD"}, "severity"),
    ):
        with pytest.raises(Invalid) as refusal:
            put(team.entity, kind, integration, **more)
        assert refusal.value.field == field
    with pytest.raises(Invalid):
        put(team.entity, "aria", None)


def test_who_does_not_see_an_integration_does_not_use_it():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    collection = linked_version(registry, team=team).collection
    hidden, _ = integrations.create_webhook(team, "hidden", url=URL, by=SYSTEM)
    member = person(registry, Role.MEMBER)

    with pytest.raises(Missing, match="no such integration"):
        make(collection, acting(member), action=Action("webhook", hidden))

    assert not Integration.objects.visible_to(member).exists()
    shared, _ = integrations.create_webhook(
        registry.organization, "shared", url=URL, by=SYSTEM
    )
    assert list(Integration.objects.visible_to(member)) == [shared]
    assert make(collection, acting(member), action=Action("webhook", shared)).pk
    with pytest.raises(Conflict, match="Automations act through shared: 1"):
        integrations.delete_integration(shared, by=SYSTEM)


def test_automations_are_seen_where_their_scope_is():
    registry = RegistryFactory(visibility="restricted")
    organization = registry.organization
    version = linked_version(registry)
    team = version.artifact.source.project.entity.team
    project = version.artifact.source.project
    made = {
        scope: make(scope)
        for scope in (
            registry,
            version.collection,
            project,
            version.artifact.source,
            team.entity,
            organization.entity,
        )
    }
    of_registry, of_team = (
        {registry, version.collection},
        {project, version.artifact.source},
    )
    colleague = MembershipFactory(organization=organization, role=Role.VIEWER).user
    viewer = person(registry, Role.VIEWER)
    admin = MembershipFactory(organization=organization, role=Role.ADMIN).user
    for user, scopes in (
        (colleague, {organization.entity}),
        (viewer, of_registry | {organization.entity}),
        (admin, of_team | {organization.entity, team.entity}),
        (UserFactory(), set()),
        (UserFactory(is_superuser=True), set(made)),
    ):
        assert {a.scope for a in Automation.objects.visible_to(user)} == scopes
    inside = Automation.objects.all().inside
    assert {a.scope for a in inside(team.entity)} == of_team | {team.entity}
    assert {a.scope for a in inside(organization.entity)} == (
        of_registry | {organization.entity}
    )

    delete_collection(version.collection, by=SYSTEM)
    seen = Automation.objects.visible_to(viewer)
    assert {a.scope for a in seen} == {registry, organization.entity}


def test_a_change_that_changes_nothing_is_none():
    made = make(RegistryFactory())
    count = Event.objects.count()

    automations.change_automation(made, Changes(name="deploy", is_enabled=True), by=SYSTEM)

    assert Event.objects.count() == count
    other = automations.create_automation(
        made.registry, "x", event="link_artifact", filter="{}", action=Action(), by=SYSTEM
    )
    with pytest.raises(Conflict, match="There is an automation deploy already"):
        automations.change_automation(other, Changes(name="deploy"), by=SYSTEM)


def test_what_is_sealed_is_told_nowhere_and_cannot_be_moved():
    team = TeamFactory()
    webhook, secret = integrations.create_webhook(team, "a", url=URL, by=SYSTEM)
    slack = integrations.create_slack_channel(team, "acme", "#a", url=SLACK, by=SYSTEM)
    assert secret.startswith("whsec_")
    for integration, hidden in ((webhook, secret), (slack, SLACK)):
        integration.refresh_from_db()
        use = integrations.sealed_for(integration)
        assert opened(integration.sealed, use) == hidden
        assert hidden not in str(vars(integration))
        for sealed, other in (
            (integration.sealed, "another use"),
            (integration.sealed[:-4] + "AAA=", use),
            ("", use),
            ("é", use),
        ):
            with pytest.raises(Broken, match="enter it anew"):
                opened(sealed, other)
    assert webhook.sealed != seal(secret, integrations.sealed_for(webhook))
    told = str(list(Event.objects.values()))
    assert secret not in told
    assert "hooks" not in told
    integrations.change_integration(slack, url=f"{SLACK}2", by=SYSTEM)
    slack.refresh_from_db()
    assert opened(slack.sealed, integrations.sealed_for(slack)) == f"{SLACK}2"


def test_an_automation_is_moved_by_who_may_in_both_scopes():
    collection = linked_version(RegistryFactory()).collection
    member = acting(person(collection.registry, Role.MEMBER))
    made = make(collection, member)

    with pytest.raises(Denied, match="registry-wide automations needs the role Admin"):
        automations.change_automation(made, Changes(scope=collection.registry), by=member)
    admin = acting(person(collection.registry, Role.ADMIN))
    automations.change_automation(made, Changes(scope=collection.registry), by=admin)
    with pytest.raises(Denied):
        automations.change_automation(made, Changes(scope=collection), by=member)
