"""Aliases and tags by the thousand: refused at once, for each is a row and an event."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.models import Entity, User
from registries.models import Version
from registries.wire.ids import encode, home_id
from tests.cast import OPEN
from tests.doors import Scene
from tests.doors_of_wire import ask, document_of

pytestmark = pytest.mark.django_db

MANY = 201


def test_no_call_writes_hundreds_of_aliases_or_tags(cast, unchanged):
    scene = Scene(cast, OPEN)
    client = scene.program("installation administrator")
    ask(client, "{ viewer { id } }")  # notes that the key was used
    artifact = encode("Artifact", scene.version.artifact_id)
    registry = f"wandb-registry-{scene.registry.name}"
    source = Version.objects.get(artifact=scene.version.artifact, collection__registry=None)
    project = {"entityName": "other", "projectName": source.collection.project.name}
    place = {"entityName": "acme", "projectName": registry}
    tags = [{"tagName": f"t{n}"} for n in range(MANY)]
    named = [
        {"alias": f"a{n}", "artifactCollectionName": "classifier"} for n in range(MANY)
    ]
    placed = [alias | place for alias in named]
    draft = {"artifactTypeName": "model", "artifactCollectionName": "new", "digest": "d"}
    link = place | {"artifactID": artifact, "artifactPortfolioName": "new"}
    tagged = place | {"artifactCollectionName": "classifier", "tags": tags}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("addAliases", {"artifactID": artifact, "aliases": placed}),
        ("deleteAliases", {"artifactID": artifact, "aliases": placed}),
        ("updateArtifact", {"artifactID": artifact, "tagsToAdd": tags}),
        ("updateArtifact", {"artifactID": artifact, "tagsToDelete": tags}),
        ("createArtifact", project | draft | {"aliases": named}),
        ("createArtifact", project | draft | {"tags": tags}),
        ("linkArtifact", link | {"aliases": named}),
        ("createArtifactCollectionTagAssignments", tagged),
        ("deleteArtifactCollectionTagAssignments", tagged),
    ]

    for name, given in calls:
        with unchanged():
            answer = ask(client, document_of(name), input=given)
        assert answer.status_code == 422, (name, answer.content)
        assert re.search("at most 200|1 to 50", answer.content.decode())


def test_however_many_are_named_they_are_looked_up_at_once(
    cast, django_assert_max_num_queries
):
    scene = Scene(cast, OPEN)
    client = scene.program("installation administrator")
    entities = Entity.objects.bulk_create(
        Entity(name=f"p-{n}", kind=Entity.Kind.USER) for n in range(MANY)
    )
    people = User.objects.bulk_create(
        User(entity=entity, email=f"{entity.name}@example.com") for entity in entities
    )
    ids = [encode("User", person.pk) for person in people]
    team = encode("Entity", cast.other.entity_id)
    asked = {"userIds": [*ids, *ids * 4], "teamIds": [team] * 1000}
    given = {"projectId": home_id(scene.registry)} | asked
    nobody = given | {"userIds": [*ids, encode("User", 10**9)]}

    for name in ("createProjectMembers", "deleteProjectMembers"):
        with django_assert_max_num_queries(30):
            assert ask(client, document_of(name), input=given).status_code == 422
        with django_assert_max_num_queries(30):
            assert ask(client, document_of(name), input=nobody).status_code == 404
