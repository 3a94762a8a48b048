"""The schema, built once from its document; documents are parsed and validated once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    ValidationRule,
    build_schema,
    get_named_type,
    specified_rules,
    validate,
)

from registries.wire.absent import sentence_for
from registries.wire.fields import MUTATIONS, QUERIES, snake
from registries.wire.limits import parsed
from registries.wire.resolvers import NOUNS

SDL = Path(__file__).with_name("schema.graphql")
ERRORS = 5
"""How many mistakes of a document are told."""
LARGEST = 1 << 63
GUESS = re.compile(r" Did you mean [^?]*\?")


class NamesOnly(ValidationRule):
    """Lets older SDKs ask what a type's fields are called, and nothing behind that."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Refuse the schema as a whole, and the types of fields."""
        found, parent = self.context.get_type(), self.context.get_parent_type()
        kind = get_named_type(found).name if found else ""
        is_behind = parent is not None and parent.name.startswith("__")
        if kind == "__Schema" or (kind == "__Type" and is_behind):
            sentence = "Of the schema only the names of a type's fields are told."
            self.report_error(GraphQLError(sentence, node))


RULES = (*specified_rules, NamesOnly)


@cache
def schema() -> GraphQLSchema:
    """Return the schema with its resolvers."""
    assert NOUNS  # by being imported they add their root fields
    built = build_schema(SDL.read_text())
    own = [kind for name, kind in built.type_map.items() if name[:2] != "__"]
    for kind in own:
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            _name_arguments(kind)
        elif isinstance(kind, GraphQLInputObjectType):
            for name, field in kind.fields.items():
                field.out_name = snake(name)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = _typename
    _scalar(built, "DateTime", serialize=_time)
    _scalar(built, "JSONString", serialize=_json, parse_value=_text)
    _scalar(built, "Int64", parse_value=_whole)
    _bind(built.query_type, QUERIES)
    _bind(built.mutation_type, MUTATIONS)
    return built


def _scalar(built: GraphQLSchema, name: str, **does: Callable[[Any], Any]) -> None:
    """Say how values of a kind are written, and read."""
    kind = built.type_map[name]
    assert isinstance(kind, GraphQLScalarType)
    for how, function in does.items():
        setattr(kind, how, function)


def _time(value: datetime | str) -> str:
    if isinstance(value, str):
        return value
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("Send JSON as a text.")
    return value


def _whole(value: Any) -> int:
    """Return a whole number, which may be written as a fraction: 1e6 is one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not value.is_integer() or not -LARGEST <= value < LARGEST:
        raise GraphQLError("Send a whole number of 63 bits.")
    return int(value)


def _name_arguments(kind: GraphQLObjectType | GraphQLInterfaceType) -> None:
    for field in kind.fields.values():
        for name, argument in field.args.items():
            argument.out_name = snake(name)


def _typename(value: Any, *_: Any) -> str:
    return str(value.typename)


def _bind(root: GraphQLObjectType | None, found: dict[str, Any]) -> None:
    assert root is not None
    for name, field in root.fields.items():
        if snake(name) in found:
            field.resolve = _without_source(found[snake(name)])


def _without_source(resolver: Any) -> Any:
    def resolve(_source: None, info: Any, **arguments: Any) -> Any:
        return resolver(info, **arguments)

    return resolve


@lru_cache(maxsize=512)
def understood(document: str) -> tuple[DocumentNode, tuple[str, ...]]:
    """Return the document, and what is wrong with it. Never what one person got from it.

    Raises Malformed where it cannot be read at all.
    """
    tree = parsed(document)
    errors = validate(schema(), tree, RULES, max_errors=ERRORS)
    absent = filter(None, (sentence_for(error.message) for error in errors))
    return tree, tuple(set(absent)) or tuple(_sentence(error) for error in errors)


def _sentence(error: GraphQLError) -> str:
    return GUESS.sub("", error.message)
