"""A file of 2 GiB goes up and down, and nobody's memory grows with it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.commands import command_line, product_environment
from tests.installation import (
    ON_ITS_OWN_DATA,
    Installation,
    Watch,
    peak_memory,
    pieces,
    raw_path,
)

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.timeout(1800),
    ON_ITS_OWN_DATA,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

SIZE = 2 << 30
MOST = 64 << 20
"""How much memory may grow, in bytes."""
NAME = "acme/model/large"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("large")
    if shutil.disk_usage(folder).free < 4 * SIZE:
        pytest.skip("this needs 8 GiB of free disk")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def large(folder) -> Path:
    """A file whose blocks all differ."""
    block = bytearray(os.urandom(1 << 20))
    path = folder / "large.bin"
    with path.open("wb") as file:
        for number in range(SIZE >> 20):
            block[:8] = number.to_bytes(8)
            file.write(block)
    return path


@pytest.fixture(scope="module")
def installation(folder) -> Iterator[Installation]:
    with Installation(folder / "data") as installation:
        installation.add_person("anouk")
        installation.manage("create_organization", "acme", "Acme", "--admin", "anouk")
        installation.manage("create_team", "acme/nlp")
        yield installation


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def peak(installation: Installation, *arguments: object) -> int:
    """Run a command; return the most memory that it had."""
    process = subprocess.Popen(
        command_line(*map(str, arguments)),
        env=product_environment(installation.data),
        stdout=subprocess.DEVNULL,
    )
    most = peak_memory(process)
    assert process.returncode == 0
    return most


@pytest.fixture
def say(figure) -> Callable[[str, int, float], None]:
    def say(what: str, grown: int, seconds: float) -> None:
        rate = SIZE / seconds / 1e6
        figure(f"{what}: +{grown / 1e6:.1f} MB of memory, {seconds:.1f} s, {rate:.0f} MB/s")

    return say


def test_publish_takes_no_more_memory_for_more_bytes(installation, large, folder, say):
    small = folder / "small.bin"
    small.write_bytes(b"small")
    before = peak(installation, "publish", small, "acme/model/small", "--team", "nlp")

    began = time.monotonic()
    grown = peak(installation, "publish", large, NAME, "--team", "nlp") - before

    say("publish", grown, time.monotonic() - began)
    assert grown < MOST


def test_fetch_takes_no_more_memory_for_more_bytes(installation, large, folder, say):
    before = peak(installation, "fetch", "acme/model/small", folder / "small")

    began = time.monotonic()
    grown = peak(installation, "fetch", NAME, folder / "out") - before

    say("fetch", grown, time.monotonic() - began)
    assert grown < MOST
    assert digest(folder / "out" / "large.bin") == digest(large)
    shutil.rmtree(folder / "out")


def test_the_server_takes_no_more_memory_for_more_bytes(installation, large, say):
    visitor = installation.visitor("anouk")
    with visitor.open(raw_path("acme/model/small:v0", "small.bin")) as answer:
        answer.read()
    watch = Watch(installation)
    hashing = hashlib.sha256()

    began = time.monotonic()
    with watch, visitor.open(raw_path(f"{NAME}:v0", "large.bin")) as answer:
        for piece in pieces(answer):
            hashing.update(piece)

    say("server, one download", watch.grown, time.monotonic() - began)
    assert hashing.hexdigest() == digest(large)
    assert watch.grown < MOST


def test_eight_downloads_at_once_take_no_more(installation, large, say):
    visitor = installation.visitor("anouk")
    sizes: list[int] = []

    def download() -> None:
        with visitor.open(raw_path(f"{NAME}:v0", "large.bin")) as answer:
            sizes.append(sum(map(len, pieces(answer))))

    began = time.monotonic()
    with Watch(installation) as watch:
        threads = [Thread(target=download) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    say("server, eight downloads", watch.grown, (time.monotonic() - began) / 8)
    assert sizes == [SIZE] * 8
    assert watch.grown < MOST
