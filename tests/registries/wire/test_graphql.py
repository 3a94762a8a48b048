"""The address of GraphQL: who may ask, what may be asked, and what it costs to refuse."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.operations.keys import issue_api_key
from registries.wire import limits
from registries.wire.fields import MUTATIONS, QUERIES, snake
from registries.wire.ids import encode
from registries.wire.schema import schema
from tests.cast import Cast
from tests.factories import SYSTEM, logged_version

pytestmark = pytest.mark.django_db

ADDRESS = "/graphql"


def basic(secret: str, name: str = "api") -> dict[str, str]:
    token = b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def ask(client: Client, body: Any, headers: dict[str, str]) -> Any:
    sent = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(ADDRESS, sent, content_type="application/json", headers=headers)


@pytest.fixture
def viewer(cast: Cast) -> dict[str, str]:
    """The headers of the cast's Viewer."""
    return basic(issue_api_key(cast.person("viewer"), name="sdk", by=SYSTEM)[1])


VIEWER = {"query": "{ viewer { username entity } }"}


def test_whoever_has_no_live_key_gets_the_same_401(client, cast, viewer):
    dead = issue_api_key(cast.person("member"), name="old", by=SYSTEM)
    dead[0].revoked_at = dead[0].created_at
    dead[0].save()
    signed_in = Client()
    signed_in.force_login(cast.person("admin"))
    attempts = [
        {},
        basic("nonsense"),
        basic(dead[1]),
        basic("a" * 50, name="somebody"),
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer abc"},
        {"Authorization": "Basic " + b64encode(b"\xff:x").decode()},
    ]

    answers = [ask(signed_in, VIEWER, headers) for headers in attempts]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert all("Basic" in answer["WWW-Authenticate"] for answer in answers)
    assert ask(client, VIEWER, viewer).json() == {
        "data": {"viewer": {"username": "the-viewer", "entity": "the-viewer"}}
    }


def test_a_key_notes_when_it_was_used_but_not_at_every_call(client, cast, viewer):
    key = cast.person("viewer").api_keys.get(name="sdk")

    ask(client, VIEWER, viewer)
    key.refresh_from_db()
    first = key.last_used_at
    ask(client, VIEWER, viewer)
    key.refresh_from_db()

    assert first is not None
    assert key.last_used_at == first


def test_every_key_passes_what_the_sdk_checks_of_keys(cast):
    secrets = [
        issue_api_key(cast.person("viewer"), name="k", by=SYSTEM)[1] for _ in range(20)
    ]

    # The SDK takes what precedes the first hyphen for a prefix, and wants 40 behind it.
    assert all(len(secret.split("-", 1)[-1]) >= 40 for secret in secrets)


UNREADABLE = {
    "no JSON": "{",
    "a list": [VIEWER],
    "a batch": [VIEWER] * 1000,
    "deep JSON": "[" * 30_000,
    "a long number": '{"query": ' + "9" * 5000 + "}",
    "no query": {},
    "variables that are a list": VIEWER | {"variables": [1]},
    "no GraphQL": {"query": "{"},
    "an unknown field": {"query": "{ viewer { password } }"},
    "an unknown root": {"query": "{ users2 { id } }"},
    "two operations and no name": {
        "query": "query a { viewer { id } } query b { viewer { id } }"
    },
    "a missing variable": {"query": "query a($id: ID!) { artifact(id: $id) { id } }"},
    "introspection": {"query": "{ __schema { types { name } } }"},
    "types of fields": {"query": '{ __type(name: "Run") { fields { type { name } } } }'},
    "types of a type": {"query": '{ __type(name: "Run") { interfaces { name } } }'},
    "20,000 aliases": {
        "query": "{" + " ".join(f"a{i}: viewer {{ id }}" for i in range(20_000)) + "}"
    },
    "depth 200": {
        "query": "{ viewer " + "{ teams { edges { node " * 70 + "{ id }" + "}}}" * 70 + "}"
    },
    "2,000 equal fields": {"query": "{ viewer {" + " id" * 2000 + "} }"},
    "a fragment bomb": {
        "query": "{ viewer { ...f0 } }"
        + "".join(f"fragment f{i} on User {{ ...f{i + 1} ...f{i + 1} }}" for i in range(30))
        + "fragment f30 on User { id }"
    },
    "a fragment that spreads itself": {
        "query": "{ viewer { ...f } } fragment f on User { ...f }"
    },
    "a document of 10 MB": {"query": "{ viewer { id } } #" + "x" * 10_000_000},
    "a field under eleven names": {
        "query": "{" + " ".join(f"a{i}: viewer {{ id }}" for i in range(11)) + "}"
    },
    "lists in lists in lists": {
        "query": """query a($n: Int) { organization(name: "acme") { orgEntity {
          projects(first: $n) { ...P } } } }
          fragment P on ProjectConnection { edges { node {
            artifactCollections(first: 2000) { edges { node {
              tags { edges { node { id } } } } } } } } }""",
        "variables": {"n": 100},
    },
    "a number that is none of 32 bits": {
        "query": "query a($n: Int) { viewer { id } projects(first: $n) { totalCount } }",
        "variables": {"n": 1e300},
    },
    "a number of 401 digits": VIEWER | {"variables": {"n": 10**400}},
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_or_is_too_much_is_a_400(client, viewer, name):
    answer = ask(client, UNREADABLE[name], viewer)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]
    assert "Did you mean" not in answer.content.decode()


def test_variables_of_ten_megabytes_are_taken_and_more_than_sixteen_are_not(client, viewer):
    body = VIEWER | {"variables": {"unused": "x" * 10_000_000}}
    assert ask(client, body, viewer).status_code == 200

    answer = ask(client, VIEWER | {"variables": {"unused": "x" * 17_000_000}}, viewer)
    assert answer.status_code == 413


def test_values_beyond_all_that_programs_ask_are_not_taken(client, viewer):
    texts = VIEWER | {"variables": {"unused": '",[{\\' * 30_000, "list": [","] * 15_000}}
    assert ask(client, texts, viewer).status_code == 200

    too_many: list[list[Any]] = [[0] * 33_000, [[[]]] * 11_000, [{}] * 16_500]
    for many in (*too_many, ["\\"] * 33_000):
        answer = ask(client, VIEWER | {"variables": {"unused": many}}, viewer)
        assert answer.status_code == 413


def test_only_json_is_taken_and_only_by_post(client, viewer):
    plain = client.post(ADDRESS, "{}", content_type="text/plain", headers=viewer)

    assert plain.status_code == 400
    assert client.get(ADDRESS, headers=viewer).status_code == 405


def test_an_outage_is_a_503_that_programs_read(client, viewer, monkeypatch):
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setitem(limits.__dict__, "parse", away)
    answer = ask(client, {"query": "{ viewer { name } }"}, viewer)

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "Not available" in answer.json()["errors"][0]["message"]


def test_every_root_field_has_a_resolver():
    built = schema()
    queries = {snake(name) for name in built.query_type.fields}
    mutations = {snake(name) for name in built.mutation_type.fields}

    assert queries == set(QUERIES)
    assert mutations == set(MUTATIONS)


BROKEN = ("a\0b", "\ud800")
LOOKED_FOR = """query a($n: String!, $id: ID!) {
  clientIDMapping(clientID: $id) { serverID }
  users(query: $n) { edges { node { id } } }
  entity(name: $n) { id }
  organization(name: $n) { id }
  project(name: "uploads", entityName: "other") {
    artifactType(name: $n) { name }
    artifactCollection(name: $n) { name }
    artifactCollectionMembership(name: $n) { id }
    run(name: $n) { id }
  }
}"""
USE = """mutation a($input: UseArtifactInput!) {
  useArtifact(input: $input) { artifact { id } }
}"""
LINK = """mutation a($input: LinkArtifactInput!) {
  linkArtifact(input: $input) { versionIndex }
}"""
BEGIN = """mutation a($input: CreateArtifactInput!) {
  createArtifact(input: $input) { artifact { id } }
}"""


@pytest.mark.parametrize("broken", BROKEN, ids=ascii)
def test_what_no_database_looks_for_is_not_there(client, cast, broken):
    owner = cast.person("team admin")
    version = logged_version(cast.other)
    headers = basic(issue_api_key(owner, name="sdk", by=SYSTEM)[1])
    found = {"n": broken, "id": broken}
    place = {"entityName": "other", "projectName": "uploads"}
    use = {**place, "artifactID": encode("Artifact", version.artifact_id)}
    link = {"clientID": broken, "entityName": "acme", "artifactPortfolioName": "c"}
    begin = {**place, "artifactTypeName": "model", "artifactCollectionName": "classifier"}
    calls = {
        USE: (use | {"runName": broken}, 404),
        LINK: (link, 404),
        BEGIN: (begin | {"digest": broken}, 422),
    }

    looked = ask(client, {"query": LOOKED_FOR, "variables": found}, headers).json()["data"]

    assert looked["clientIDMapping"] is looked["entity"] is looked["organization"] is None
    assert looked["users"] == {"edges": []}
    assert set(looked["project"].values()) == {None}
    for document, (sent, status) in calls.items():
        body = {"query": document, "variables": {"input": sent}}
        assert ask(client, body, headers).status_code == status, document
