"""No check of a permission may be missing without a test that fails."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from time import monotonic

import pytest

from tests.mutants.mutants import Copy, Mutant, mutants

ONLY = os.environ.get("MUTANTS", "")
"""The beginning of the paths that are tried; all without it."""


@pytest.mark.nightly
@pytest.mark.timeout(4 * 3600)
def test_every_check_is_noticed_when_it_is_missing(tmp_path, figure):
    tried = [mutant for mutant in mutants() if mutant.path.startswith(ONLY)]
    copies: Queue[Copy] = Queue()
    for number in range(os.process_cpu_count() or 1):
        copies.put(Copy(tmp_path / str(number)))

    def try_one(mutant: Mutant) -> str:
        copy, start = copies.get(), monotonic()
        try:
            killer = copy.killer(mutant)
        finally:
            copies.put(copy)
        figure(f"{mutant}: {killer or 'SURVIVED'}, {monotonic() - start:.0f} s")
        return "" if killer else str(mutant)

    with ThreadPoolExecutor(copies.qsize()) as threads:
        survivors = list(filter(None, threads.map(try_one, tried)))

    figure(f"{len(tried)} checks removed in turn, {len(survivors)} not noticed")
    assert tried
    assert survivors == []


def test_a_mutant_lacks_its_check_and_nothing_else():
    for mutant in mutants():
        compile(mutant.source(), mutant.path, "exec")
