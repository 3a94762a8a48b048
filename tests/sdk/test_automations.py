"""Automations with the SDK: every event in every scope, and what it says of refusals."""

from __future__ import annotations

import pytest

OWNER, MEMBER, VIEWER, OUTSIDER = "organization admin", "member", "viewer", "outsider"
SCOPES = """
from wandb.automations import *
api = wandb.Api()
clf = "acme/wandb-registry-organization/classifier"
scopes = {
    "registry": lambda: api.registry("organization", "acme"),
    "collection": lambda: api.artifact_collection("model", clf),
    "source": lambda: api.artifact_collection("model", "other/uploads/organization"),
    "project": lambda: api.project("uploads", "other"),
    "team": lambda: api.team("other"),
    "organization": lambda: api.organization("acme"),
}
"""
EVERYTHING = (
    SCOPES
    + """
hook = next(iter(api.webhook_integrations(entity="acme")))
channel = next(iter(api.slack_integrations(entity="other")))
actions = [
    DoNothing(),
    SendWebhook.from_integration(hook, payload={"ref": "${artifact_version}", "n": 2.5}),
    SendNotification.from_integration(channel, title="New", text="m", level="WARN"),
]
alias = ArtifactEvent.alias.eq("prod") | ArtifactEvent.alias.matches_regex("^v[0-9]+$")
of_artifacts = [
    OnLinkArtifact, OnUnlinkArtifact, OnAddArtifactAlias, OnAddArtifactTag,
    OnRemoveArtifactTag, OnAddCollectionTag, OnRemoveCollectionTag,
]
loss = RunEvent.metric("loss")
of_runs = [
    (OnRunMetric, loss.avg(5).gt(1)),
    (OnRunMetric, loss.changes_by(frac=0.5)),
    (OnRunMetric, loss.zscore(30) > 3),
    (OnRunState, RunEvent.name.contains("nightly") & RunEvent.state.eq("failed")),
]
made = []
for place, find in scopes.items():
    scope = find()
    events = [each(scope=scope, filter=alias) for each in of_artifacts]
    if place in ("collection", "source"):
        events.append(OnCreateArtifact(scope=scope))
    if place in ("project", "team", "organization"):
        events += [each(scope=scope, filter=one) for each, one in of_runs]
    for number, event in enumerate(events):
        name = f"{place} {number}"
        action = actions[number % 3]
        new = api.create_automation(event >> action, name=name, description="d")
        made.append((place, name, new.model_dump(mode="json")))
"""
)
LISTED = """
api = wandb.Api()
[a.model_dump(mode="json") for a in api.automations(entity=entity, per_page=7)]
"""


@pytest.fixture(scope="module")
def owner(sdk):
    return sdk(OWNER)


def test_all_that_is_made_comes_back_as_it_was_made(owner):
    made = owner(f"{EVERYTHING}\nmade")

    listed = [a for name in ("acme", "other") for a in owner(LISTED, entity=name)]
    assert len(made) == 7 * 6 + 2 + 4 * 3
    by_name = {automation["name"]: automation for automation in listed}
    assert [by_name[name] for _, name, _ in made] == [one for _, _, one in made]
    assert {type_of(by_name[f"{place} 0"]) for place, _, _ in made} == {
        *(("Project", "wandb-registry-organization"), ("ArtifactPortfolio", "classifier")),
        *(("ArtifactSequence", "organization"), ("Project", "uploads")),
        *(("Entity", "other"), ("Entity", "acme")),
    }


def type_of(automation):
    return automation["scope"]["__typename"], automation["scope"]["name"]


CREATE = f"{SCOPES}event = OnLinkArtifact(scope=scopes[place]())\n"
FIRST = f"{CREATE}new = event >> DoNothing()\napi.create_automation(new, name=name).name"
AGAIN = FIRST.replace("name=name", "name=name, fetch_existing=True")
CHANGE = f"""{SCOPES}
one = api.automation(name="life", entity="acme")
one.enabled, one.description, one.scope = False, "paused", scopes["collection"]()
new = OnAddArtifactTag(scope=one.scope, filter=ArtifactEvent.tag.eq("x"))
saved = api.update_automation(one, event=new)
answers = [saved.id == one.id, saved.enabled, saved.description, saved.scope.name]
[*answers, repr(saved.event.filter.filter)]
"""
DELETE = f"{SCOPES}api.delete_automation(api.automation(name='life', entity='acme'))"


def test_one_is_found_changed_and_deleted(owner):
    new = {"place": "registry", "name": "life"}
    assert owner(FIRST, **new) == owner(AGAIN, **new) == "life"
    assert "exists. Unable to create another" in owner.refused(FIRST, **new)
    assert owner(CHANGE) == [
        *(True, False, "paused", "classifier"),
        "Or((And((FilterExpr(tag: Eq('x')),)),))",
    ]
    assert owner(DELETE) is True
    assert "No automations found" in owner.refused(DELETE)


FETCHED = f"""{CREATE}
new = event >> DoNothing()
api.create_automation(new, name=name)
try:
    api.create_automation(new, name=name, fetch_existing=True)
except wandb.CommError as error:
    said = str(error)
[said, api.automation(name=name, entity="other").scope.name]
"""


def test_one_of_a_team_is_fetched_by_its_entity_only(owner):
    """The SDK looks for what exists in projects, whose automations a team's are not."""
    answered = owner(FETCHED, place="team", name="of the team")
    assert answered == ["No automations found", "other"]


def test_each_is_told_what_is_missing(owner, sdk):
    answers = {
        (
            VIEWER,
            "collection",
        ): "Creating an automation needs the role Member in the registry",
        (VIEWER, "registry"): "Managing registry-wide automations needs the role Admin in",
        (VIEWER, "team"): "Managing the team needs the role Admin in the team other",
        (
            VIEWER,
            "organization",
        ): "Managing automations and integrations of an organization",
        (VIEWER, "project"): "Project uploads not found",
        (OUTSIDER, "registry"): "Organization 'acme' not found",
    }
    for (person, place), sentence in answers.items():
        assert sentence in sdk(person).refused(FIRST, place=place, name="x"), (
            person,
            place,
        )
    assert sdk(MEMBER)(FIRST, place="collection", name="x") == "x"
    hidden = "[i.name for i in wandb.Api().webhook_integrations(entity=entity)]"
    assert sdk(VIEWER)(hidden, entity="acme") == ["deploy"]
    assert sdk(VIEWER)(hidden, entity="other") == []
    assert "Unexpected response data" in sdk(OUTSIDER).refused(hidden, entity="acme")
