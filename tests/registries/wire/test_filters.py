"""Filters mean the same in plain Python and on either database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import Invalid
from registries.models import Artifact, Collection, Registry, Run, Version
from registries.operations.projects import ensure_project
from registries.wire.filters import (
    COLLECTIONS,
    REGISTRIES,
    VERSIONS,
    Fields,
    runs_seen_by,
    select,
)
from registries.wire.ids import encode, home_id, home_number
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    make_organization,
)
from tests.registries.wire.meaning import ORDERED, is_true

DAY = "2026-01-{:02}T12:00:00Z"
DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"a": 1, "b": {"c": "x", "0": True}, "l": [1, 2, 3]},
    {"a": 1.0, "b": {"c": None, "0": False}, "l": []},
    {"a": "1", "b": [10, "x", {"c": "deep"}], "l": [1]},
    {"a": True, "b": "x", "l": ["x", "1"], 'q"\\[0]$': "odd"},
    {"a": False, "b": [[1], None], "l": [[1, 2, 3]], "é": "Ä"},
    {"a": None, "b": {"c": ["x", "y"], "01": 0}, "l": "l", "": "empty"},
    {"a": 0.1, "b": {"c": "X"}, "l": {"0": 1}, "-1": "minus"},
    {"a": 2**63, "b": -5, "l": [2, 1, 3], "%s": "{}"},
    {"a": 10**400, "b": 1e300, "l": [True], "😀": "😀"},
    {"a": "Zebra", "b": "ä", "l": [None], "n": "two\nlines"},
    {"a": 9007199254740993, "b": "apple", "l": [1.0, 2.0, 3.0]},
]
WORDS = ["prod", "Prod", "staging", "a_b", "a%b", "ä"]


@pytest.fixture(scope="module")
def versions(undone):
    """Some versions with what can be asked of each; kept for the module."""
    team = TeamFactory()
    project = ensure_project(team, "plain", by=SYSTEM)
    collection = Collection.objects.create(
        project=project, kind="logged", name="line", key="line", type="model"
    )
    rows = {}
    for n, metadata in enumerate(DOCUMENTS):
        artifact = Artifact.objects.create(
            source=collection, type="model", state="committed", metadata=metadata,
            size=n * 100, fingerprint=str(n), description=["", "Alpha", "beta"][n % 3],
        )  # fmt: skip
        created = datetime.fromisoformat(DAY.format(n + 1))
        Artifact.objects.filter(pk=artifact.pk).update(created_at=created)
        version = Version.objects.create(collection=collection, artifact=artifact, number=n)
        words = [word for i, word in enumerate(WORDS) if n >> (i % 4) & 1]
        for word in words:
            version.tags.create(name=word)
        rows[version.pk] = {
            "version": n, "size": n * 100, "metadata": metadata, "tag": words,
            "description": artifact.description, "created_at": created,
            "state": "committed",
        }  # fmt: skip
    return rows


NUMBERS_IN_JSON = [0, 1, 2, 0.1, 1.0, 1.5, -5, 2**53, 2**53 + 1, 2**63 - 1, 1e300]
TEXTS_IN_JSON = ["1", "x", "X", "Zebra", "Ä", "ä", "deep", "", "😀", "%s"]
SCALARS = st.sampled_from([None, True, False, *NUMBERS_IN_JSON, *TEXTS_IN_JSON])
SORTED = st.sampled_from([*NUMBERS_IN_JSON, *TEXTS_IN_JSON])
TEXTS = st.sampled_from(["", "a", "x", "X", "od", "Ä", "b", "Alpha", "%", "_"])
WANTED = r"^a x$ ^x$ [a-z]+ ^[Aa]lpha d{1,2} . ^.$ \d \W a|x two.lines ^[^\s]*$ (ro)?d$"
PATTERNS = st.sampled_from(WANTED.split(" "))
STEPS = "a b b.c b.0 b.2.c l l.0 l.1 l.0.1 é 😀 -1 l.-1 b.01 l.00 no %s n b.1"
PATHS = st.sampled_from([*STEPS.split(" "), "", 'q"\\[0]$'])
SMALL = st.lists(SCALARS, max_size=3)


def _operators(scalars: Any, ordered: Any, *, texts: bool = True) -> Any:
    listed = st.lists(scalars, max_size=3)
    operands = {
        **dict.fromkeys(("$eq", "$ne"), scalars),
        **dict.fromkeys(ORDERED, ordered),
        **dict.fromkeys(("$in", "$nin", "$all"), listed),
        "$exists": st.booleans(),
        **({"$contains": TEXTS, "$regex": PATTERNS} if texts else {}),
    }
    return st.one_of([st.fixed_dictionaries({sign: o}) for sign, o in operands.items()])


def _within(operators: Any) -> Any:
    return st.recursive(
        operators,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"$not": inner}),
            st.fixed_dictionaries({"$or": st.lists(inner, max_size=2)}),
            st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
        ),
        max_leaves=3,
    )


NUMBERS = st.sampled_from([0, 1, 5, 100, 250.5, 300.0, -1, 1e30, 2**63 - 1])
DAYS = st.sampled_from([DAY.format(3), "2026-01-05", "2026-01-07T13:00:00+01:00"])
NAMES = st.sampled_from([*WORDS, "Alpha", "beta", "A", "b"])
SIZES = st.fixed_dictionaries({"$size": st.integers(0, 3)})
FIELDS = st.one_of(
    PATHS.flatmap(
        lambda path: st.fixed_dictionaries(
            {
                f"metadata.{path}": SCALARS
                | SMALL
                | SIZES
                | _within(_operators(SCALARS, SORTED))
            }
        )
    ),
    st.fixed_dictionaries({"tag": NAMES | SIZES | _within(_operators(NAMES, NAMES))}),
    st.fixed_dictionaries({"tag": st.lists(NAMES, max_size=3)}),
    st.fixed_dictionaries({"description": _within(_operators(NAMES, NAMES))}),
    st.fixed_dictionaries({"version": _within(_operators(NUMBERS, NUMBERS, texts=False))}),
    st.fixed_dictionaries({"size": _within(_operators(NUMBERS, NUMBERS, texts=False))}),
    st.fixed_dictionaries({"created_at": _within(_operators(DAYS, DAYS, texts=False))}),
    st.fixed_dictionaries(
        {"state": st.sampled_from(["COMMITTED", "PENDING", "committed"])}
    ),
)
FILTERS = st.recursive(
    FIELDS,
    lambda inner: st.one_of(
        *(
            st.fixed_dictionaries({sign: st.lists(inner, max_size=3)})
            for sign in ("$and", "$or", "$nor")
        ),
        st.fixed_dictionaries({"$not": inner}),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
    ),
    max_leaves=5,
)


@pytest.mark.django_db
@settings(
    max_examples=300,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(wanted=FILTERS)
def test_a_filter_finds_what_it_says(versions, wanted):
    found = Version.objects.filter(select(json.dumps(wanted), VERSIONS), pk__in=versions)

    assert set(found.values_list("pk", flat=True)) == {
        key for key, row in versions.items() if is_true(row, wanted)
    }


@pytest.mark.django_db
def test_names_arrive_as_the_client_sends_them():
    organization = make_organization()
    RegistryFactory(organization=organization, name="Vision")
    registries = Registry.objects.filter(organization=organization)
    vision = registries.get(name="Vision")
    pk = organization.entity.pk
    named = {
        "wandb-registry-Vision": ["Vision"],
        "Vision": [],
        "wandb-registry-vision": [],
    }
    for name, found in named.items():
        assert names(registries, {"name": name}, REGISTRIES) == found, name
    asked = [
        ({"name": {"$in": ["wandb-registry-model", "wandb-registry-Vision"]}}, 2),
        ({"name": {"$not": {"$contains": "wandb-registry-o"}}}, 1),
        ({"name": {"$contains": "wandb-registry-isi"}}, 1),
        ({"name": {"$regex": "^wandb-registry-V"}}, 1),
        ({"name": {"$regex": "(?i)vis"}}, 1),
        ({"name": {"$or": [{"$eq": "wandb-registry-model"}, {"$regex": "^.*set$"}]}}, 2),
        ({"id": home_number(vision)}, 1),
        ({"project_id": home_id(vision)}, 1),
        ({"entity_id": pk}, 3),
        ({"entityId": encode("Entity", pk), "createdAt": {"$gt": "2020-01-01"}}, 3),
        ({"description": {"$exists": True}}, 2),
    ]
    for wanted, count in asked:
        assert len(names(registries, wanted, REGISTRIES)) == count, wanted


def names(rows, wanted, fields: Fields) -> list[str]:
    found = rows.filter(select(json.dumps(wanted), fields)).order_by("name")
    return list(found.values_list("name", flat=True))


@pytest.mark.django_db
def test_collections_and_runs_have_fields_of_their_own():
    team = TeamFactory()
    project = ensure_project(team, "plain", by=SYSTEM)
    line = Collection.objects.create(
        project=project, kind="logged", name="line", key="line", type="model"
    )
    line.tags.create(name="prod")
    Run.objects.create(
        project=project,
        name="r1",
        display_name="eager-fox-1",
        state="failed",
        tags=["baseline", "x"],
        config={"lr": {"value": 0.1}, "optimizer": {"value": {"name": "adam"}}},
        summary={"loss": 0.5},
    )
    found_by: list[dict[str, Any]] = [
        {"tag": "prod", "name": {"$ne": "x"}},
        {"tags": {"$all": ["prod"]}, "collection_name": "line"},
        {"artifact_collection_id": line.pk},
        {"id": {"$in": [encode("ArtifactCollection", line.pk), 0]}},
        {"created_at": {"$gte": line.created_at.isoformat()}},
    ]
    for wanted in found_by:
        assert names(project.collections, wanted, COLLECTIONS) == ["line"], wanted
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({"displayName": {"$regex": "^eager"}, "state": {"$in": ["failed"]}}, ["r1"]),
        ({"display_name": "eager-fox-1", "username": None}, ["r1"]),
        ({"username": "ann"}, []),
        ({"config.lr": 0.1, "config.lr.value": {"$lt": 1}, "tags": "x"}, ["r1"]),
        ({"config.optimizer.name": "adam", "tags": {"$size": 2}}, ["r1"]),
        (
            {"summary_metrics.loss": {"$gt": 0.4}, "heartbeatAt": {"$gt": "2026-01-01"}},
            ["r1"],
        ),
        ({"summaryMetrics.loss": {"$gt": 0.6}}, []),
        ({"tags": {"$in": ["y"]}}, []),
        ({"username": {"$ne": "ann"}}, ["r1"]),
    ]
    fields = runs_seen_by(UserFactory())
    for wanted, found in asked:
        assert names(project.runs, wanted, fields) == found, wanted


REFUSED = {
    '{"nmae": 1}': "no field nmae to filter by, but id,",
    '{"metadata": 1}': "no field metadata to filter by",
    '{"version.a": 1}': "no field version.a to filter by",
    '{"$where": "1"}': "does not begin with $where",
    '{"version": {"$where": 1}}': "$where is no operator",
    '{"version": {"$regex": "1"}}': "The field version does not take $regex",
    '{"version": {"$size": 1}}': "The field version does not take $size",
    '{"version": true}': "$eq of the field version takes a number or v and a number",
    '{"version": "w3"}': "takes a number or v and a number",
    '{"version": {}}': "The field version is compared with an empty object",
    '{"version": {"$in": 3}}': "of the field version takes a list of at most 1,000",
    '{"version": 9223372036854775808}': "takes whole numbers of at most 63 bits",
    '{"created_at": "soon"}': "takes a time such as",
    '{"created_at": 1}': "takes a time such as",
    '{"created_at": "0001-01-01T00:00:00+10:00"}': "takes a time such as",
    '{"tag": 1}': "$eq of the field tag takes a text",
    '{"tag": {"$contains": 1}}': "takes a text",
    '{"tag": {"$exists": 1}}': "takes true or false",
    '{"tag": {"$size": -1}}': "takes a number of elements",
    '{"tag": {"$regex": "(a"}}': "it opens a group that it does not close",
    '{"tag": {"$regex": "a\\\\1"}}': "\\1 is not known",
    '{"tag": {"$regex": "(?=a)"}}': "(?=a is not known",
    '{"tag": {"$regex": "((a{9}){9}){9}"}}': "it is too large",
    '{"id": "abc"}': "takes an id",
    '{"metadata.a": {"$gt": true}}': "takes a text or a number",
    '{"metadata.a": {"$in": [[1]]}}': "takes a text, a number, true",
    '{"metadata.a": NaN}': "holds nan, which is not a JSON number",
    '{"metadata.a": "\\u0000"}': "holds NUL or a broken character",
    '{"metadata.a\\ud800": 1}': "holds NUL or a broken character",
    '{"$and": {}}': "$and takes a list",
    "[]": "A filter is an object",
    '{"$or": [1]}': "A filter is an object",
    "{": "is not JSON",
    "9" * 5_000: "is not JSON",
    '{"tag": "' + "a" * 70_000 + '"}': "more than 65,536 characters",
    '{"$not":' * 25 + "{}" + "}" * 25: "nested deeper than 20 levels",
    '{"tag": {"$not":' + '{"$not":' * 25 + "{}" + "}" * 27: "nested deeper than 20 levels",
    json.dumps({"$or": [{"tag": "a"}] * 201}): "more than 200 conditions",
    json.dumps({"metadata.a": {"$all": [1] * 201}}): "more than 200 conditions",
    json.dumps({"tag": {"$in": ["a"] * 1001}}): "a list of at most 1,000 values",
    json.dumps({"$or": [{"tag": {"$regex": "a"}}] * 6}): "more than 5 regular expressions",
    json.dumps({f"metadata.{'a.' * 17}": 1}): "has more than 16 steps",
    json.dumps({"tag": {"$regex": "a" * 257}}): "it is longer than 256 characters",
}


def test_what_no_filter_says_is_refused_by_name():
    for document, sentence in REFUSED.items():
        with pytest.raises(Invalid) as refusal:
            select(document, VERSIONS, "filters")
        assert refusal.value.field == "filters"
        assert sentence in str(refusal.value), document[:80]


@pytest.mark.django_db
def test_the_largest_filters_are_answered():
    each = {"metadata.a.b": {"$lt": 1}}
    for wanted in (
        {"$or": [each] * 66},
        {"$not": {"$and": [each] * 66}},
        {"metadata.a": {"$in": ["a", 1] * 500}, "tag": {"$nin": ["a"] * 1000}},
        {f"metadata.{'0.' * 15}": {"$all": [1] * 183}},
    ):
        list(Version.objects.filter(select(json.dumps(wanted), VERSIONS)))
