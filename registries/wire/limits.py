"""What a GraphQL document may be, decided before anybody compares its fields.

Comparing equal names is quadratic, and fragments multiply: both are counted first. The
largest document of the SDK has 2,200 characters, 9 levels and 10 fragments.
"""

from __future__ import annotations

from collections import Counter

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from registries.wire.errors import Malformed

CHARACTERS = 65_536
TOKENS = 4000
DEPTH = 24
FIELDS = 2000
"""How many fields a document may select, those of fragments wherever they are spread."""
SAME_NAME = 10
"""How often one selection may have the same name: each pair is compared."""
DEFINITIONS = 50


def parsed(document: str) -> DocumentNode:
    """Return the parsed document; raise Malformed where it is none, or too large."""
    if len(document) > CHARACTERS:
        raise Malformed(f"The document is longer than {CHARACTERS:,} characters.")
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
                names[(node.alias or node.name).value] += 1
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
