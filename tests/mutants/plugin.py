"""Loaded into other runs of the suite: see which tests come by a line, or run only some."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import CodeType

import pytest

RECORD, ONLY = os.environ.get("MUTANTS_RECORD"), os.environ.get("MUTANTS_ONLY")
TOOL = sys.monitoring.COVERAGE_ID


class Recorder:
    """Notes which test was running whenever one of the given lines was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines = set(json.loads((folder / "lines.json").read_text()))
        self.tests: dict[str, list[str]] = {}
        self.test = ""
        sys.monitoring.use_tool_id(TOOL, "checks")
        sys.monitoring.register_callback(TOOL, sys.monitoring.events.LINE, self.on_line)
        sys.monitoring.set_events(TOOL, sys.monitoring.events.LINE)

    def on_line(self, code: CodeType, number: int) -> object:
        place = f"{code.co_filename}:{number}"
        if place not in self.lines:
            return sys.monitoring.DISABLE
        tests = self.tests.setdefault(place, [])
        if self.test not in tests[-1:]:
            tests.append(self.test)
        return None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.test = nodeid

    def pytest_sessionfinish(self) -> None:
        path = self.folder / f"tests-{os.getpid()}.json"
        path.write_text(json.dumps(self.tests))


class Chooser:
    """Runs the given tests, in the given order."""

    def __init__(self, chosen: list[str]) -> None:
        self.place = {test: place for place, test in enumerate(chosen)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.place]
        items.sort(key=lambda item: self.place[item.nodeid])


def pytest_configure(config: pytest.Config) -> None:
    if RECORD:
        config.pluginmanager.register(Recorder(Path(RECORD)))
    if ONLY:
        config.pluginmanager.register(Chooser(Path(ONLY).read_text().splitlines()))
