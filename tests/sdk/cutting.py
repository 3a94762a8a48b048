"""A line to the server that breaks: the request gets there, its answer does not."""

from __future__ import annotations

import socket
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self


class Cutting(ThreadingHTTPServer):
    """Hands requests on; loses the answer to each that it sees for the first time.

    What a request is, is its method, address and body: asked again, it is answered.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: set[tuple[str, str, bytes]] = set()
        self.lost: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = Thread(target=self.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where one asks instead of at the server itself."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Cutting
    protocol_version = "HTTP/1.1"

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        onward = HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        onward.request(self.command, self.path, body, dict(self.headers.items()))
        answer = onward.getresponse()
        said = answer.read()
        onward.close()
        request = (self.command, self.path, body)
        if request not in self.server.seen:
            self.server.seen.add(request)
            self.server.lost.append(f"{self.command} {self.path} {body[:200]!r}")
            self._cut()
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    do_GET = do_POST = do_PUT = do_HEAD = _hand_on  # noqa: N815

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
