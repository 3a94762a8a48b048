"""What the SDK reaches up and down, beside what the disk, the hashes and the wire allow.

Machines are noisy: each figure stands beside a limit that was measured in the same run. The
null server is this one behind a proxy that swallows the files and keeps nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.benchmarks.limits import (
    MIB,
    before,
    hash_all,
    hash_md5,
    through_nginx,
    timed,
    write,
)
from tests.sdk.place import Place, Sdk, filled, need_the_sdk

pytestmark = [pytest.mark.nightly, pytest.mark.sdk, pytest.mark.timeout(3600)]

LARGE = 1024 * MIB
"""One file of so many bytes."""
MANY, SMALL = 1000, 10_240
"""So many files of so many bytes."""
PERSON = "organization admin"
SAVE = """
import time
run = wandb.init(entity="other", project="bench", id=id)
artifact = wandb.Artifact(name, "dataset")
artifact.add_dir(folder, policy="immutable")
began = time.monotonic()
try:
    run.log_artifact(artifact).wait()
except ValueError:
    assert may_fail
took = time.monotonic() - began
run.finish()
took
"""
FETCH = """
import time
artifact = wandb.Api().artifact(f"other/bench/{name}:latest")
artifact.manifest
began = time.monotonic()
artifact.download(folder, skip_cache=True)
time.monotonic() - began
"""
USE = """
import time
run = wandb.init(entity="other", project="bench", id=id)
times = []
for _ in range(20):
    began = time.monotonic()
    run.use_artifact(f"other/bench/{name}:latest")
    times.append(time.monotonic() - began)
run.finish()
times
"""
PUBLISH_AND_USE = """
import time
run = wandb.init(entity="other", project="bench", id=id)
published, used = [], []
for number in range(count):
    artifact = wandb.Artifact(f"{id}-{number}", "dataset")
    with artifact.new_file("small") as file:
        file.write(f"{id}-{number}")
    began = time.monotonic()
    run.log_artifact(artifact).wait()
    published.append((began, time.monotonic()))
for number in range(count):
    began = time.monotonic()
    run.use_artifact(f"other/bench/{id}-{number}:latest")
    used.append((began, time.monotonic()))
run.finish()
published, used
"""
CLIENTS = [(1, 8), (8, 2), (32, 1)]
"""So many clients, each of which does it so often."""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    need_the_sdk()
    with filled(tmp_path_factory.mktemp("bench") / "data") as place, place:
        yield place


@pytest.fixture
def shell(place, tmp_path) -> Iterator[Sdk]:
    sdk = Sdk(tmp_path / "home", place, place.keys[PERSON])
    yield sdk
    sdk.close()


def files(folder: Path, count: int, size: int) -> Path:
    folder.mkdir()
    for number in range(count):
        with (folder / f"{number}.bin").open("wb") as file:
            for _ in range(0, size, MIB):
                file.write(os.urandom(min(MIB, size)))
    return folder


def in_null(place: Place, home: Path, folder: Path, name: str) -> float:
    """How long saving takes where no file is kept; its commit is refused in the end."""
    with before(place) as null:
        shell = Sdk(home, null, place.keys[PERSON])
        took: float = shell(SAVE, id=name, name=name, folder=str(folder), may_fail=True)
        shell.close()
    return took


def test_one_large_file_up_and_down(place, shell, tmp_path, figure):
    folder = files(tmp_path / "large", 1, LARGE)
    disk = timed(lambda: write(tmp_path / "disk", LARGE))
    hashing, md5 = timed(lambda: hash_all(LARGE)), timed(lambda: hash_md5(LARGE))
    nginx = through_nginx(tmp_path / "nginx", list(folder.iterdir()))
    null = in_null(place, tmp_path / "null", folder, "large-null")

    up = shell(SAVE, id="large", name="large", folder=str(folder), may_fail=False)
    down = shell(FETCH, name="large", folder=str(tmp_path / "down"))

    limit = max(null, disk, md5)
    figure(
        f"1 GiB through the SDK: up {up:.1f} s, null server {null:.1f} s ({null / up:.0%});"
        f" of the limit {limit / up:.0%}: disk with fsync {disk:.1f} s, MD5 {md5:.1f} s, "
        f"all hashes {hashing:.1f} s; {nginx}; down {down:.1f} s"
    )
    assert (tmp_path / "down" / "0.bin").stat().st_size == LARGE
    assert up < 20 * null


def test_many_small_files_up_and_down(place, shell, tmp_path, figure):
    folder = files(tmp_path / "many", MANY, SMALL)
    null = in_null(place, tmp_path / "null", folder, "many-null")
    disk = timed(lambda: [write(tmp_path / f"d{n}", SMALL) for n in range(MANY)])
    nginx = through_nginx(tmp_path / "nginx", list(folder.iterdir()))

    up = shell(SAVE, id="many", name="many", folder=str(folder), may_fail=False)
    down = shell(FETCH, name="many", folder=str(tmp_path / "down"))

    figure(
        f"1,000 files of 10 kB: up {up:.1f} s, null server {null:.1f} s ({null / up:.0%}), "
        f"disk with fsync {disk:.1f} s; {nginx}; down {down:.1f} s"
    )
    assert len(list((tmp_path / "down").iterdir())) == MANY


def test_publishing_and_using_something_small(place, shell, tmp_path, figure):
    took, server = [], []
    for number in range(10):
        folder = files(tmp_path / f"small-{number}", 1, 100)
        before = served(place)
        name = f"small-{number}"
        took.append(shell(SAVE, id=name, name="small", folder=str(folder), may_fail=False))
        server.append(served(place) - before)
    used = shell(USE, id="use", name="small")

    figure(
        f"publishing one small file: {statistics.median(took) * 1000:.0f} ms, of which the "
        f"server {statistics.median(server):.0f} ms for the whole run; use_artifact "
        f"{statistics.median(used) * 1000:.0f} ms"
    )
    assert statistics.median(took) < 10


def served(place: Place) -> int:
    """How many milliseconds the server has answered so far, by its log."""
    lines = place.log.read_text().splitlines()
    asked = (line for line in lines if '"logger": "accession.request"' in line)
    return sum(int(line.rpartition('"ms": ')[2].rstrip("}")) for line in asked)


@pytest.mark.parametrize("clients", [1, 8, 32])
def test_clients_of_the_protocol_in_parallel(place, figure, clients):
    """By the protocol itself: 32 processes of the SDK measure themselves as well."""
    document = """query N($name: String!) { project(name: "bench", entityName: "other") {
      artifactCollectionMembership(name: $name) { id artifact { id digest } } } }"""
    basic = b64encode(f"api:{place.keys[PERSON]}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    body = json.dumps({"query": document, "variables": {"name": "small:latest"}})

    def ask(_: int) -> float:
        there = HTTPConnection(urlsplit(place.url).netloc)
        began = time.monotonic()
        there.request("POST", "/graphql", body, headers)
        answer = there.getresponse()
        assert b'"digest"' in answer.read()
        there.close()
        return time.monotonic() - began

    count = 400
    with ThreadPoolExecutor(clients) as pool:
        began = time.monotonic()
        times = sorted(pool.map(ask, range(count)))
        took = time.monotonic() - began
    figure(
        f"artifacts by name, {clients} clients: {count / took:.0f} a second, median "
        f"{times[count // 2] * 1000:.0f} ms, 95 % {times[count * 95 // 100] * 1000:.0f} ms"
    )
    assert times[-1] < 20


def test_clients_of_the_sdk_in_parallel(place, tmp_path, figure):
    """Each is a process that publishes and uses: they take the machine from the server."""
    alone = 0.0
    for clients, count in CLIENTS:
        published, used = at_once(place, tmp_path / str(clients), clients, count)
        began, ended = min(map(min, published)), max(map(max, published))
        rate = len(published) / (ended - began)
        alone = alone or rate
        figure(
            f"publishing by {clients} clients: {rate:.1f} a second, {rate / alone:.1f} "
            f"times one client's; {spread(published)}; use_artifact {spread(used)}"
        )
        assert len(published) == clients * count


def at_once(place: Place, folder: Path, clients: int, count: int) -> Any:
    """From when to when each of so many processes published and used, so often."""
    folder.mkdir()
    shells = [Sdk(folder / str(n), place, place.keys[PERSON]) for n in range(clients)]
    for shell in shells:
        shell.patience = 600

    def publish(n: int) -> Any:
        return shells[n](PUBLISH_AND_USE, id=f"of-{clients}-{n}", count=count)

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda shell: shell("1"), shells))  # each has started
        both = list(pool.map(publish, range(clients)))
        list(pool.map(Sdk.close, shells))
    return [list(chain.from_iterable(each)) for each in zip(*both, strict=True)]


def spread(spans: list[tuple[float, float]]) -> str:
    """Median and 95th percentile of how long it took."""
    times = sorted(ended - began for began, ended in spans)
    most = times[len(times) * 95 // 100]
    return f"median {statistics.median(times) * 1000:.0f} ms, 95 % {most * 1000:.0f} ms"
