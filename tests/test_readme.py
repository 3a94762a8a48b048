"""The README says what is so: its commands run, its tables are complete."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from registry_site import settings as product_settings
from registry_site.variables import VARIABLES
from tests.commands import manage

README = (settings.BASE_DIR / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    "pip install uv && uv run manage.py start",
    "pip install uv && uv run pytest",
]
"""What a fresh machine with Python and pip needs to know."""


def variables() -> dict[str, str]:
    """The variables that the settings read; with the default, if that is a plain value."""
    found = {}
    for node in ast.walk(ast.parse(inspect.getsource(product_settings))):
        if isinstance(node, ast.Call) and re.fullmatch(r"env\.\w+", ast.unparse(node.func)):
            name, default = node.args
            value = getattr(default, "value", "")
            found[name.value] = "false" if value is False else str(value)
    return found


def table() -> dict[str, str]:
    """The defaults of the configuration table, by variable."""
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", README, re.MULTILINE))


def test_the_commands_are_on_lines_of_their_own():
    assert [block.strip() for block in BLOCKS if block.startswith("pip")] == COMMANDS


def test_the_gates_run_what_the_readme_prints():
    gates = (settings.BASE_DIR / ".ci/run").read_text()
    pattern = re.search(r"grep -m1 -xE '(.*?)' README.md", gates)[1]

    assert re.findall(f"^{pattern}$", README, re.MULTILINE) == COMMANDS[1:]


def test_every_setting_is_in_the_table():
    assert sorted(table()) == sorted(variables())


def test_the_table_is_that_of_the_help():
    rows = [f"| `{each.name}` | {each.default} | {each.meaning} |" for each in VARIABLES]

    assert re.findall(r"^\| `[A-Z_]+` \|.*", README, re.MULTILINE) == rows


def test_the_table_has_the_defaults():
    plain = {name: f"`{default}`" for name, default in variables().items() if default}

    assert {name: table()[name] for name in plain} == plain


def test_what_it_points_to_is_there():
    links = re.findall(r"\]\((?!http)(.*?)\)", README)
    paths = re.findall(r"`([\w./]+(?:\.py|/))`", README)

    missing = [name for name in [*links, *paths] if not (settings.BASE_DIR / name).exists()]
    assert [name for name in missing if not name.startswith("/help/")] == []


def run(line: str) -> str:
    """Run a line of the tour: a command of ours in this process, others in a shell."""
    words = shlex.split(line, comments=True)
    if words[:3] == ["uv", "run", "manage.py"]:
        return manage(*words[3:]).out
    return subprocess.run(
        ["sh", "-ec", line], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.django_db
def test_the_tour_goes_as_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tour = next(block for block in BLOCKS if "create_organization" in block)
    *steps, last = [line for line in tour.splitlines() if line]

    said = [run(step) for step in steps]

    assert "acme/model/greeter:v1" in said
    assert Path("served/config.json").read_text() == '{"temperature": 0.2}\n'
    with pytest.raises(CommandError, match="needs the role Member in the registry Models"):
        run(last)
