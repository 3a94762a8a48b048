"""Every field of the schema answers: each is asked for where there is something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from registries.models import Version
from registries.operations.collections import add_tags
from registries.operations.runs import start_run, use_artifact
from registries.wire import limits
from registries.wire.ids import encode
from registries.wire.schema import schema
from tests import doors_of_wire
from tests.cast import RESTRICTED
from tests.digest import undone
from tests.doors import Scene
from tests.doors_of_wire import ask
from tests.every_door import DOORS
from tests.factories import SYSTEM
from tests.operations_of_automations import make, webhook
from tests.registries.wire.test_lost_answers import able

pytestmark = pytest.mark.django_db

DEEP = 2
"""How many nodes below a root are asked for; lists, their edges and manifests aside."""
LISTS = ("Connection", "Edge", "Manifest")
NOT_THERE = {
    *("ARIATriggeredAction", "QueueJobTriggeredAction", "RunQueue"),  # we have none
    *("FeatureFlag", "LocalVersionInfo"),
    *("ClientIDMapping", "GenericWebhookTriggeredAction", "NotificationTriggeredAction"),
    *("UploadMultipartUrls", "UploadUrlPart"),  # of what is uploaded
    *("LogLine", "LogLineEdge", "SlackIntegration"),
}
"""What none of the roots leads to."""
ARGUMENTS = {
    "sampledHistory": 'specs: ["{\\"keys\\": [\\"loss\\"]}"]',
    "artifactType": 'name: "model"',
    "artifactCollection": 'name: "classifier"',
    "artifactSequence": 'name: "classifier"',
    "artifactCollectionMembership": 'name: "classifier:v0"',
    "artifact": 'name: "classifier:latest"',
    "artifactMembership": 'aliasName: "v0"',
    "run": 'name: "r"',
    "bucket": 'name: "r"',
    "parquetHistory": 'liveKeys: ["loss"]',
    "filesByManifestEntries": 'storageLayout: "V2", manifestVersion: "1"',
}


def selection(kind: Any, deep: int) -> str:
    """Everything of a type, down to a depth."""
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        possible = schema().get_possible_types(kind)
        each = (f"... on {one.name} {selection(one, deep)}" for one in possible)
        return f"{{ __typename {' '.join(each)} }}"
    if not isinstance(kind, GraphQLObjectType):
        return ""
    parts = (asked(name, field, deep) for name, field in kind.fields.items())
    return f"{{ __typename {' '.join(filter(None, parts))} }}"


def asked(name: str, field: GraphQLField, deep: int) -> str:
    """A field with what it takes, and what is asked of it; nothing if it is too deep."""
    kind = get_named_type(field.type)
    is_leaf = not hasattr(kind, "fields") and not isinstance(kind, GraphQLUnionType)
    deep -= not is_leaf and not kind.name.endswith(LISTS)
    if deep < 0:
        return ""
    takes = ARGUMENTS.get(name, "") if field.args else ""
    return f"{name}{f'({takes})' if takes else ''} {selection(kind, deep)}"


def reached(data: Any) -> Iterator[str]:
    """The types of all that is there."""
    if isinstance(data, list):
        for each in data:
            yield from reached(each)
    elif isinstance(data, dict):
        if "__typename" in data:
            yield data["__typename"]
        for each in data.values():
            yield from reached(each)


def objects_of(root: GraphQLObjectType) -> set[str]:
    """The names of all types of objects that a type leads to."""
    found: set[str] = set()
    waiting: list[Any] = [root]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            waiting += schema().get_possible_types(kind)
        elif isinstance(kind, GraphQLObjectType) and kind.name not in found:
            found.add(kind.name)
            waiting += [get_named_type(field.type) for field in kind.fields.values()]
    return found


@pytest.fixture
def roots(cast) -> dict[str, str]:
    """What to begin at: the root fields, each where there is much behind it."""
    scene = Scene(cast, RESTRICTED)
    source = Version.objects.get(artifact=scene.version.artifact, collection__registry=None)
    used = start_run(source.collection.project, "r", by=SYSTEM)
    use_artifact(used, source.artifact, by=SYSTEM)
    add_tags(scene.collection, ["blue"], by=SYSTEM)
    add_tags(scene.version, ["blue"], by=SYSTEM)
    webhook(scene)
    make(scene.registry)
    artifact = encode("Artifact", source.artifact_id)
    collections = [
        f'artifactCollection(id: "{encode("ArtifactCollection", each.pk)}")'
        for each in (source.collection, scene.collection)
    ]
    return {
        root: root.partition("(")[0]
        for root in (
            "viewer",
            "serverInfo",
            'entity(name: "other")',
            'organization(name: "acme")',
            'project(name: "uploads", entityName: "other")',
            'project(name: "wandb-registry-restricted", entityName: "acme")',
            'model(name: "uploads", entityName: "other")',
            'models(entityName: "other")',
            'users(query: "the-viewer")',
            f'artifact(id: "{artifact}")',
            *collections,
        )
    }


@pytest.fixture
def whole_documents(monkeypatch) -> None:
    """Everything at once, which is more than anybody asks."""
    for limit in ("TOKENS", "FIELDS", "ROWS"):
        monkeypatch.setattr(limits, limit, 100_000 * getattr(limits, limit))
    monkeypatch.setattr(limits, "WHOLE", frozenset())


def test_every_field_answers(cast, roots, whole_documents):
    scene = Scene(cast, RESTRICTED)
    client = scene.program("installation administrator")
    query = schema().query_type
    assert query is not None
    found: set[str] = set()
    wrong: dict[str, str] = {}
    for root, name in roots.items():
        kind = get_named_type(query.fields[name].type)
        for each, field in kind.fields.items():
            document = f"{{ {root} {{ __typename {asked(each, field, DEEP)} }} }}"
            told = ask(client, document).json()
            for error in told.get("errors", ()):
                wrong[error["message"]] = f"{root} {each}"
            found |= set(reached(told["data"]))

    assert wrong == {}
    assert objects_of(query) - found - {"Query"} == NOT_THERE


SENDING = {
    f"wire:{name}"
    for name in (
        *("createArtifact", "createArtifactFiles", "createArtifactManifest"),
        *("updateArtifactManifest", "commitArtifact", "createRunFiles"),
    )
}
"""Mutations that answer with what no query leads to."""


def test_what_is_on_its_way_answers_every_field(cast, monkeypatch, whole_documents):
    monkeypatch.setattr(doors_of_wire, "document_of", everything_of)
    for door in DOORS:
        if door.place in SENDING:
            person, kind = able(door)
            scene = Scene(cast, kind)
            with undone():
                scene.program(person)
                given = door.given(scene) if door.given else None
                assert door.act(scene, person, given) == door.done, door.name


def everything_of(name: str) -> str:
    """The longest document of a mutation."""
    root = schema().mutation_type
    assert root is not None
    field = root.fields[name]
    asks = selection(get_named_type(field.type), 1)
    return (
        f"mutation M($input: {field.args['input'].type}) {{ {name}(input: $input) {asks} }}"
    )


def test_of_a_source_that_one_does_not_see_every_field_answers(cast, whole_documents):
    scene = Scene(cast, RESTRICTED)
    kind = schema().type_map["ArtifactSequence"]
    document = f"""query a($id: ID!) {{ artifact(id: $id) {{
      artifactSequence {selection(kind, DEEP)} }} }}"""

    told = ask(
        scene.program("viewer"),
        document,
        id=encode("Artifact", scene.version.artifact_id),
    ).json()["data"]["artifact"]["artifactSequence"]

    assert (told["name"], told["project"], told["artifacts"]) == ("", None, None)
    kind = told["defaultArtifactType"]
    assert kind["artifactCollections"]["totalCount"] == 1  # where one sees it


WRONG = {
    "Int64": ["abc", "7", 2**63, [1], {}, 1.5, True, 1e300],
    "JSONString": [{"a": 1}, [1], 5, True],
}
RIGHT = {"Int64": [None, 0, -1, 7.0, 2**63 - 1], "JSONString": [None, "{}"]}
TAKES = {
    "Int64": 'run(name: "r") { history(minStep: %s) }',
    "JSONString": "runCount(filters: %s)",
}


@pytest.mark.parametrize("kind", TAKES)
def test_a_value_of_another_kind_is_refused(cast, kind):
    client = Scene(cast, RESTRICTED).program("team admin")
    within = f'{{ project(name: "uploads", entityName: "other") {{ {TAKES[kind]} }} }}'
    by_name, literally = f"query a($v: {kind}) {within % '$v'}", within % "[{a: 1.5}]"

    refused = [ask(client, by_name, v=value).status_code for value in WRONG[kind]]
    done = [ask(client, by_name, v=value).status_code for value in RIGHT[kind]]

    assert {*refused, ask(client, literally).status_code} == {400}
    assert set(done) == {200}


def test_older_sdks_ask_what_fields_are_called(cast):
    client = Scene(cast, RESTRICTED).program("viewer")
    document = """{ __typename
      a: __type(name: "ServerInfo") { name fields { name args { name } } }
      b: __type(name: "UseArtifactInput") { inputFields { name } }
      c: __type(name: "Nothing") { name } }"""

    told = ask(client, document).json()["data"]

    names = [field["name"] for field in told["a"]["fields"]]
    assert names == ["features", "cliVersionInfo", "latestLocalVersionInfo"]
    assert {"name": "usedAs"} in told["b"]["inputFields"]
    assert told["c"] is None
