"""How many queries the calls of every script take, however much there is."""

from __future__ import annotations

from typing import Any

import pytest

from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag
from registries.operations.links import link
from tests.cast import RESTRICTED
from tests.doors import Scene
from tests.doors_of_wire import ask
from tests.factories import SYSTEM, logged_version
from tests.registries.wire.saving import Saving, through
from tests.registries.wire.test_saving import ADDRESSES, get

pytestmark = pytest.mark.django_db

ARTIFACT = """
fragment Home on Project { id internalId name entity { name } }
fragment Content on Artifact {
  id artifactSequence { name project { ...Home } } versionIndex artifactType { name }
  description metadata ttlDurationSeconds ttlIsInherited tags { id name } historyStep state
  size digest digestAlgorithm commitHash fileCount createdAt updatedAt
  aliases { id alias artifactCollection { __typename name project { ...Home } } }
}
"""
BY_NAME = """query ByName($project: String!, $name: String!) {
  project(name: $project, entityName: "acme") {
    artifactCollectionMembership(name: $name) {
      id versionIndex createdAt aliases { id alias }
      artifactCollection { __typename name project { ...Home } }
      artifact { ...Content }
    }
  }
}"""
URLS = """query Urls($project: String!) {
  project(name: $project, entityName: "acme") {
    artifactCollection(name: "classifier") {
      artifactMembership(aliasName: "v0") {
        files(first: 5000) { pageInfo { hasNextPage } edges { node { name directUrl } } }
      }
    }
  }
}"""
VERSIONS = """query Versions {
  organization(name: "acme") { orgEntity { artifactMemberships(first: 100) {
    edges { node {
      id versionIndex createdAt aliases { alias }
      artifactCollection { __typename name project { ...Home } }
      artifact { ...Content }
    } }
  } } }
}"""


def queries(counting: Any, scene: Scene, text: str, **named: Any) -> int:
    client = scene.program("viewer")
    ask(client, text, **named)
    with counting(100) as asked:
        answer = ask(client, text, **named).json()
    assert "errors" not in answer, answer
    return len(asked)


def fill(scene: Scene, count: int) -> None:
    """More versions in the scene's collection, each with aliases, a tag and some files."""
    files = {f"{count}/{n}.bin": b"%d" % n for n in range(5)}
    for number in range(count):
        content = files | {"number": b"%d" % number}
        logged = logged_version(scene.cast.other, f"more-{number}", files=content)
        version = link(logged.artifact, scene.registry, "classifier", by=SYSTEM)
        set_alias(version, f"alias-{number}", by=SYSTEM)
        add_tag(version, "more", by=SYSTEM)


def test_calls_cost_as_much_for_many_rows_as_for_one(cast, django_assert_max_num_queries):
    scene, project = Scene(cast, RESTRICTED), f"wandb-registry-{RESTRICTED}"
    calls = {
        BY_NAME + ARTIFACT: {"project": project, "name": "classifier:v0"},
        URLS: {"project": project},
        VERSIONS + ARTIFACT: {},
    }
    before = [
        queries(django_assert_max_num_queries, scene, text, **named)
        for text, named in calls.items()
    ]

    fill(scene, 6)

    after = [
        queries(django_assert_max_num_queries, scene, text, **named)
        for text, named in calls.items()
    ]
    assert before == after
    assert before[0] <= 6  # what each use_artifact and each api.artifact costs


def test_a_small_file_costs_few_queries_up_and_down(cast, django_assert_max_num_queries):
    scene = Scene(cast, RESTRICTED)
    program = Saving(through(scene.program("team admin")))
    files = {f"{number}": b"%d" % number for number in range(3)}
    begun = program.begin(files)
    places = program.announce(begun["id"], files)
    for place, content in zip(places, files.values(), strict=True):
        with django_assert_max_num_queries(11):  # two of them begin and end what is kept
            assert program.put(place["uploadUrl"], content)[0] == 200
    program.fill(begun["id"], files)
    with django_assert_max_num_queries(42):
        program.commit(begun["id"])

    source = {"entity": "other", "project": "sdk", "name": "data", "alias": "latest"}
    client = scene.program("team admin")
    answer = ask(client, ADDRESSES, **source).json()["data"]["project"]
    place = answer["artifactCollection"]["artifactMembership"]["files"]["edges"][0]["node"]
    with django_assert_max_num_queries(5):
        assert b"".join(get(client, place["directUrl"])) in files.values()
