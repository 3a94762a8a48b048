"""What a GraphQL document may be, decided before anybody compares its fields.

Comparing equal names is quadratic, and fragments multiply: both are counted first. The
largest document of the SDK has 2,200 characters, 250 tokens, 9 levels and 10 fragments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
)

from registries.wire.errors import Malformed
from registries.wire.paging import MOST, SIZE

CHARACTERS = 65_536
TOKENS = 1000
DEPTH = 24
FIELDS = 500
"""How many fields a document may select, those of fragments wherever they are spread."""
SAME_NAME = 10
"""How often one selection may have the same name: each pair is compared. Nor may it ask
for one field more often under other names: each time is work."""
DEFINITIONS = 50
ROWS = 1_000_000
"""How many rows the lists in lists of a request may have: a hundred under each of the
10,000 of the longest list."""
UNCUT = {"usedBy"}
"""Lists of which nobody asks for a part: they are read as far as any is."""
WHOLE = frozenset(
    {"aliases", "members", "organizations", "tags", "teamMembers", "triggers"}
)
"""Lists without pages. Below each other they multiply, and no program asks so."""
OF_TEAMS = "teamMembers"
"""But for the members of the teams that are members."""
LONG = 100
"""How many rows such a list is taken to have."""


def check_length(document: str) -> None:
    """Raise Malformed where a document is too long to be looked at."""
    if len(document) > CHARACTERS:
        raise Malformed(f"The document is longer than {CHARACTERS:,} characters.")


def parsed(document: str) -> DocumentNode:
    """Return the parsed document; raise Malformed where it is none, or too large."""
    try:
        tree = parse(document, max_tokens=TOKENS, no_location=True)
    except (GraphQLError, RecursionError) as error:
        raise Malformed(f"The document cannot be read: {error}") from None
    _Measure(tree)
    return tree


class _Measure:
    """Counts what a document selects; each fragment once, however often it is spread."""

    def __init__(self, document: DocumentNode) -> None:
        if len(document.definitions) > DEFINITIONS:
            raise Malformed(f"The document has more than {DEFINITIONS} definitions.")
        fragments = [
            d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        ]
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self._counted: dict[str, tuple[int, int]] = {}
        self._open: set[str] = set()
        operations = [
            d for d in document.definitions if isinstance(d, OperationDefinitionNode)
        ]
        for definition in (*operations, *fragments):
            self._check(*self._selection(definition.selection_set, 0))

    def _check(self, fields: int, depth: int) -> tuple[int, int]:
        if fields > FIELDS:
            raise Malformed(f"The document selects more than {FIELDS:,} fields.")
        if depth > DEPTH:
            raise Malformed(f"The document is nested deeper than {DEPTH} levels.")
        return fields, depth

    def _selection(self, selection: SelectionSetNode | None, level: int) -> tuple[int, int]:
        """Return how many fields are selected, and how many levels they go down."""
        if selection is None:
            return 0, 0
        if level > DEPTH:
            raise Malformed(f"The document is nested deeper than {DEPTH} levels.")
        names: Counter[str] = Counter()
        fields = depth = 0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                names.update({node.name.value, (node.alias or node.name).value})
                below, deep = self._selection(node.selection_set, level + 1)
                below, deep = below + 1, deep + 1
            elif isinstance(node, FragmentSpreadNode):
                names[f"...{node.name.value}"] += 1
                below, deep = self._fragment(node.name.value, level)
            else:
                inline = getattr(node, "selection_set", None)
                below, deep = self._selection(inline, level + 1)
            fields, depth = fields + below, max(depth, deep)
        if names and max(names.values()) > SAME_NAME:
            raise Malformed(f"The document asks for one name more than {SAME_NAME} times.")
        return self._check(fields, depth)

    def _fragment(self, name: str, level: int) -> tuple[int, int]:
        if name in self._open:
            raise Malformed(f"The fragment {name} spreads itself.")
        if name not in self._counted:
            fragment = self._fragments.get(name)
            self._open.add(name)
            selection = fragment.selection_set if fragment else None
            self._counted[name] = self._selection(selection, level + 1)
            self._open.discard(name)
        return self._counted[name]


def check_rows(document: DocumentNode, variables: dict[str, Any]) -> None:
    """Raise Malformed where lists in lists can have more rows than anybody reads."""
    fragments = {
        d.name.value: d.selection_set
        for d in document.definitions
        if isinstance(d, FragmentDefinitionNode)
    }
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        counted = _Rows(fragments, _defaults(definition) | variables)
        if counted.under(definition.selection_set) > ROWS:
            raise Malformed(f"The lists in lists can have more than {ROWS:,} rows.")


class _Rows:
    """Counts the rows that lists can have, each as often as it is read."""

    def __init__(
        self, fragments: Mapping[str, SelectionSetNode], given: Mapping[str, Any]
    ) -> None:
        self._fragments = fragments
        self._given = given

    def under(
        self,
        selection: SelectionSetNode | None,
        times: int = 1,
        size: int = SIZE,
        whole: str = "",
    ) -> int:
        nodes = selection.selections if selection else ()
        return sum(self._of(node, times, size, whole) for node in nodes)

    def _of(self, node: SelectionNode, times: int, size: int, whole: str) -> int:
        below = getattr(node, "selection_set", None)
        if isinstance(node, FragmentSpreadNode):
            below = self._fragments.get(node.name.value)
        if not isinstance(node, FieldNode):
            return self.under(below, times, size, whole)
        name = node.name.value
        if name in WHOLE and whole not in {"", OF_TEAMS}:
            raise Malformed(f"{name} stands below {whole}: ask for one after the other.")
        if name not in {"edges", *WHOLE}:
            return self.under(below, times, _size(node, self._given), whole)
        if name == "edges":
            times *= size
            return times + self.under(below, times, whole=whole)
        times *= LONG  # with `edges` below it, which are then the same
        return times + self.under(below, times, 1, name)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Return what the variables of an operation are where nobody says."""
    known = {d.variable.name.value: d.default_value for d in operation.variable_definitions}
    return {name: _number(value, {}) for name, value in known.items()}


def _size(node: FieldNode, given: Mapping[str, Any]) -> int:
    """Return how many rows a list has at most that a field may be.

    Which of its sizes a list reads is not known here: the largest counts.
    """
    if node.name.value in UNCUT:
        return MOST
    said = {a.name.value: _number(a.value, given) for a in node.arguments}
    first, last = said.get("first"), said.get("last")
    return max(SIZE if first is None else first, last or 0)


def _number(value: ValueNode | None, given: Mapping[str, Any]) -> int | None:
    """Return the size that stands there, if one does, from 0 to what a list has at most.

    The engine takes 1.0 for 1; what is no number at all it refuses.
    """
    found: object = None
    if isinstance(value, IntValueNode):
        found = int(value.value[:9])
    elif isinstance(value, VariableNode):
        found = given.get(value.name.value)
    return int(max(0, min(MOST, found))) if isinstance(found, int | float) else None
