"""How long pages take, asked one after another, on a real server with the demo."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator

import pytest

from tests.installation import ON_ITS_OWN_DATA, Installation, Visitor

pytestmark = [pytest.mark.nightly, ON_ITS_OWN_DATA]

TIMES = 50
HOME = "/orgs/northwind/registry/"
PAGES = {
    "registry home": HOME,
    "registry": f"{HOME}production-models/",
    "collection": f"{HOME}production-models/c/churn-classifier/",
    "version": f"{HOME}production-models/c/churn-classifier/v/1/",
    "settings": f"{HOME}production-models/settings/",
    "alive": "/healthz",
}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory) -> Iterator[Visitor]:
    with Installation(tmp_path_factory.mktemp("pages") / "data") as installation:
        password = re.search(r"with the password +(\S+)", installation.manage("demo"))[1]
        yield Visitor(installation.url, "priya", password)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_no_second(visitor, figure, page):
    taken = sorted(seconds(visitor, PAGES[page]) for _ in range(TIMES))

    middle, slow = statistics.median(taken), taken[int(TIMES * 0.95)]
    figure(f"{page}: {middle * 1000:.0f} ms, 95 of 100 within {slow * 1000:.0f} ms")
    assert middle < 1


def seconds(visitor: Visitor, path: str) -> float:
    began = time.perf_counter()
    with visitor.open(path) as answer:
        answer.read()
    return time.perf_counter() - began
