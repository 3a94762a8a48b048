"""No check of permission can go without a test that misses it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from time import monotonic

import pytest
from django.conf import settings
from django.db import connection

from tests.mutants.checks import Check, checks
from tests.mutants.runs import Copy, Verdict, visitors

ROOT = settings.BASE_DIR
ONLY = tuple(os.environ.get("MUTANTS", "").split())
"""How the paths begin that are tried; without it a share of all, another one each night."""
NIGHTS = 5
"""After so many nights each check was tried."""
CORES = os.process_cpu_count() or 1
SPARING = {
    ("registries/views/linking.py", "_registries"),
    ("registries/views/sources.py", "_collections"),
    ("registries/views/sources.py", "_in_projects"),
    ("registries/views/trash.py", "_deleted_collections"),
}
"""Where `visible_to` only spares asking `may` about what it leaves out: it judges each."""


def test_every_check_can_be_taken_out():
    found = checks(ROOT)

    for check in found:
        source = (ROOT / check.path).read_text()
        compile(check.removed_from(source), check.path, "exec")
    assert len({(check.path, check.start) for check in found}) == len(found) > 150
    listing = {place(check) for check in found if ".visible_to(" in check.text}
    assert listing >= SPARING


@pytest.mark.nightly
@pytest.mark.timeout(6 * 3600)
def test_the_suite_misses_every_check_that_is_taken_out(tmp_path, figure):
    if connection.vendor != "sqlite":
        pytest.skip("the runs are on SQLite: once is enough")
    start = monotonic()
    tests = visitors(Copy(ROOT, tmp_path / "whole"), chosen(checks(ROOT)))
    recorded = monotonic()

    verdicts = judge_all(tests, tmp_path)

    for verdict in verdicts:
        figure(str(verdict))
    alive = [verdict.check for verdict in verdicts if not verdict.killer]
    survivors = [
        check
        for check in alive
        if ".visible_to(" not in check.text or place(check) not in SPARING
    ]
    figure(
        f"{len(verdicts)} checks taken out in turn, {len(survivors)} not missed; "
        f"{recorded - start:.0f} s to see which tests come by, "
        f"{monotonic() - recorded:.0f} s to try them, {CORES} at a time"
    )
    assert verdicts
    assert survivors == []


def chosen(found: list[Check]) -> list[Check]:
    """The checks of the paths asked for, or those whose turn it is."""
    if ONLY:
        return [check for check in found if check.path.startswith(ONLY)]
    return found[datetime.now(UTC).toordinal() % NIGHTS :: NIGHTS]


def place(check: Check) -> tuple[str, str]:
    """The function that a check is in."""
    return check.path, check.function


def judge_all(tests: dict[Check, list[str]], folder: Path) -> list[Verdict]:
    """Take out one check at a time in each of some copies."""
    copies: Queue[Copy] = Queue()
    for number in range(CORES):
        copies.put(Copy(ROOT, folder / str(number)))

    def judge(check: Check) -> Verdict:
        copy = copies.get()
        try:
            return copy.judge(check, tests[check])
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(CORES) as threads:
        return list(threads.map(judge, tests))
