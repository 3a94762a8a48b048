"""`manage.py start` as people run it: a process with its own data folder and port."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.conf import settings

from tests.installation import ON_ITS_OWN_DATA
from tests.processes import descendants, free_port, is_alive, wait_for

pytestmark = [
    ON_ITS_OWN_DATA,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

SECRETS = ("SECRET_KEY", "API_KEY_PEPPER", "TRANSFER_KEY", "SEALING_KEY")
OWN = (*SECRETS, "DATABASE_URL", "BASE_URL", "DEBUG", "BLOB_DIR")
"""Settings of the suite that an installation of its own must not see."""
PERSON = {
    "full_name": "Anouk de Vries",
    "email": "anouk@northwind.example",
    "username": "anouk",
    "password": "seven brass lanterns",
    "display_name": "Northwind Labs",
    "organization": "northwind",
}


def environment(data: Path, **values: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OWN}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "registry_site.settings",
        "DATA_DIR": str(data),
        "PYTHONUNBUFFERED": "1",
        **values,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "start", *arguments]


class Start:
    """A running `start`, and what it printed."""

    def __init__(self, data: Path, *arguments: str, **values: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            command("--port", str(self.port), *arguments),
            env=environment(data, **values),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.printed = ""
        self.reader = Thread(target=self.read)
        self.reader.start()
        self.family = [self.process.pid]

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line

    def until_ready(self) -> Start:
        wait_for(lambda: "Ctrl-C" in self.printed or self.process.poll() is not None)
        assert self.process.poll() is None, self.printed
        self.family += descendants(self.process.pid)
        return self

    def child(self, word: str) -> int | None:
        """The process below start with that word in its command line."""
        pids = filter(is_alive, descendants(self.process.pid))
        return next((pid for pid in pids if word in cmdline(pid)), None)

    def worker(self) -> int | None:
        return self.child("manage.py\0worker")

    def server(self) -> int | None:
        return self.child("management.server")

    def link(self) -> str:
        found = re.search(r"http://\S+/setup/\S+", self.printed)
        assert found, self.printed
        return found[0]

    def end(self) -> int:
        code = self.process.wait(30)
        self.reader.join()
        return code

    def leaves_nothing(self) -> None:
        wait_for(lambda: not any(map(is_alive, self.family)))

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.end()
        self.process.stdout.close()


def cmdline(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return ""


class Browser:
    """Keeps cookies and fills forms."""

    def __init__(self) -> None:
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, url: str, data: dict[str, Any] | None = None) -> tuple[int, str, str]:
        try:
            answer = self.opener.open(url, urlencode(data).encode() if data else None)
        except HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.url, answer.read().decode()

    def submit(self, url: str, values: dict[str, str]) -> tuple[int, str, str]:
        page = self.get(url)[2]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page
        return self.get(url, {**values, "csrfmiddlewaretoken": token[1]})


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Start:
    """The first start on a folder that was not there; it has ended."""
    start = Start(tmp_path_factory.mktemp("first") / "deep" / "data").until_ready()
    start.process.send_signal(signal.SIGTERM)
    start.close()
    return start


@pytest.fixture(scope="module")
def prepared(first, tmp_path_factory) -> Path:
    """A data folder as the first start leaves it; nothing runs on it."""
    return Path(shutil.copytree(first.data, tmp_path_factory.mktemp("prepared") / "data"))


@pytest.fixture(scope="module")
def interrupted(prepared, tmp_path_factory) -> Start:
    """A start for others, whose people pressed Ctrl-C again and again; it has ended."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("interrupted") / "data")
    start = Start(data, "--host", "0.0.0.0", BASE_URL="http://registry.example.org")
    start.until_ready()
    for _ in range(8):
        os.killpg(start.process.pid, signal.SIGINT)
        time.sleep(0.05)
    start.close()
    return start


@pytest.fixture(scope="module")
def killed(prepared, tmp_path_factory) -> Start:
    """A start that was killed."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("killed") / "data")
    start = Start(data).until_ready()
    start.process.kill()
    start.close()
    return start


@pytest.fixture(scope="module")
def running(killed) -> Iterator[Start]:
    """A start on the folder of the one that was killed."""
    start = Start(killed.data).until_ready()
    yield start
    start.close()


@pytest.fixture
def data(prepared, tmp_path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "data"))


@pytest.fixture
def start(data) -> Iterator[Start]:
    start = Start(data).until_ready()
    yield start
    start.close()


def refused(data: Path, *arguments: str, **values: str) -> str:
    """Run a start that cannot succeed; return the one sentence it says."""
    ended = subprocess.run(
        command(*arguments),
        env=environment(data, **values),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


def test_the_first_start_makes_the_folder_and_says_what_it_does(first):
    assert "Preparing the database" in first.printed
    assert f"Accession is ready: {first.url}\n" in first.printed
    assert (first.data / "secrets/session-key").stat().st_mode & 0o777 == 0o600


def test_a_polite_kill_stops_everything(first, prepared):
    assert first.end() == 0
    assert first.printed.endswith("Stopped.\n")
    first.leaves_nothing()
    # Whoever copies the database's file alone has everything.
    assert not (prepared / "accession.sqlite3-wal").exists()


def test_a_later_start_has_nothing_to_prepare(running):
    assert "Preparing" not in running.printed


def test_the_server_answers_and_is_ready(running):
    assert Browser().get(f"{running.url}/ready")[0] == 200


def test_the_link_explains_what_is_wrong_and_keeps_what_was_typed(running):
    status, _, page = Browser().submit(running.link(), {**PERSON, "password": "short"})

    assert status == 422
    assert "12 characters" in page
    assert 'value="anouk@northwind.example"' in page


def test_a_forged_link_leads_nowhere(running):
    assert Browser().get(running.link()[:-3] + "xx/")[0] == 404


def test_the_link_stays_out_of_the_log(running):
    Browser().get(running.link())

    wait_for(lambda: "/setup/[masked]/" in running.printed)
    assert running.printed.count(running.link()) == 1


@pytest.mark.nightly  # by day people are impatient, as below
def test_ctrl_c_in_the_terminal_stops_everything_once(start):
    os.killpg(start.process.pid, signal.SIGINT)

    assert start.end() == 0
    assert "Traceback" not in start.printed
    start.leaves_nothing()


def test_an_impatient_second_ctrl_c_changes_nothing(interrupted):
    assert interrupted.end() == 0
    assert "Traceback" not in interrupted.printed
    interrupted.leaves_nothing()


def test_for_others_it_announces_the_address_they_use(interrupted):
    assert "Accession is ready: http://registry.example.org\n" in interrupted.printed
    assert interrupted.link().startswith("http://registry.example.org/setup/")


def test_nothing_outlives_a_start_that_is_killed(killed):
    killed.leaves_nothing()


def test_a_start_that_is_stopped_while_it_prepares_says_so(tmp_path):
    start = Start(tmp_path / "data")
    wait_for(lambda: "Preparing" in start.printed)
    start.process.send_signal(signal.SIGINT)

    assert start.end() == 0
    assert "Traceback" not in start.printed
    start.close()


def test_a_worker_that_dies_is_started_again(running):
    first = running.worker()
    assert first is not None
    os.kill(first, signal.SIGKILL)

    wait_for(lambda: running.worker() not in {None, first})

    assert "The worker stopped; it is started again." in running.printed


@pytest.mark.nightly  # by day tests/accounts/test_jobs.py lets a lease run out
def test_a_job_outlives_the_worker_that_is_killed_at_it(data):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        return subprocess.run(
            manage, env=environment(data), capture_output=True, text=True, check=False
        )

    dying = (
        "from accounts import jobs; import os; jobs.enqueue('verify_blobs'); jobs.claim(); "
    )
    assert run("shell", "-c", dying + "os.kill(os.getpid(), 9)").returncode == -9
    assert run("worker", "--once").stdout == "0 jobs done.\n"

    with sqlite3.connect(data / "accession.sqlite3") as database:
        database.execute("UPDATE accounts_job SET claimed_until = '2020-01-01'")
    database.close()

    assert run("worker", "--once").stdout == "1 job done.\n"


@pytest.mark.usefixtures("running")
def test_a_second_start_on_the_same_folder_is_refused(running):
    said = refused(running.data, "--port", str(free_port()))

    assert said == f"Failed: Accession runs already on the data folder {running.data}.\n"


def test_a_port_in_use_is_refused(data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert f"Port {port} on 127.0.0.1 is in use" in refused(data, "--port", str(port))


def test_a_file_in_the_way_of_the_data_folder_is_refused(tmp_path):
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file")

    assert f"The data folder {in_the_way} cannot be used" in refused(in_the_way)


@pytest.mark.nightly  # by day the data folder, as above
def test_a_blob_folder_that_cannot_be_used_is_refused(data):
    shutil.rmtree(data / "blobs")
    (data / "blobs").write_text("a file")

    assert f"The data folder {data} cannot be used" in refused(data)


def test_a_newer_schema_is_refused(data):
    with sqlite3.connect(data / "accession.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('registries', '9999_future', '2030-01-01')"
        )
    database.close()

    said = refused(data, "--port", str(free_port()))

    assert "newer version of Accession (registries.9999_future)" in said


def test_a_database_that_is_no_database_is_refused(data):
    (data / "accession.sqlite3").write_bytes(b"x" * 8192)

    assert "The database cannot be used" in refused(data, "--port", str(free_port()))


def test_listening_for_others_needs_the_address_they_use(data):
    assert "set BASE_URL" in refused(data, "--host", "0.0.0.0")


def test_listening_for_others_with_debug_is_refused(data):
    values = {"DEBUG": "1", "BASE_URL": "http://registry.example.org"}

    assert "DEBUG shows secrets" in refused(data, "--host", "0.0.0.0", **values)


def test_a_host_that_is_not_of_this_machine_is_refused(data):
    base_url = "http://registry.example.org"

    assert "198.51.100.7" in refused(data, "--host", "198.51.100.7", BASE_URL=base_url)
    assert "not an address" in refused(data, "--host", "no.such.host.invalid")


def test_the_link_makes_the_first_account_signs_it_in_and_dies(running):
    status, url, page = Browser().submit(running.link(), PERSON)

    assert (status, url) == (200, f"{running.url}/orgs/northwind/registry/")
    assert "Northwind Labs" in page
    assert Browser().get(running.link())[0] == 404


def test_the_end_of_the_server_is_the_end_of_start(running):
    """Nothing can be asked of it afterwards: this comes last."""
    server = running.server()
    assert server is not None
    running.family += descendants(running.process.pid)
    os.kill(server, signal.SIGKILL)

    assert running.end() == 1
    assert "The server stopped by itself" in running.printed
    assert "Traceback" not in running.printed
    running.leaves_nothing()
