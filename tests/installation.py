"""A whole installation in tests: `manage.py start` on its own data, and visitors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.commands import command_line, product_environment, run
from tests.processes import descendants, free_port, is_alive, resident, wait_for

ON_ITS_OWN_DATA = pytest.mark.skipif(
    "DATABASE_URL" in os.environ,
    reason="makes an installation of its own, on SQLite: run it without PostgreSQL",
)
READY = "Ctrl-C stops."  # the last line: address, password and link stand above it
DEMO_PASSWORD = re.compile(r"with the password +(\S+)")
END_OF_LETTER = "-" * 79 + "\n"
PASSWORD = "correct horse battery staple"
PATIENCE = 240
"""How many seconds a start may take: with the demo it is much work."""


class Installation:
    """A data folder with server and worker, which can be started and killed at will."""

    def __init__(self, data: Path, *options: str, mail: Path | None = None) -> None:
        self.data = data
        self.options = options
        self.environment = product_environment(data)
        self.mail = mail
        if mail:
            self.environment["MAIL_URL"] = f"file://{mail}"
        self.port = 0
        self.log = data.with_name(f"{data.name}.log")
        self.password = PASSWORD
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()  # or it would go on without anybody
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def blobs(self) -> Path:
        """The store."""
        return self.data / "blobs"

    def start(self) -> None:
        """Run `manage.py start` until it says that it is ready; again, on the same port."""
        self.port = self.port or free_port()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command_line("start", "--port", self.port, *self.options),
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(lambda: self._is_ready() or self._is_over(), PATIENCE)
        assert self._is_ready(), self.log.read_text()
        self.read_password()

    def read_password(self) -> None:
        """Take the password of the demo, if it said one, for everybody's."""
        if demo := DEMO_PASSWORD.search(self.log.read_text()):
            self.password = demo[1]

    def copied(self, data: Path, *, mail: Path | None = None) -> Installation:
        """Copy what it holds, once it has ended, for another one."""
        assert self.process is None
        shutil.copytree(self.data, data)
        copy = Installation(data, mail=mail)
        copy.password = self.password
        return copy

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def kill(self) -> None:
        """Kill -9 everything of it, at once."""
        assert self.process is not None
        pids = [self.process.pid, *descendants(self.process.pid)]
        for pid in pids:
            kill_process(pid)
        self.process.wait(30)
        wait_for(lambda: not any(map(is_alive, pids)))
        self.process = None

    def manage(self, name: str, *arguments: object, stdin: str = "") -> str:
        """Run a command on its data; return what it wrote to standard output."""
        done = run(name, *arguments, data=self.data, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def refused(self, name: str, *arguments: object) -> str:
        """Run a command that must be refused; return the sentence."""
        done = run(name, *arguments, data=self.data)
        assert (done.returncode, done.stdout) == (1, ""), done
        return done.stderr.rstrip("\n")

    def add_person(self, username: str) -> str:
        """Make an account with the password of the tests."""
        arguments = (email_of(username), username, "--password-stdin")
        return self.manage("create_user", *arguments, stdin=PASSWORD)

    def visitor(self, username: str) -> Visitor:
        """Somebody who signed in through the sign-in page."""
        return Visitor(self.url, username, self.password)

    def mailed(self, address: str) -> str:
        """Wait for a mail to that address; return the path that it leads to, and bin it."""
        wait_for(lambda: self._letters(address))
        file, text = self._letters(address)[0]
        file.unlink()
        return re.search(r"https?://[^/\s]+(/\S+)", text)[1]

    def _letters(self, address: str) -> list[tuple[Path, str]]:
        letters = [(file, file.read_text()) for file in self.mail.glob("*.log")]
        ended = [(file, text) for file, text in letters if text.endswith(END_OF_LETTER)]
        return [each for each in ended if f"\nTo: {address}\n" in each[1]]

    def _is_ready(self) -> bool:
        return READY in self.log.read_text()

    def _is_over(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None


class Visitor:
    """A browser without a screen: cookies, redirects, forms."""

    def __init__(self, url: str, login: str, password: str = PASSWORD) -> None:
        self.url = url
        self.cookies = CookieJar()
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.cookies))
        self._sign_in(login, password)

    def open(self, path: str, data: bytes | None = None) -> Any:
        """Open a page or file; the answer can be read like a file."""
        return self._opener.open(self.url + path, data, timeout=60)

    def status(self, path: str) -> int:
        """Return only the status of the answer."""
        try:
            with self.open(path) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code

    def _sign_in(self, login: str, password: str) -> None:
        with self.open("/") as page:
            sign_in, text = urlsplit(page.url).path, page.read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
        assert token is not None, text
        form = {"login": login, "password": password}
        form["csrfmiddlewaretoken"] = token[1]
        with self.open(sign_in, urlencode(form).encode()) as page:
            assert urlsplit(page.url).path != sign_in, page.read().decode()


def email_of(username: str) -> str:
    """The address of somebody in these tests."""
    return f"{username}@acme.example"


def raw_path(version: str, path: str) -> str:
    """The address of a file of ORG/REGISTRY/COLLECTION:vN."""
    name, _, number = version.partition(":v")
    organization, registry, collection = map(quote, name.split("/"))
    place = f"/orgs/{organization}/registry/{registry}/c/{collection}/v/{number}"
    return f"{place}/raw/{quote(path)}"


def pieces(stream: Any) -> Iterator[bytes]:
    """The bytes of an answer or file, a megabyte at a time."""
    while piece := stream.read(1 << 20):
        yield piece


def kill_process(pid: int) -> None:
    """Kill -9 one process, if it is still there."""
    subprocess.run(["kill", "-9", str(pid)], stderr=subprocess.DEVNULL, check=False)


def peak_memory(process: subprocess.Popen[Any]) -> int:
    """Wait for a process to end; return the most memory that it had, in bytes."""
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        if "VmHWM:" in status:
            peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
        time.sleep(0.02)
    return peak


class Watch:
    """How much the memory of server and worker grew at most while the block ran."""

    def __init__(self, installation: Installation) -> None:
        self.pids = descendants(installation.process.pid)
        self.grown = 0

    def __enter__(self) -> Watch:
        self.before = self.memory()
        self.done = Event()
        self.thread = Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()

    def look(self) -> None:
        while not self.done.wait(0.05):
            self.grown = max(self.grown, self.memory() - self.before)

    def memory(self) -> int:
        return sum(map(resident, self.pids))
