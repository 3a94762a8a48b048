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
from registries.wire.ids import encode
from registries.wire.schema import schema
from tests.cast import RESTRICTED
from tests.doors import Scene
from tests.doors_of_wire import ask
from tests.factories import SYSTEM
from tests.operations_of_automations import make, webhook

pytestmark = pytest.mark.django_db

DEEP = 2
"""How many nodes below a root are asked for; lists and what is on their edges aside."""
LISTS = ("Connection", "Edge")
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


def test_every_field_answers(cast, roots):
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
