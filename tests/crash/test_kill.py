"""Kill -9 of server, worker and publishers at random moments loses nothing acknowledged."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode

import pytest

from tests.commands import command_line, product_environment
from tests.crash.ledger import Ledger, digest
from tests.installation import ON_ITS_OWN_DATA, Installation, Visitor, kill_process
from tests.processes import wait_for

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(5400), ON_ITS_OWN_DATA]

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "50"))
SEED = os.environ.get("CRASH_SEED", str(random.randrange(10**6)))
PUBLISHERS = 2


@pytest.fixture
def installation(tmp_path) -> Iterator[Installation]:
    installation = Installation(tmp_path / "data")
    with installation:
        installation.add_person("anouk")
        installation.manage("create_organization", "acme", "Acme", "--admin", "anouk")
        for number in range(PUBLISHERS):
            installation.manage("create_team", f"acme/team-{number}")
        yield installation


class Busy:
    """Somebody who works until everything is killed."""

    def __init__(self) -> None:
        self.is_over = Event()
        self.done = 0
        self.thread = Thread(target=self.work)
        self.thread.start()

    def work(self) -> None:
        while not self.is_over.is_set():
            self.work_once()

    def work_once(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self.is_over.set()
        self.thread.join()


class Publisher(Busy):
    """Publishes one folder after another; what a command printed is acknowledged."""

    def __init__(self, number: int, ledger: Ledger, folder: Path, dice: random.Random):
        self.number, self.ledger, self.folder, self.dice = number, ledger, folder, dice
        self.process: subprocess.Popen[str] | None = None
        self.last: tuple[str, ...] = ()
        self.killed = 0
        super().__init__()

    def work_once(self) -> None:
        files = self._fill()
        collection = f"acme/model/c{self.dice.randrange(4)}"
        self.last = ("publish", str(self.folder), collection, f"--team=team-{self.number}")
        self.process = subprocess.Popen(
            command_line(*self.last),
            env=product_environment(self.ledger.data),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.is_over.is_set():
            kill_process(self.process.pid)
        name = self.process.communicate()[0].strip()
        if self.process.returncode == 0:
            self.ledger.versions[name] = files
            self.done += 1
        else:
            assert self.process.returncode == -9, self.process.returncode
            self.killed += 1

    def kill(self) -> None:
        self.is_over.set()
        if self.process is not None:
            kill_process(self.process.pid)

    def _fill(self) -> dict[str, str]:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for number in range(self.dice.choice([1, 10, 50, 250])):
            size = self.dice.choice([0, 100, 5_000, 60_000])
            (self.folder / f"{number}.bin").write_bytes(self.dice.randbytes(size))
        if self.dice.random() < 0.2:
            (self.folder / "large.bin").write_bytes(self.dice.randbytes(12_000_000))
        return {path.name: digest(path) for path in self.folder.iterdir()}


class Creator(Busy):
    """Creates registries in the browser; an answer that leads to one is acknowledged."""

    def __init__(self, visitor: Visitor, ledger: Ledger, prefix: str) -> None:
        self.visitor, self.ledger, self.prefix = visitor, ledger, prefix
        with visitor.open("/orgs/acme/registries/new/") as page:
            found = re.search(
                r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode()
            )
        assert found is not None
        self.token = found[1]
        super().__init__()

    def work_once(self) -> None:
        name = f"{self.prefix}-{self.done}"
        form = {"name": name, "visibility": "restricted", "icon": "eye"}
        form |= {"accepted": "all", "csrfmiddlewaretoken": self.token}
        try:
            with self.visitor.open(
                "/orgs/acme/registries/new/", urlencode(form).encode()
            ) as page:
                assert page.url.endswith(f"/registry/{name}/"), page.url
        except (OSError, HTTPException):
            self.is_over.set()  # the server died while it answered
            return
        self.ledger.registries.add(name)
        self.done += 1


def test_nothing_acknowledged_is_lost_by_fifty_kills(installation, tmp_path, figure):
    dice = random.Random(SEED)
    ledger = Ledger(installation.data)
    figures: Counter[str] = Counter()
    slowest, pace = 0.0, time_of_publish(installation, ledger, tmp_path)
    installation.kill()
    for number in range(ROUNDS):
        began = time.monotonic()
        installation.start()
        slowest = max(slowest, time.monotonic() - began)
        ledger.check()
        before = ledger.traces()
        creator = Creator(installation.visitor("anouk"), ledger, f"r{number}")
        publishers = [
            Publisher(each, ledger, tmp_path / f"p{each}", random.Random(dice.random()))
            for each in range(PUBLISHERS)
        ]
        time.sleep(pace * dice.uniform(0.3, 3.5))
        if number % 2:  # half of the kills while files are on their way
            wait_for(lambda: any((ledger.blobs / "tmp").iterdir()))
            time.sleep(pace * dice.uniform(0, 0.3))

        for publisher in publishers:
            publisher.kill()
        installation.kill()
        for busy in (creator, *publishers):
            busy.stop()

        after = ledger.traces()
        figures["publishes acknowledged"] += sum(each.done for each in publishers)
        figures["publishes killed"] += sum(each.killed for each in publishers)
        figures["of these with traces in the database"] += after[0] - before[0]
        figures["of these with staged files"] += after[1] - before[1]
        figures["registries acknowledged"] += creator.done

    installation.start()
    ledger.check()
    for publisher in publishers:
        name = installation.manage(*publisher.last)  # what was killed is simply done again
        ledger.versions[name] = {
            path.name: digest(path) for path in publisher.folder.iterdir()
        }
    ledger.hashed.clear()
    ledger.check()
    check_as_people_see_it(installation, ledger, tmp_path)
    figure(report(figures, ledger, slowest))
    assert figures["publishes acknowledged"] >= ROUNDS // 5  # in company they are slow
    assert figures["of these with traces in the database"] >= ROUNDS // 10


def time_of_publish(installation: Installation, ledger: Ledger, tmp_path: Path) -> float:
    """Publish something of middling size; return how long it takes here, today."""
    folder = tmp_path / "first"
    folder.mkdir()
    for number in range(100):
        (folder / str(number)).write_bytes(os.urandom(5000))
    began = time.monotonic()
    name = installation.manage("publish", folder, "acme/model/c0", "--team", "team-0")
    ledger.versions[name] = {path.name: digest(path) for path in folder.iterdir()}
    return time.monotonic() - began


def check_as_people_see_it(
    installation: Installation, ledger: Ledger, tmp_path: Path
) -> None:
    """The commands agree: every byte is right, and comes out as it went in."""
    assert installation.manage("verify_blobs").startswith("Checked ")
    newest = list(ledger.versions.items())[-3:]
    for number, (name, files) in enumerate(newest):
        folder = tmp_path / f"out-{number}"
        installation.manage("fetch", name, folder)
        assert {path.name: digest(path) for path in folder.iterdir()} == files
    installation.manage("sweep_blobs")
    ledger.check()


def report(figures: Counter[str], ledger: Ledger, slowest: float) -> str:
    """Say what happened; the seed makes the same moments again."""
    lines = [f"{value:>6}  {what}" for what, value in figures.items()]
    lines.append(f"{len(ledger.hashed):>6}  files under final names, all right")
    lines.append(f"{slowest:>6.1f}  seconds for the slowest start")
    return "\n".join([f"{ROUNDS} kills, CRASH_SEED={SEED}", *lines])
