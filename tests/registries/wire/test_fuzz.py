"""What schemathesis makes of our schema finds no 500: as an Admin, and as a Viewer.

Half of the texts and ids that it makes up are replaced by those of what is there, so that
its questions reach beyond the first look-up.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

import pytest
from django.db import transaction
from graphql import (
    ArgumentNode,
    Node,
    ObjectFieldNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registries.models import Version
from registries.models.run import Stream
from registries.operations.run_streams import log_lines
from registries.operations.runs import RunDetails, start_run, use_artifact
from registries.streams import Lines
from registries.wire.ids import encode, home_id
from registries.wire.schema import SDL, schema
from tests.cast import OPEN
from tests.doors import Scene
from tests.doors_of_wire import ask
from tests.factories import SYSTEM
from tests.needs import lacks
from tests.operations_of_automations import make, webhook

pytestmark = [pytest.mark.nightly, pytest.mark.django_db, pytest.mark.timeout(3600)]

EXAMPLES = 40
"""For each root field; there are 54 of them."""
PEOPLE = ("installation administrator", "admin", "team admin", "viewer")
ODD = (
    *("", "\0", "\ud800", "é", "\u202e", "%", "_", "\\", "a" * 500, "v0", "latest", "*"),
    *("9" * 5000, "-1", "9223372036854775808", "1e400", "null", "[]", "{}", "[1, 2]"),
    *("WzFd", "WyIiLCAxXQ==", "W251bGwsIDFd", "W251bGwsIG51bGxd", "W3RydWUsIDFd"),
    *('{"name": {"$regex": "("}}', '{"created_at": {"$gt": "9999-12-31T23:59:59-23:59"}}'),
    *("+name", "-created_at", "-config.lr", "+summary_metrics.\0", "\t", "x:y", "a/b"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
).map(json.dumps)
INT64 = st.integers() | st.sampled_from([-1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1])


def mostly[T](right: st.SearchStrategy[T], wrong: st.SearchStrategy[T]) -> Any:
    """Values of one kind, and now and then one of another: it fails the whole document."""
    return st.sampled_from([right] * 9 + [wrong]).flatmap(lambda each: each)


def roots() -> list[tuple[str, str]]:
    """Every root field, by the name of its type."""
    kinds = (schema().query_type, schema().mutation_type)
    return [(kind.name, name) for kind in kinds if kind for name in kind.fields]


@pytest.fixture(scope="module")
def fuzzed():
    """Our schema as schemathesis reads it."""
    if find_spec("schemathesis") is None:
        lacks("fuzz", "install schemathesis with `uv sync --group fuzz`")
    made = import_module("schemathesis.graphql")
    nodes = made.nodes
    texts, numbers = JSON.map(nodes.String), INT64.map(nodes.Int)
    others = st.booleans().map(nodes.Boolean) | st.floats(-9, 9).map(nodes.Float)
    times = st.text().map(nodes.String)
    texts, numbers = mostly(texts, numbers | others), mostly(numbers, texts | others)
    kinds = {"JSON": texts, "JSONString": texts, "DateTime": times}
    for name, strategy in {**kinds, "Int64": numbers, "Duration": numbers}.items():
        made.scalar(name, strategy)
    return made.from_path(SDL)


@pytest.fixture(scope="module")
def answered(figure) -> Iterator[Counter[int]]:
    """How often what was answered."""
    statuses: Counter[int] = Counter()
    yield statuses
    told = ", ".join(
        f"{count:,} times {status}" for status, count in sorted(statuses.items())
    )
    figure(f"{statuses.total():,} documents of schemathesis: {told}")


@pytest.fixture
def there(cast) -> dict[str, list[str]]:
    """What is there, by words in the names of what it is asked by."""
    scene = Scene(cast, OPEN)
    source = Version.objects.get(artifact=scene.version.artifact, collection__registry=None)
    project = source.collection.project
    details = RunDetails(config='{"lr": {"value": 1}}', summary='{"loss": 2}')
    run = start_run(project, "r", details=details, by=SYSTEM)
    use_artifact(run, source.artifact, by=SYSTEM)
    history = [json.dumps({"_step": n, "loss": n / 2, "a": {"b": "x"}}) for n in range(9)]
    lines = [Lines(Stream.HISTORY, 0, history), Lines(Stream.CONSOLE, 0, ["a", "b", "c"])]
    log_lines(run, lines, by=SYSTEM)
    trigger = make(scene.registry)
    people = [cast.person(name) for name in PEOPLE]
    ids = [
        *(encode("User", each.pk) for each in people),
        *(encode("Entity", each.entity_id) for each in (cast.organization, cast.other)),
        *(home_id(scene.registry), home_id(project), encode("Run", run.pk)),
        *(encode("Artifact", source.artifact_id), encode("Trigger", trigger.pk)),
        *(
            encode("ArtifactCollection", each.collection_id)
            for each in (source, scene.version)
        ),
        encode("Integration", webhook(scene).pk),
        encode("ApiKey", 1),
    ]
    versions = ["classifier", "classifier:v0", "classifier:latest", "v0", "latest"]
    return {
        "entity": ["acme", "other", "the-viewer", "Acme"],
        "organization": ["acme", "Acme"],
        "project": ["uploads", f"wandb-registry-{scene.registry.name}"],
        "model": ["uploads", f"wandb-registry-{scene.registry.name}"],
        "run": ["r"],
        "collection": ["classifier"],
        "portfolio": ["classifier"],
        "type": ["model", "dataset"],
        "name": ["uploads", "r", "acme", *versions, scene.registry.name],
        "alias": ["v0", "latest", "staging"],
        "user": [str(people[0].entity), "the-viewer", "viewer@example.com"],
        "order": ["+name", "-created_at", "-config.lr", "+summary_metrics.loss", "-size"],
        "filters": ['{"name": "r"}', '{"$or": [{"name": {"$regex": "a|b"}}]}'],
        "specs": [
            '{"keys": ["loss"]}',
            '{"keys": ["loss"], "minStep": 1, "maxStep": 1e18}',
        ],
        "id": ids,
        "": [*ids, *versions],
    }


class Replacing(Visitor):
    """Puts what is there, or what is odd, in the place of half of the texts."""

    def __init__(self, there: dict[str, list[str]], chance: Random) -> None:
        super().__init__()
        self._there, self._chance = there, chance

    def enter(self, node: Node, *_: Any) -> Node | None:
        """Replace the text of an argument, or of a field of an object."""
        if not isinstance(node, ArgumentNode | ObjectFieldNode):
            return None
        if not isinstance(node.value, StringValueNode) or self._chance.random() < 0.2:
            return None
        asked = node.name.value.lower()
        known = [
            value for word, each in self._there.items() if word in asked for value in each
        ]
        wanted = ODD if self._chance.random() < 0.2 else known
        value = StringValueNode(value=self._chance.choice(wanted))
        return type(node)(name=node.name, value=value)


@pytest.mark.parametrize("root", roots(), ids=".".join)
def test_what_is_made_up_finds_no_500(cast, there, fuzzed, answered, root):
    scene = Scene(cast, OPEN)
    programs = {person: scene.program(person) for person in PEOPLE}

    @settings(
        max_examples=EXAMPLES,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=fuzzed[root[0]][root[1]].as_strategy(),
        person=st.sampled_from(PEOPLE),
        chance=st.randoms(use_true_random=False),
    )
    def asked(case: Any, person: str, chance: Random) -> None:
        document = print_ast(visit(parse(case.body), Replacing(there, chance)))
        with transaction.atomic():
            answer = ask(programs[person], document)
            transaction.set_rollback(True)
        answered[answer.status_code] += 1
        assert answer.status_code < 500 or answer.status_code == 501, document

    asked()
