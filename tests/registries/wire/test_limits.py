"""How many rows a document may ask for, whichever way it says so."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLList,
    GraphQLObjectType,
    GraphQLWrappingType,
    is_composite_type,
    parse,
    validate,
)

from registries.wire.errors import Malformed
from registries.wire.limits import WHOLE, check_rows
from registries.wire.schema import RULES, schema

FEW = {"edges", "featureFlags", "features", "files", "serverMessages", "uploadUrlParts"}
"""Lists that are counted by their pages, that the server has few of, or that were sent."""


def runs(part: str, head: str = "query a") -> str:
    """Files of runs, ten thousand of each run."""
    return f"""{head} {{ project(name: "p", entityName: "e") {{ runs({part}) {{
      edges {{ node {{ files(first: 10000) {{ edges {{ node {{ id }} }} }} }} }} }} }} }}"""


USED_BY = "usedBy { edges { node { id } } }"
TOO_MANY_ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "a negative size makes up for them": (runs("last: -1, first: 10000"), {}),
    "a size that is not read": (runs("last: 1, first: 10000"), {}),
    "the default of a variable": (
        runs("first: $n", "query a($n: Int = 10000)"),
        {},
    ),
    "a whole number written as a fraction": (
        runs("first: $n", "query a($n: Int)"),
        {"n": 10000.0},
    ),
    "a list without a size": (
        f"""{{ artifactCollection(id: "x") {{ artifacts(first: 10000) {{
          edges {{ node {{ {USED_BY} }} }} }} }} }}""",
        {},
    ),
}
ENOUGH: dict[str, tuple[str, dict[str, Any]]] = {
    "a small size": (runs("first: 50"), {}),
    "the usual size": (runs("last: 1"), {}),
    "a default that is not used": (
        runs("first: $n", "query a($n: Int = 10000)"),
        {"n": 50},
    ),
    "less than nothing": (runs("first: $n", "query a($n: Int)"), {"n": float("-inf")}),
    "null": (runs("first: $n", "query a($n: Int = 10000)"), {"n": None}),
    "one artifact's list without a size": (f'{{ artifact(id: "x") {{ {USED_BY} }} }}', {}),
}


COLLECTIONS = """query a($n: Int) { organization(name: "acme") { orgEntity {
  artifactCollections(collectionTypes: [PORTFOLIO], first: $n) { edges { cursor node {
    project { name } tags { edges { node { name } } } aliases { edges { node { alias } } }
  } } }
} } }"""
ENOUGH["a page of collections, as SDKs before 0.26 ask"] = (COLLECTIONS, {"n": 100})


@pytest.mark.parametrize("name", TOO_MANY_ROWS | ENOUGH)
def test_rows_are_counted_as_they_are_read(name):
    text, variables = (TOO_MANY_ROWS | ENOUGH)[name]
    document = parse(text)
    assert validate(schema(), document, RULES) == []

    if name in ENOUGH:
        check_rows(document, variables)
    else:
        with pytest.raises(Malformed, match="more than 1,000,000 rows"):
            check_rows(document, variables)


def test_lists_without_pages_do_not_stand_below_each_other():
    inside = "aliases { artifactCollection { artifactMembership { artifact { %s } } } }"
    once, twice = inside % "id", inside % "tags { id }"
    document = '{ artifact(id: "x") { %s } }'

    check_rows(parse(document % once), {})
    with pytest.raises(Malformed, match="tags stands below aliases"):
        check_rows(parse(document % twice), {})


def test_all_lists_without_pages_are_known():
    kinds = [k for k in schema().type_map.values() if isinstance(k, GraphQLObjectType)]
    fields = [field for k in kinds if k.name[:2] != "__" for field in k.fields.items()]

    assert {name for name, field in fields if _is_list(field.type)} - FEW == WHOLE


def _is_list(kind: object) -> bool:
    """Whether a field of that type holds several things that have fields."""
    several = False
    while isinstance(kind, GraphQLWrappingType):
        several, kind = several or isinstance(kind, GraphQLList), kind.of_type
    return several and is_composite_type(kind)
