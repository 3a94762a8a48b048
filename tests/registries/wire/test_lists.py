"""Collections and versions of all registries: found, sorted, and read together."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registries.operations.aliases import set_alias
from registries.operations.collections import add_tags, delete_collection
from registries.operations.registries import create_registry
from tests.cast import RESTRICTED
from tests.doors import Scene
from tests.doors_of_wire import ask
from tests.factories import SYSTEM, acting, linked_version
from tests.registries.wire.test_places import nodes, read

pytestmark = pytest.mark.django_db

COLLECTIONS = """query C(
  $registries: JSONString, $filters: JSONString, $order: String, $first: Int,
  $types: [ArtifactCollectionType!] = [PORTFOLIO], $after: String
) { organization(name: "Acme") { orgEntity { artifactCollections(
  projectFilters: $registries, filters: $filters, collectionTypes: $types,
  order: $order, first: $first, after: $after
) { totalCount pageInfo { endCursor hasNextPage } edges { node {
  __typename id name description createdAt project { name entity { name } }
  defaultArtifactType { name } tags { edges { node { name } } } } } } } } }"""
VERSIONS = """query V(
  $registries: JSONString, $collections: JSONString, $filters: JSONString,
  $order: String, $first: Int, $after: String
) { organization(name: "Acme") { orgEntity { artifactMemberships(
  projectFilters: $registries, collectionFilters: $collections, filters: $filters,
  order: $order, first: $first, after: $after
) { totalCount pageInfo { endCursor hasNextPage } edges { node {
  versionIndex aliases { alias } artifactCollection { name project { name } }
  artifact { digest size tags { name } aliases { alias }
    artifactSequence { name project { name } } } } } } } } }"""
REGISTRIES = """query R($first: Int) { organization(name: "Acme") { orgEntity {
  projects(first: $first) { edges { node {
    name artifactTypes(includeAll: true) { edges { node { name } } }
    entity { name organization { name } } } } } } } }"""


def found(scene: Scene, person: str, document: str, **asked: Any) -> list[str]:
    """The collections or versions that somebody finds, by registry and name."""
    entity = read(scene, person, document, **asked)["organization"]["orgEntity"]
    [part] = entity.values()
    assert part["totalCount"] >= len(part["edges"])
    return [_place(node) for node in nodes(part)]


def _place(node: Any) -> str:
    collection = node.get("artifactCollection", node)
    registry = collection["project"]["name"].removeprefix("wandb-registry-")
    number = f":v{node['versionIndex']}" if "versionIndex" in node else ""
    return f"{registry}/{collection['name']}{number}"


ALL = ["model/classifier", "organization/classifier", "restricted/classifier"]


def test_collections_are_found_among_those_that_one_sees(cast):
    scene, by = Scene(cast, RESTRICTED), "restricted viewer"
    add_tags(scene.collection, ["blue"], by=SYSTEM)
    gone = linked_version(scene.registry, "gone").collection
    delete_collection(gone, by=SYSTEM)
    blue = '{"tag": {"$in": ["blue", "red"]}}'

    assert sorted(found(scene, by, COLLECTIONS)) == ALL
    assert sorted(found(scene, "organization member", COLLECTIONS)) == ALL[:2]
    assert found(scene, by, COLLECTIONS, filters=blue) == ALL[2:]
    assert found(scene, "organization member", COLLECTIONS, filters=blue) == []
    assert found(scene, by, COLLECTIONS, types=["SEQUENCE"]) == []
    for registries, expected in (
        ('{"name": "wandb-registry-model"}', ALL[:1]),
        (f'{{"id": {2 * scene.registry.pk + 1}}}', ALL[2:]),
        ('{"name": {"$regex": "^wandb-registry-(model|restr)"}}', ALL[::2]),
        ('{"name": "wandb-registry-nowhere"}', []),
    ):
        asked = {"registries": registries, "order": "createdAt"}
        assert found(scene, by, COLLECTIONS, **asked) == expected


def test_versions_are_found_among_those_that_one_sees(cast):
    scene, by = Scene(cast, RESTRICTED), "restricted viewer"
    second = linked_version(scene.registry, "other", files={"a": b"a larger one"})
    set_alias(second, "golden", by=SYSTEM)
    v0 = [f"{name}:v0" for name in ALL]
    here = {"registries": '{"name": "wandb-registry-restricted"}'}

    assert found(scene, by, VERSIONS, order="-linked_at")[0] == "restricted/other:v0"
    assert sorted(found(scene, "organization member", VERSIONS)) == v0[:2]
    assert found(scene, by, VERSIONS, order="+artifact_size", first=1, **here) == [v0[2]]
    for asked, expected in (
        ({"filters": '{"alias": "golden"}'}, ["restricted/other:v0"]),
        ({"filters": '{"alias": "golden", "version": "v1"}'}, []),
        ({"collections": '{"name": "classifier"}', **here}, v0[2:]),
        ({"filters": '{"$nor": [{"alias": "golden"}]}', **here}, v0[2:]),
    ):
        assert found(scene, by, VERSIONS, **asked) == expected
    assert found(scene, "organization member", VERSIONS, filters='{"alias":"golden"}') == []


@pytest.mark.parametrize("document", [REGISTRIES, COLLECTIONS, VERSIONS])
def test_a_long_part_costs_what_a_short_one_does(cast, document):
    scene = Scene(cast, RESTRICTED)
    for n in range(4):
        registry = create_registry(
            cast.organization, f"r{n}", by=acting(scene.person("owner"))
        )
        version = linked_version(registry, files={"a": bytes([n])}, aliases=("golden",))
        add_tags(version.collection, ["blue"], by=SYSTEM)
    client, costs = scene.program("viewer"), {}
    for first in (2, 7):
        with CaptureQueriesContext(connection) as queries:
            answered = ask(client, document, first=first)
        [part] = answered.json()["data"]["organization"]["orgEntity"].values()
        costs[len(part["edges"])] = len(queries)

    assert costs.keys() == {2, 7}
    assert max(costs.values()) <= 9
    assert costs[7] <= costs[2] + 1
