"""What the SDK reaches up and down, beside what the disk, the hashes and the wire allow.

Machines are noisy: each figure stands beside a limit that was measured in the same run. The
null server is this one behind a proxy that swallows the files and keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from xxhash import xxh3_128

from tests.needs import lacks
from tests.sdk.databases import own_database
from tests.sdk.place import HOW_TO_GET_IT, IS_HERE, Place, Sdk

pytestmark = [pytest.mark.nightly, pytest.mark.sdk, pytest.mark.timeout(3600)]

MIB = 1 << 20
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


class Swallowing(BaseHTTPRequestHandler):
    """Hands everything on but files, of which it says that they are kept."""

    protocol_version = "HTTP/1.1"
    server: Null

    def do_PUT(self) -> None:
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(MIB, left)))
        self.send_response(200)
        self.send_header("ETag", '"null"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        there = HTTPConnection("127.0.0.1", self.server.behind)
        there.request("POST", self.path, body, dict(self.headers))
        answer = there.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        there.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Null(ThreadingHTTPServer):
    """The null server before a real one."""

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), Swallowing)
        self.behind = behind


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    if not IS_HERE:
        lacks("sdk", HOW_TO_GET_IT)
    with own_database(os.environ.get("DATABASE_URL")) as url:
        place = Place(tmp_path_factory.mktemp("bench") / "data")
        if url:
            place.environment["DATABASE_URL"] = url
        place.fill()
        with place:
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


def timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def write(path: Path, size: int) -> None:
    """Write as `dd conv=fsync` does."""
    chunk = os.urandom(MIB)
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(chunk)
        os.fsync(file.fileno())


def hash_all(size: int) -> None:
    """What the server computes of every file, in one thread."""
    chunk, hashes = os.urandom(MIB), (hashlib.sha256(), hashlib.md5(), xxh3_128())
    for _ in range(size // MIB):
        for each in hashes:
            each.update(chunk)


def in_null(place: Place, home: Path, folder: Path, name: str) -> float:
    """How long saving takes where no file is kept; its commit is refused in the end."""
    null = Null(place.port)
    Thread(target=null.serve_forever, daemon=True).start()
    shell = Sdk(home, _elsewhere(place, null.server_port), place.keys[PERSON])
    took: float = shell(SAVE, id=name, name=name, folder=str(folder), may_fail=True)
    shell.close()
    null.shutdown()
    null.server_close()
    return took


def _elsewhere(place: Place, port: int) -> Place:
    elsewhere = Place(place.data)
    elsewhere.port = port
    return elsewhere


def test_one_large_file_up_and_down(place, shell, tmp_path, figure):
    folder = files(tmp_path / "large", 1, LARGE)
    disk = timed(lambda: write(tmp_path / "disk", LARGE))
    hashing = timed(lambda: hash_all(LARGE))
    null = in_null(place, tmp_path / "null", folder, "large-null")

    up = shell(SAVE, id="large", name="large", folder=str(folder), may_fail=False)
    down = shell(FETCH, name="large", folder=str(tmp_path / "down"))

    figure(
        f"1 GiB through the SDK: up {up:.1f} s, null server {null:.1f} s ({null / up:.0%});"
        f" disk with fsync {disk:.1f} s, hashing {hashing:.1f} s; down {down:.1f} s"
    )
    assert (tmp_path / "down" / "0.bin").stat().st_size == LARGE
    assert up < 20 * null


def test_many_small_files_up_and_down(place, shell, tmp_path, figure):
    folder = files(tmp_path / "many", MANY, SMALL)
    null = in_null(place, tmp_path / "null", folder, "many-null")
    disk = timed(lambda: [write_small(tmp_path / f"d{n}") for n in range(MANY)])

    up = shell(SAVE, id="many", name="many", folder=str(folder), may_fail=False)
    down = shell(FETCH, name="many", folder=str(tmp_path / "down"))

    figure(
        f"1,000 files of 10 kB: up {up:.1f} s, null server {null:.1f} s, disk with fsync "
        f"{disk:.1f} s; down {down:.1f} s"
    )
    assert len(list((tmp_path / "down").iterdir())) == MANY


def write_small(path: Path) -> None:
    with path.open("wb") as file:
        file.write(os.urandom(SMALL))
        os.fsync(file.fileno())


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
def test_clients_in_parallel(place, figure, clients):
    """By the protocol itself: 32 processes of the SDK would measure themselves."""
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
