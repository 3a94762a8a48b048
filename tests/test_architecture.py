"""What the source keeps to beyond the import contracts (architecture.md, style.md)."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.reserved import RESERVED_NAMES

ROOT = settings.BASE_DIR
APPS = ("accounts", "registries", "registry_site")
TOP_LEVEL = {
    *APPS,
    *("manage.py", "pyproject.toml", "README.md", "templates", "static", "tests"),
    *("LICENSE", "CHANGELOG.md", "SECURITY.md", "uv.lock"),
}
MADE_BY_RUNNING = {"data", "staticfiles", "test-results", "__pycache__"}
"""What .gitignore names."""

SOURCE = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
}
ASKS_A_BACKEND = (
    "accounts/actors.py",
    "accounts/backends.py",
    "accounts/models/user.py",
    "registries/backends.py",
    "registries/templatetags/permissions.py",
)
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
MAY_WRITE = (
    "accounts/models/",
    "accounts/operations/",
    "registries/models/",
    "registries/operations/",
    "registries/management/demo/",  # moves the clock of what the operations made
    "accounts/events.py",
    "accounts/jobs.py",
    "registries/search.py",  # notes the names that operations write
)
LOCKS_OTHERWISE = (
    "accounts/operations/locks.py",
    "accounts/jobs.py",  # passes over what is locked
    "registries/operations/blobs.py",  # nobody may point to what is deleted
    "registries/operations/trash.py",  # nor to this
)
UNWANTED_IMPORTS = {
    "asyncio": "transactions do not work in async mode",
    "django.dispatch": "no signals: an operation calls what follows",
    "django.db.models.signals": "no signals: an operation calls what follows",
    "httpx": "what goes out, goes through safe_http",
    "marshal": "runs what it reads",
    "pickle": "runs what it reads",
    "requests": "what goes out, goes through safe_http",
    "shelve": "runs what it reads",
    "urllib.request": "what goes out, goes through safe_http",
}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def length(function: ast.FunctionDef) -> int:
    return function.end_lineno - function.lineno + 1


def body_length(function: ast.FunctionDef) -> int:
    """The lines that do something: without signature and docstring."""
    first = function.body[bool(ast.get_docstring(function)) :][0]
    return function.end_lineno - first.lineno + 1


def methods_called(tree: ast.AST) -> set[str]:
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def imported(tree: ast.AST) -> set[str]:
    """The modules that a file imports, and the names that it takes from them."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def first_segments(patterns: list[URLPattern | URLResolver], before: str = "") -> set[str]:
    """The literal roots of all addresses."""
    found = set()
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and "/" not in path:
            found |= first_segments(pattern.url_patterns, path)
        else:
            found.add(path.split("/")[0])
    return {segment for segment in found if segment and not segment.startswith("<")}


def test_the_top_level_holds_nothing_else():
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert found - MADE_BY_RUNNING <= TOP_LEVEL


def test_files_are_short():
    sizes = {name: len((ROOT / name).read_text().splitlines()) for name in SOURCE}

    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_files_are_called_by_what_they_hold():
    empty_names = {"utils", "helpers", "misc", "common"}

    assert [name for name in SOURCE if Path(name).stem in empty_names] == []


def test_functions_are_small():
    sizes = {
        f"{name}: {function.name}": length(function)
        for name, tree in SOURCE.items()
        for function in functions(tree)
    }

    assert {name: size for name, size in sizes.items() if size > 50} == {}
    assert statistics.median(sizes.values()) <= 8
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 25


def test_views_are_thin():
    views = {
        f"{name}: {function.name}": body_length(function)
        for name, tree in SOURCE.items()
        for function in functions(tree)
        if "/views/" in name and function.decorator_list
    }

    assert {name: size for name, size in views.items() if size > 15} == {}


def test_imports_stand_at_the_top():
    inside = [
        f"{name}:{node.lineno}"
        for name, tree in SOURCE.items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inside == []


def test_nothing_unwanted_is_imported():
    found = {
        name: imported(tree) & UNWANTED_IMPORTS.keys() for name, tree in SOURCE.items()
    }

    assert {name: UNWANTED_IMPORTS[m] for name, mods in found.items() for m in mods} == {}


def test_permission_is_asked_at_one_place():
    """Operations and views ask `authorize` and `require`, templates `{% can %}`."""
    asking = [name for name, tree in SOURCE.items() if "has_perm" in methods_called(tree)]

    assert set(asking) <= set(ASKS_A_BACKEND)


def test_no_door_writes_rows_by_itself():
    writing = [name for name, tree in SOURCE.items() if methods_called(tree) & WRITES]

    assert [name for name in writing if not name.startswith(MAY_WRITE)] == []


def test_rows_are_locked_in_one_way():
    """As `hold` does, or two changes may wait for each other for ever."""
    locking = [
        name for name, tree in SOURCE.items() if "select_for_update" in methods_called(tree)
    ]

    assert set(locking) <= set(LOCKS_OTHERWISE)


def test_operations_name_all_that_they_take():
    loose = [
        f"{name}: {function.name}"
        for name, tree in SOURCE.items()
        for function in functions(tree)
        if "/operations/" in name and (function.args.kwarg or function.args.vararg)
    ]

    assert loose == []


def test_no_entity_can_be_called_like_an_address():
    roots = first_segments(get_resolver("registry_site.urls").url_patterns)

    assert {"account", "healthz", "orgs"} <= roots
    assert {root.lower() for root in roots} <= RESERVED_NAMES


def test_scripts_are_tiny():
    scripts = {path.name: path.read_text() for path in (ROOT / "static/js").glob("*.js")}

    assert [name for name, text in scripts.items() if len(text.splitlines()) > 60] == []


def test_commands_are_shown_as_they_can_be_pasted():
    shown = [
        *ROOT.glob("*.md"),
        *(ROOT / "templates").rglob("*.*"),
        *map(ROOT.joinpath, SOURCE),
    ]
    pasted = re.compile(r"(?<!uv run )(?<!uv run --extra postgres )manage\.py (?=[a-z{])")

    assert [path.name for path in shown if pasted.search(path.read_text())] == []
    assert settings.MANAGE == "uv run manage.py"
