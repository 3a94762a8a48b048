"""The filters of the `wandb` SDK, JSON in the manner of MongoDB, as conditions of rows.

Several keys mean all of them; a bare value means `$eq`. What is not in a list of fields is
refused by name, and so is an operator or operand that a field does not take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Concat
from django.db.models.query_utils import Q

from accounts.actors import Invalid
from accounts.models import User
from accounts.text import LARGEST, parse_json
from registries.expressions import NotAPattern
from registries.models import Alias, Tag
from registries.models.registry import PREFIX
from registries.patterns import pattern
from registries.wire.comparisons import (
    ALWAYS,
    NEVER,
    Field,
    Identity,
    Moment,
    Number,
    Prefixed,
    Text,
    Unfit,
    VersionNumber,
    Word,
    Words,
)
from registries.wire.documents import Document
from registries.wire.fields import snake
from registries.wire.ids import decode

LENGTH = 65_536
"""The longest filter, in characters."""
DEPTH = 20
CONDITIONS = 200
TOGETHER = 20
"""So many values of one list cost as much as a condition."""
LIST = 1_000
"""The most values in one list."""
PATTERNS = 5
STEPS = 16
"""The most steps of a path into metadata."""

type Fields = Mapping[str, Field | Callable[[tuple[str, ...]], Field]]
"""What can be asked for by which name; a function takes the path behind the name."""


def _id(kind: str, column: str = "pk") -> Identity:
    return Identity(column, lambda text: decode(kind, text))


REGISTRIES: Fields = {
    "id": Identity(F("pk") * 2 + 1, lambda text: decode("Project", text)),
    "name": Prefixed(Concat(Value(PREFIX), "name"), PREFIX),
    "entity_id": _id("Entity", "organization__entity_id"),
    "description": Text("description"),
    "created_at": Moment("created_at"),
    "updated_at": Moment("updated_at"),
}
REGISTRIES = {**REGISTRIES, "project_id": REGISTRIES["id"]}
PROJECTS: Fields = {
    "id": Identity(F("pk") * 2, lambda text: decode("Project", text)),
    "name": Text("name"),
    "description": Text("description"),
    "created_at": Moment("created_at"),
}
PROJECTS = {**PROJECTS, "project_id": PROJECTS["id"]}
COLLECTIONS: Fields = {
    "id": _id("ArtifactCollection"),
    "name": Text("name"),
    "tag": Words(Tag.objects.all, "collection"),
    "type": Text("type"),
    "description": Text("description"),
    "created_at": Moment("created_at"),
    "updated_at": Moment("updated_at"),
}
COLLECTIONS = {
    **COLLECTIONS,
    **dict.fromkeys(("collection_id", "artifact_collection_id"), COLLECTIONS["id"]),
    **dict.fromkeys(("collection_name", "artifact_collection_name"), COLLECTIONS["name"]),
    "tags": COLLECTIONS["tag"],
}
VERSIONS: Fields = {
    "id": _id("Artifact", "artifact_id"),
    "version": VersionNumber("number"),
    "tag": Words(Tag.objects.all, "version"),
    "alias": Words(Alias.objects.all, "version"),
    "metadata": lambda path: Document("artifact__metadata", path),
    "description": Text("artifact__description"),
    "digest": Text("artifact__digest"),
    "state": Word("artifact__state"),
    "created_at": Moment("artifact__created_at"),
    "linked_at": Moment("created_at"),
    "size": Number("artifact__size"),
    "file_count": Number("artifact__file_count"),
}
VERSIONS = {
    **VERSIONS,
    "artifact_id": VERSIONS["id"],
    "version_index": VERSIONS["version"],
    "tags": VERSIONS["tag"],
    "aliases": VERSIONS["alias"],
    "artifact_metadata": VERSIONS["metadata"],
    "artifact_created_at": VERSIONS["created_at"],
    "acm_created_at": VERSIONS["linked_at"],
    "artifact_size": VERSIONS["size"],
}
RUNS: Fields = {
    "name": Text("name"),
    "display_name": Text("display_name"),
    "state": Word("state"),
    "group": Text("group"),
    "job_type": Text("job_type"),
    "host": Text("host"),
    "tags": Document("tags", ()),
    "config": lambda path: Document("config", in_config(path)),
    "summary_metrics": lambda path: Document("summary", path),
    "created_at": Moment("created_at"),
    "updated_at": Moment(Coalesce("updated_at", "created_at")),
    "heartbeat_at": Moment(Coalesce("heartbeat_at", "created_at")),
}

AUTOMATIONS: Fields = {
    "id": _id("Trigger"),
    "name": Text("name"),
    "description": Text("description"),
    "created_at": Moment("created_at"),
    "updated_at": Moment("updated_at"),
}


def runs_seen_by(user: User) -> Fields:
    """Return the fields of runs: who started one has a name where the user sees them."""
    seen = When(
        created_by__in=User.objects.visible_to(user), then="created_by__entity__name"
    )
    return {**RUNS, "username": Text(Case(seen, default=Value("")))}


def in_config(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path as a run's configuration has it: under each key stands `value`."""
    key, *rest = path
    return (key, *rest) if rest[:1] == ["value"] else (key, "value", *rest)


def select(document: object, fields: Fields, argument: str = "filters") -> Q:
    """Return the condition that a filter means for rows with these fields."""
    if not document:
        return ALWAYS
    if not isinstance(document, str):
        raise Invalid(argument, f"The {argument} is no text of JSON.")
    if len(document) > LENGTH:
        raise Invalid(argument, f"The {argument} has more than {LENGTH:,} characters.")
    value = parse_json(document, argument)
    try:
        return ALWAYS if value is None else Reading(fields).condition(value)
    except Unfit as refusal:
        raise Invalid(argument, f"{refusal}.") from None


class Reading:
    """Reads one filter, and counts what it asks."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._conditions = self._patterns = 0

    def condition(self, value: Any, depth: int = 0) -> Q:
        """Return what an object of fields and logical operators means: all of them."""
        _nested(depth)
        if not isinstance(value, dict):
            raise Unfit("A filter is an object of fields and operators")
        parts = []
        for key, operand in value.items():
            if key in LOGICAL:
                each = [self.condition(v, depth + 1) for v in _operands(key, operand)]
                parts.append(LOGICAL[key](each))
            elif key.startswith("$"):
                raise Unfit(f"A filter does not begin with {key[:80]}")
            else:
                parts.append(self._of(key, self._field(key), operand, depth))
        return _all(parts)

    def _field(self, key: str) -> Field:
        name, *path = key.split(".")
        field = self._fields.get(snake(name))
        if field is None or isinstance(field, Field) == bool(path):
            known = ", ".join(_known(self._fields))
            raise Unfit(f"There is no field {key[:80]} to filter by, but {known}")
        if len(path) > STEPS:
            raise Unfit(f"The path {key[:80]} has more than {STEPS} steps")
        return field if isinstance(field, Field) else field(tuple(path))

    def _of(self, key: str, field: Field, operand: Any, depth: int) -> Q:
        """Return what the operators of one field mean: all of them."""
        _nested(depth)
        operators = operand if isinstance(operand, dict) else {"$eq": operand}
        if not operators:
            raise Unfit(f"The field {key} is compared with an empty object")
        parts = []
        for operator, value in operators.items():
            if operator in LOGICAL:
                values = _operands(operator, value)
                each = [self._of(key, field, v, depth + 1) for v in values]
                parts.append(LOGICAL[operator](each))
            else:
                self._count(field, operator, value)
                parts.append(_compared(key, field, operator, value))
        return _all(parts)

    def _count(self, field: Field, operator: str, value: Any) -> None:
        values = len(value) if isinstance(value, list) else 0
        steps = len(field.path) if isinstance(field, Document) else 0
        self._conditions += 1 + steps + values // (1 if operator in LONG else TOGETHER)
        self._patterns += operator == "$regex"
        if self._conditions > CONDITIONS:
            raise Unfit(f"The filter has more than {CONDITIONS} conditions")
        if self._patterns > PATTERNS:
            raise Unfit(f"The filter has more than {PATTERNS} regular expressions")


def _nested(depth: int) -> None:
    if depth > DEPTH:
        raise Unfit(f"The filter is nested deeper than {DEPTH} levels")


def _known(fields: Fields) -> list[str]:
    return [
        name if isinstance(field, Field) else f"{name}.<path>"
        for name, field in fields.items()
    ]


def _operands(operator: str, value: Any) -> list[Any]:
    """Return what a logical operator joins: `$not` has one, the others a list."""
    if operator == "$not":
        return [value]
    if not isinstance(value, list):
        raise Unfit(f"{operator} takes a list")
    return value


def _all(conditions: list[Q]) -> Q:
    return reduce(and_, conditions, ALWAYS)


def _any(conditions: list[Q]) -> Q:
    return reduce(or_, conditions, NEVER)


def _none(conditions: list[Q]) -> Q:
    return ~_any(conditions)


LOGICAL = {"$and": _all, "$or": _any, "$nor": _none, "$not": _none}


def _compared(key: str, field: Field, operator: str, value: Any) -> Q:
    if operator not in OPERATORS:
        raise Unfit(f"{operator[:80]} is no operator of a filter")
    try:
        return OPERATORS[operator](field, value)
    except NotImplementedError:
        raise Unfit(f"The field {key} does not take {operator}") from None
    except Unfit as refusal:
        raise Unfit(f"{operator} of the field {key} takes {refusal}") from None


def _equal(field: Field, value: Any) -> Q:
    if isinstance(value, list):
        return field.is_list([_scalar(field, one) for one in _listed(value)])
    return field.equals([_scalar(field, value)])


def _in(field: Field, value: Any) -> Q:
    return field.equals([_scalar(field, one) for one in _listed(value)])


def _every(field: Field, value: Any) -> Q:
    each = [field.equals([_scalar(field, one)]) for one in _listed(value)]
    return _all(each) if each else NEVER


def _exists(field: Field, value: Any) -> Q:
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return field.is_there() if value else ~field.is_there()


def _matched(field: Field, value: Any) -> Q:
    if not isinstance(value, str):
        raise Unfit("a regular expression")
    try:
        return field.matches(pattern(value))
    except NotAPattern as error:
        raise Unfit(f"a regular expression, and in this one {error}") from None


def _contained(field: Field, value: Any) -> Q:
    if not isinstance(value, str):
        raise Unfit("a text")
    return field.contains(value)


def _sized(field: Field, value: Any) -> Q:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise Unfit("a number of elements")
    return field.has_size(value)


def _ordered(operator: str) -> Callable[[Field, Any], Q]:
    return lambda field, value: field.compares(operator, _scalar(field, value))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > LIST:
        raise Unfit(f"a list of at most {LIST:,} values")
    return value


def _scalar(field: Field, value: Any) -> Any:
    """Return a value that databases can be asked for."""
    if isinstance(value, dict | list):
        raise field.unfit()
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        raise Unfit("whole numbers of at most 63 bits")
    return value


OPERATORS: dict[str, Callable[[Field, Any], Q]] = {
    "$eq": _equal,
    "$ne": lambda field, value: ~_equal(field, value),
    "$gt": _ordered("$gt"),
    "$gte": _ordered("$gte"),
    "$lt": _ordered("$lt"),
    "$lte": _ordered("$lte"),
    "$in": _in,
    "$nin": lambda field, value: ~_in(field, value),
    "$all": _every,
    "$exists": _exists,
    "$regex": _matched,
    "$contains": _contained,
    "$size": _sized,
}
LONG = {"$all", "$eq", "$ne"}
"""The operators for which every value of a list is a condition of its own."""
