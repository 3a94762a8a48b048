"""What the machine allows: disk, hashes, the wire, nginx, and a server that keeps nothing.

Machines are noisy: each figure of ours stands beside one of these, of the same run.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from xxhash import xxh3_128

from tests.processes import free_port, wait_for
from tests.sdk.place import Place

MIB = 1 << 20
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
HOW_TO_GET_NGINX = "nginx is missing: its limit is not measured"
CONFIGURATION = """
daemon off; user {user}; pid {folder}/pid; error_log {folder}/log; worker_processes auto;
events {{}}
http {{
  access_log off; client_max_body_size 0; keepalive_requests 100000; sendfile on;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; dav_methods PUT; }}
}}
"""


def timed(act: Callable[[], object]) -> float:
    """How many seconds it takes."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


def write(path: Path, size: int) -> None:
    """Write as `dd conv=fsync` does."""
    chunk = os.urandom(min(MIB, size))
    with path.open("wb") as file:
        for _ in range(0, size, MIB):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def hash_all(size: int) -> None:
    """What the server computes of every file, in one thread."""
    _hash(size, hashlib.sha256(), hashlib.md5(), xxh3_128())


def hash_md5(size: int) -> None:
    """The slowest of them: no server that checks what the SDK claims is quicker."""
    _hash(size, hashlib.md5())


def _hash(size: int, *hashes: object) -> None:
    chunk = os.urandom(MIB)
    for _ in range(size // MIB):
        for each in hashes:
            each.update(chunk)


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


@contextmanager
def before(place: Place) -> Iterator[Place]:
    """The place as it is seen through a null server."""
    null = Null(place.port)
    Thread(target=null.serve_forever, daemon=True).start()
    elsewhere = Place(place.data)
    elsewhere.port = null.server_port
    yield elsewhere
    null.shutdown()
    null.server_close()


def through_nginx(folder: Path, files: Sequence[Path]) -> str:
    """Say how long nginx takes for the files, up and down: it neither hashes nor fsyncs."""
    if NGINX is None:
        return HOW_TO_GET_NGINX
    with _nginx(folder) as port:
        there = HTTPConnection("127.0.0.1", port, blocksize=MIB)
        up = timed(lambda: [_put(there, file) for file in files])
        down = timed(lambda: [_get(there, file) for file in files])
        there.close()
    return f"nginx {up:.2f} s up, {down:.2f} s down"


def _put(there: HTTPConnection, file: Path) -> None:
    with file.open("rb") as body:
        length = {"Content-Length": str(file.stat().st_size)}
        there.request("PUT", f"/{file.name}", body, length)
    answer = there.getresponse()
    answer.read()
    assert answer.status == 201


def _get(there: HTTPConnection, file: Path) -> None:
    there.request("GET", f"/{file.name}")
    answer, left = there.getresponse(), file.stat().st_size
    while left:
        piece = answer.read(min(MIB, left))
        assert piece, answer.status
        left -= len(piece)
    answer.read()


@contextmanager
def _nginx(folder: Path) -> Iterator[int]:
    port, configuration = free_port(), folder / "nginx.conf"
    (folder / "root").mkdir(parents=True)
    values = {"user": getpass.getuser(), "folder": folder, "port": port}
    configuration.write_text(CONFIGURATION.format(**values))
    arguments = [NGINX, "-c", str(configuration), "-p", str(folder), "-e", f"{folder}/log"]
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: _answers(port))
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    there = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        there.request("GET", "/")
        there.getresponse().read()
    except OSError:
        return False
    finally:
        there.close()
    return True
