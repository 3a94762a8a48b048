"""What one may not see on the wire: nothing tells it from what is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registries.models import Run, Version
from registries.operations.runs import start_run
from registries.wire.ids import encode, home_id
from tests.cast import RESTRICTED
from tests.doors import Scene
from tests.doors_of_wire import ask, document_of
from tests.factories import SYSTEM, UserFactory
from tests.operations_of_automations import make

pytestmark = pytest.mark.django_db

NOWHERE = 2_000_000_000
QUERIES = {
    "artifact": "query q($x: ID!) { artifact(id: $x) { id } }",
    "collection": "query q($x: ID!) { artifactCollection(id: $x) { id } }",
    "person": """query q($x: String) {
        entity(name: $x) { id } users(query: $x) { edges { node { id } } } }""",
    "team": "query q($x: String) { entity(name: $x) { id } }",
    "organization": "query q($x: String!) { organization(name: $x) { id } }",
    "project": 'query q($x: String) { project(name: "uploads", entityName: $x) { id } }',
    "registry": 'query q($x: String) { project(name: $x, entityName: "acme") { id } }',
}
MUTATIONS = {
    "deleteArtifact": ("artifact", {"artifactID": None}),
    "updateArtifact": ("artifact", {"artifactID": None, "description": "x"}),
    "commitArtifact": ("artifact", {"artifactID": None}),
    "deleteArtifactPortfolio": ("collection", {"artifactPortfolioID": None}),
    "deleteModel": ("home", {"id": None}),
    "deleteRun": ("run", {"id": None}),
    "upsertBucket": ("run", {"id": None}),
    "deleteTrigger": ("automation", {"triggerID": None}),
    "createTeam": ("organization id", {"organizationId": None, "teamName": "new"}),
    "createInvite": ("team", {"entityName": None, "username": "outsider"}),
}
IN_THE_ORGANIZATION = {"person", "team", "organization", "organization id", "project"}
"""What everybody in it sees, or is refused by its name."""


@pytest.fixture
def there(cast) -> dict[str, tuple[str, str]]:
    """Names and ids: of what an outsider does not see, and of nothing."""
    scene = Scene(cast, RESTRICTED)
    source = Version.objects.get(artifact=scene.version.artifact, collection__registry=None)
    run = start_run(source.collection.project, "r", by=SYSTEM)
    ids = {
        "artifact": ("Artifact", scene.version.artifact_id),
        "collection": ("ArtifactCollection", scene.version.collection_id),
        "run": ("Run", run.pk),
        "automation": ("Trigger", make(scene.registry).pk),
        "organization id": ("Organization", cast.organization.pk),
    }
    names = {"team": "other", "organization": "acme", "project": "other"}
    return {
        **{
            key: (encode(kind, pk), encode(kind, NOWHERE))
            for key, (kind, pk) in ids.items()
        },
        **{key: (name, "nobody") for key, name in names.items()},
        "person": (cast.person("owner").username, "nobody"),
        "registry": (f"wandb-registry-{scene.registry.name}", "wandb-registry-nothing"),
        "home": (home_id(scene.registry), encode("Project", NOWHERE + 1)),
    }


def told(client: Client, document: str, asked: str, **variables: Any) -> tuple[Any, ...]:
    """Status, body without what was asked for, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, document, **variables)
    name = asked.removeprefix("wandb-registry-")
    return answer.status_code, answer.content.decode().replace(name, "…"), len(queries)


@pytest.mark.parametrize("person", ["outsider", "organization viewer"])
def test_what_is_hidden_is_as_what_is_not_there_and_asked_as_much(cast, there, person):
    if person != "outsider":
        there = {key: there[key] for key in there.keys() - IN_THE_ORGANIZATION}
    client = Scene(cast, RESTRICTED).program(person)
    ask(client, "{ viewer { id } }")  # notes that the key was used
    seen: dict[str, Any] = {}

    for key in there.keys() & QUERIES.keys():
        seen[key] = [told(client, QUERIES[key], each, x=each) for each in there[key]]
    for name, (key, given) in MUTATIONS.items():
        seen[name] = [
            told(
                client,
                document_of(name),
                each,
                input={k: v or each for k, v in given.items()},
            )
            for each in there.get(key, ())
        ]

    assert {key: both for key, both in seen.items() if len(set(both)) > 1} == {}
    assert {status for both in seen.values() for status, *_ in both} == {200, 404}


def test_who_started_a_run_and_left_is_not_confirmed_by_a_filter(cast):
    scene = Scene(cast, RESTRICTED)
    source = Version.objects.get(artifact=scene.version.artifact, collection__registry=None)
    gone = UserFactory(entity__name="gone")
    here = cast.person("team admin")
    for person in (gone, here):
        run = start_run(source.collection.project, f"by-{person.username}", by=SYSTEM)
        Run.objects.filter(pk=run.pk).update(created_by=person)
    document = """query q($of: JSONString) {
        project(name: "uploads", entityName: "other") {
            runCount(filters: $of) runs(filters: $of) { edges { node { name } } } } }"""

    def found(wanted: Any) -> tuple[int, list[str]]:
        filters = json.dumps({"username": wanted})
        answer = ask(scene.program("team admin"), document, of=filters).json()
        project = answer["data"]["project"]
        names = [edge["node"]["name"] for edge in project["runs"]["edges"]]
        return project["runCount"], names

    everybody = (1, [f"by-{here.username}"])
    assert found(here.username) == everybody
    for wanted in ("gone", {"$regex": "^g"}, {"$contains": "one"}, {"$in": ["gone"]}):
        assert found(wanted) == (0, []), wanted
    assert found({"$exists": True}) == everybody
    assert found({"$gte": "a"}) == everybody
