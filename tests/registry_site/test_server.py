"""The real server, started by the code that `start` uses."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from registries.management.binding import Binding
from registries.management.processes import start_server, stop
from tests.processes import descendants, free_port, resident, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MEGABYTE = 1_000_000
SIZE = 200 * MEGABYTE


class Server:
    def __init__(self) -> None:
        self.binding = Binding("127.0.0.1", "127.0.0.1", free_port())
        settings = {"DJANGO_SETTINGS_MODULE": "tests.registry_site.server_settings"}
        self.process = start_server(self.binding, {**os.environ, **settings})

    def is_alive(self) -> bool:
        try:
            return self.get("/healthz") == b"alive\n"
        except OSError:
            return False

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.binding.port, timeout=60)

    def get(self, path: str) -> bytes:
        connection = self.connect()
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def memory(self) -> int:
        return max(resident(pid) for pid in descendants(self.process.pid))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    wait_for(server.is_alive)
    yield server
    stop(server.process)


class Watch:
    """How much the server's memory grew at most while the block ran."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.grown = 0

    def __enter__(self) -> Watch:
        self.before = self.server.memory()
        self.done = Event()
        self.thread = Thread(target=self.look)
        self.thread.start()
        return self

    def look(self) -> None:
        while not self.done.wait(0.02):
            self.grown = max(self.grown, self.server.memory() - self.before)

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


@pytest.mark.parametrize("path", ["/healthz", "/test/drops/"])
def test_a_small_answer_does_not_wait_for_a_delayed_ack(server, path):
    connection = server.connect()
    times = []
    for _ in range(40):  # the first ones are acknowledged at once
        began = time.perf_counter()
        connection.request("GET", path)
        connection.getresponse().read()
        times.append(time.perf_counter() - began)
    connection.close()

    assert min(times[20:]) < 0.03  # the machine may be busy; who waits, waits 0.04 s


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // MEGABYTE):
        yield bytes(MEGABYTE)


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_an_upload_goes_through_and_is_not_kept_in_memory(server, chunked):
    headers = {} if chunked else {"Content-Length": str(SIZE)}
    connection = server.connect()
    with Watch(server) as watch:
        connection.request(
            "PUT", "/test/size/", pieces(SIZE), headers, encode_chunked=chunked
        )
        answer = connection.getresponse().read()
    connection.close()

    assert answer == str(SIZE).encode()
    assert watch.grown < 32 * MEGABYTE


def test_a_download_is_not_kept_in_memory(server):
    connection = server.connect()
    received = 0
    with Watch(server) as watch:
        connection.request("GET", f"/test/zeros/{SIZE}/")
        response = connection.getresponse()
        while piece := response.read(MEGABYTE):
            received += len(piece)
    connection.close()

    assert received == SIZE
    assert watch.grown < 32 * MEGABYTE


def test_a_download_waits_for_a_slow_reader(server):
    with (
        Watch(server) as watch,
        socket.create_connection(("127.0.0.1", server.binding.port)) as slow,
    ):
        slow.sendall(b"GET /test/zeros/%d/ HTTP/1.1\r\nHost: localhost\r\n\r\n" % SIZE)
        slow.recv(1000)
        time.sleep(1)

    assert watch.grown < 32 * MEGABYTE


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=rot13",
        "text/plain; name*=nowhere''x",
        "text/plain; " + "x" * 20_000,
    ],
    ids=lambda content_type: content_type[:30],
)
def test_a_type_of_content_that_does_not_parse_is_no_error_of_ours(server, content_type):
    connection = server.connect()
    connection.request("GET", "/healthz?page=2", headers={"Content-Type": content_type})

    assert connection.getresponse().status == 200
    connection.close()


def test_an_address_that_does_not_parse_is_no_error_of_ours(server):
    connection = server.connect()
    connection.putrequest("GET", "/%ff%00/", skip_host=True)
    connection.putheader("Host", "evil.example")
    connection.endheaders()

    assert connection.getresponse().status == 400
    connection.close()
