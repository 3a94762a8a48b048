"""Runs of the suite in copies of the tree: which tests pass a check, which miss it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from importlib.util import cache_from_source
from itertools import chain
from pathlib import Path

from tests.mutants.checks import Check

LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "data")
PLUGIN = ("-m", "pytest", "-q", "-p", "tests.mutants.plugin", "-p", "no:cacheprovider")
OTHER = ("not nightly and not browser and not real", "concurrency", "crash", "mutants")
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
PATIENCE = 3600
"""How many seconds a run may take."""
TABLES = re.compile(r"tests/(test_operations|test_access|\w+/test_permissions)")
SLOW = re.compile(r"tests/(\w+/management|\w+/test_rules|\w+/test_visibility)")


@dataclass(frozen=True)
class Verdict:
    """What the suite said to the product without one check."""

    check: Check
    tests: int
    killer: str
    """The first test that failed; empty where none did."""
    seconds: float

    def __str__(self) -> str:
        end = f"killed by {self.killer}" if self.killer else "SURVIVED"
        return f"{self.check} -> {end} ({self.seconds:.0f} s)"


class Copy:
    """A copy of the tree with a database of its own."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        shutil.copytree(root, folder / "tree", ignore=LEFT_BEHIND)
        self.tree = folder / "tree"

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the suite in the copy."""
        kept = {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
        own = {name: value for name, value in os.environ.items() if name in kept}
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        return subprocess.run(
            [sys.executable, *PLUGIN, *arguments],
            cwd=self.tree,
            env=own | {"DATA_DIR": str(data)} | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def judge(self, check: Check, tests: list[str]) -> Verdict:
        """Take the check out, and run the tests until one fails."""
        start = time.monotonic()
        killer = ""
        if tests:
            source = (self.root / check.path).read_text()
            self._write(check.path, check.removed_from(source))
            killer = self._first_failure(tests)
            self._write(check.path, source)
        return Verdict(check, len(tests), killer, time.monotonic() - start)

    def _write(self, path: str, source: str) -> None:
        (self.tree / path).write_text(source)
        Path(cache_from_source(self.tree / path)).unlink(missing_ok=True)

    def _first_failure(self, tests: list[str]) -> str:
        chosen = self.folder / "tests.txt"
        chosen.write_text("\n".join(tests))
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        done = self.run("-x", "--reuse-db", "-rfE", *files, MUTANTS_ONLY=str(chosen))
        found = FAILED.search(done.stdout)
        if done.returncode not in {0, 1} or (done.returncode == 1 and not found):
            raise RuntimeError(done.stdout + done.stderr)
        return found[1] if found else ""


def distance(check: Check, test: str) -> tuple[int, str]:
    """How late a test comes: first those of the module itself, the slow ones last."""
    folder, _, name = check.path.rpartition("/")
    if test.startswith(f"tests/{folder}/test_{name}"):
        return 0, test
    return 3 if SLOW.match(test) else 1 if TABLES.match(test) else 2, test


def visitors(copy: Copy, checks: list[Check]) -> dict[Check, list[str]]:
    """Run the whole suite once; return which tests come by each check, nearest first."""
    places = {
        check: [
            f"{copy.tree / check.path}:{line}"
            for line in range(check.first_line, check.last_line + 1)
        ]
        for check in checks
    }
    record = copy.folder / "record"
    record.mkdir()
    (record / "lines.json").write_text(json.dumps([*chain(*places.values())]))
    markers, *ignored = OTHER
    done = copy.run(
        *("-n", str(os.cpu_count()), "--dist", "loadfile", "-m", markers),
        *(f"--ignore=tests/{folder}" for folder in ignored),
        MUTANTS_RECORD=str(record),
    )
    if done.returncode:
        raise RuntimeError(f"The suite fails as it is.\n{done.stdout}{done.stderr}")
    seen = [json.loads(path.read_text()) for path in record.glob("tests-*.json")]
    found = {
        check: {test for line in lines for run in seen for test in run.get(line, [])}
        for check, lines in places.items()
    }
    return {check: sorted(found[check], key=partial(distance, check)) for check in checks}
