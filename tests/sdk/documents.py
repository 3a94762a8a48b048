"""The GraphQL documents of the installed SDK: in its Python, and in its Go core."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

PYTHON, CORE = "python", "core"
OPERATION = re.compile(r"\s*(?:#graphql\s+)?(?:query|mutation)\s+(\w+)\s*[({]")
FRAGMENT = re.compile(r"\s*fragment (\w+) on \w+ ?{")
IN_CORE = re.compile(rb"(?:query|mutation) [A-Z]\w* ?[({]")
LONGEST = 50_000
UNKNOWN = "<put in at run time>"

type Document = tuple[str, str, str]
"""Where it was found, the name of its operation, its text."""


def found() -> Iterator[Document]:
    """Every document, some more than once."""
    root = Path(find_spec("wandb").origin).parent
    for path in root.rglob("*.py"):
        source = path.read_text()
        if "query" not in source and "mutation" not in source:
            continue
        tree = ast.parse(source)
        fragments = dict(_fragments(tree))
        for text in _texts(tree, fragments):
            if named := OPERATION.match(text):
                yield PYTHON, named[1], text.removeprefix("#graphql")
    core = (root / "bin/wandb-core").read_bytes()
    for start in IN_CORE.finditer(core):
        piece = core[start.start() : start.start() + LONGEST].decode("latin-1")
        if text := _whole(piece):
            yield CORE, OPERATION.match(text)[1], text


def _fragments(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The constants of a module that are fragments."""
    for node in tree.body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(str(text))):
                if FRAGMENT.match(text):
                    yield name, text


def _texts(node: ast.AST, fragments: dict[str, str]) -> Iterator[str]:
    """Every literal; where a fragment can stand in it, once with each."""
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.Call(ast.Attribute(ast.Constant(str(text)), "format"), [ast.Name(name)]):
            yield text.format(fragments[name]) if name in fragments else text
        case ast.JoinedStr(parts):
            for fragment in fragments.values() or [""]:
                yield "".join(_piece(part, fragments, fragment) for part in parts)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _texts(child, fragments)


def _piece(part: ast.expr, fragments: dict[str, str], fragment: str) -> str:
    match part:
        case ast.Constant(str(text)):
            return text
        case ast.FormattedValue(ast.Name("fragment_name")):
            return FRAGMENT.match(fragment)[1]
        case ast.FormattedValue(ast.Name(name)):
            return fragments.get(name, fragment if name == "fragment" else UNKNOWN)
    return UNKNOWN


def _whole(text: str) -> str:
    """The operation at the beginning of a text, with the fragments that follow it."""
    end = _end_of_braces(text)
    while end and FRAGMENT.match(text[end:]):
        end += _end_of_braces(text[end:])
    return text[:end]


def _end_of_braces(text: str) -> int:
    """Where the first pair of braces ends; 0 where that is no text any more."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == "}" and depth == 0:
            return place + 1
        if not (letter.isascii() and (letter.isprintable() or letter.isspace())):
            return 0
    return 0
