"""Copies of the tree with one check missing, and the tests that should fail in them."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

CHECKS = re.compile(r"(_?authorize\w*|require|refuse_read_only|refuse_core)")
PACKAGES = ("accounts", "registries", "registry_site")
SECONDS = 1200
"""How long the tests of one mutant may take."""
TABLES = (
    "tests/test_access.py",
    "tests/test_access_of_organizations.py",
    "tests/registries/test_permissions.py",
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One check, by the lines where it stands, and what stands there without it."""

    path: str
    line: int
    last_line: int
    column: int
    last_column: int
    function: str
    check: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.check} in {self.function}"

    def source(self) -> str:
        """Return the file without the check. Columns count bytes, as `ast` has them."""
        lines = (settings.BASE_DIR / self.path).read_bytes().splitlines(keepends=True)
        before = lines[self.line - 1][: self.column]
        after = lines[self.last_line - 1][self.last_column :]
        changed = before + self.instead.encode() + after
        whole = [*lines[: self.line - 1], changed, *lines[self.last_line :]]
        return b"".join(whole).decode()


def mutants() -> list[Mutant]:
    """Every check in the source, each missing once."""
    return [
        mutant
        for package in PACKAGES
        for path in sorted((settings.BASE_DIR / package).rglob("*.py"))
        if "migrations" not in path.parts
        for mutant in _in_file(path)
    ]


def _in_file(path: Path) -> Iterator[Mutant]:
    tree = ast.parse(path.read_text())
    where = str(path.relative_to(settings.BASE_DIR))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if (found := _check(node)) is not None:
                name, instead = found
                assert isinstance(node, ast.Expr | ast.Call)
                start, column = _start(node, name)
                assert node.end_lineno is not None
                assert node.end_col_offset is not None
                yield Mutant(
                    where,
                    start,
                    node.end_lineno,
                    column,
                    node.end_col_offset,
                    function.name,
                    name,
                    instead,
                )


def _check(node: ast.AST) -> tuple[str, str] | None:
    """Say which check the node is, and what takes its place."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        return (name, "pass") if CHECKS.fullmatch(name) else None
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "visible_to":
        return "visible_to", "all()"
    return None


def _start(node: ast.Expr | ast.Call, name: str) -> tuple[int, int]:
    """Where the check begins: a method behind what it is called on."""
    if name != "visible_to":
        return node.lineno, node.col_offset
    assert isinstance(node, ast.Call)
    called = node.func
    assert called.end_lineno is not None
    assert called.end_col_offset is not None
    return called.end_lineno, called.end_col_offset - len(name)


class Copy:
    """A copy of the tree in which mutants live one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"],
            cwd=settings.BASE_DIR,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in listed.stdout.splitlines():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(settings.BASE_DIR / name, folder / name)

    def killer(self, mutant: Mutant) -> str:
        """Return the first test that fails in the mutant, "" where none does."""
        place = self.folder / mutant.path
        place.write_text(mutant.source())
        try:
            return next(
                filter(None, (self._failing(tests) for tests in tests_of(mutant))), ""
            )
        finally:
            shutil.copy2(settings.BASE_DIR / mutant.path, place)

    def _failing(self, tests: list[str]) -> str:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        ran = subprocess.run(
            [
                *command,
                "--no-header",
                "--tb=no",
                "-m",
                "not nightly and not browser",
                *tests,
            ],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        if ran.returncode in {0, 5}:
            return ""
        named = re.search(r"^(?:FAILED|ERROR) (\S+)", ran.stdout, re.MULTILINE)
        return named[1] if named else f"exit {ran.returncode}"


def tests_of(mutant: Mutant) -> Iterator[list[str]]:
    """The tests that should notice: the nearest first, then the tables, then all."""
    path = Path(mutant.path)
    if "operations" in path.parts:
        named = mutant.function.strip("_")
        yield ["tests/test_operations.py", "-k", named]
        yield ["tests/test_operations.py"]
    mirror = Path("tests", *path.parts[:-1], f"test_{path.name}")
    if (settings.BASE_DIR / mirror).exists():
        yield [str(mirror)]
    if (settings.BASE_DIR / mirror.parent).is_dir():
        yield [str(mirror.parent)]
    yield list(TABLES)
    yield ["tests"]
