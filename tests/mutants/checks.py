"""Where the product checks what somebody may do or see; the source without one check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

APPS = ("accounts", "registries", "registry_site")
CHECKING = re.compile(r"authorize(_\w+)?|require|refuse_\w+")
"""The functions that raise a Refusal, or return."""
ASKING = "may"
"""The function that says whether."""
LISTING = ("visible_to", "administered_by")
"""The queryset methods that leave out what somebody may not see."""


@dataclass(frozen=True)
class Check:
    """One call that is in somebody's way."""

    path: str
    function: str
    first_line: int
    last_line: int
    start: int
    """Where in the text it begins, in characters; it ends at `stop`."""
    stop: int
    text: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.first_line} {self.function}: {self.text}"

    def removed_from(self, source: str) -> str:
        """The source without the check."""
        return source[: self.start] + self.instead + source[self.stop :]


def checks(root: Path) -> list[Check]:
    """All checks of the product whose source is in that folder."""
    paths = [path for app in APPS for path in sorted((root / app).rglob("*.py"))]
    return [
        check
        for path in paths
        if "migrations" not in path.parts
        for check in _checks(path.relative_to(root).as_posix(), path.read_text())
    ]


def _checks(path: str, source: str) -> Iterator[Check]:
    statements: set[ast.expr] = set()
    for function, node in _walk(ast.parse(source)):
        if isinstance(node, ast.Expr):
            statements.add(node.value)
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if name in LISTING and isinstance(node.func, ast.Attribute):
            yield _check(path, function, source, node, ".all()")
        elif name == ASKING:
            yield _check(path, function, source, node, "True")
        elif CHECKING.fullmatch(name) and _asks_who(node):
            assert node in statements, f"{path}:{node.lineno} is no statement of its own."
            yield _check(path, function, source, node, "pass")


def _asks_who(call: ast.Call) -> bool:
    """Whether it is told who acts."""
    nodes = list(ast.walk(call))
    return "by" in {getattr(node, "id", "") for node in nodes} or "actor" in {
        getattr(node, "attr", "") for node in nodes
    }


def _walk(tree: ast.AST, function: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node, parents first, with the name of the function that it is in."""
    for child in ast.iter_child_nodes(tree):
        name = child.name if isinstance(child, ast.FunctionDef) else function
        yield name, child
        yield from _walk(child, name)


def _check(path: str, function: str, source: str, node: ast.Call, instead: str) -> Check:
    """The call as a check; of a queryset method only the part after the queryset."""
    start = _place(source, node.lineno, node.col_offset)
    if instead == ".all()":
        rows = cast("ast.Attribute", node.func).value
        start = _place(source, rows.end_lineno, rows.end_col_offset)
    stop = _place(source, node.end_lineno, node.end_col_offset)
    text = " ".join(ast.unparse(node).split())
    return Check(path, function, node.lineno, node.end_lineno, start, stop, text, instead)


def _place(source: str, line: int, column: int) -> int:
    """Where in the text a line and a column, which counts bytes, are."""
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(
        lines[line - 1].encode()[:column].decode()
    )
