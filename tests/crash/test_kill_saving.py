"""Kill -9 of the server while programs save over the wire: they go on where they were."""

from __future__ import annotations

import hashlib
import os
import random
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from tests.crash.ledger import Ledger
from tests.registries.wire.saving import Answer, Saving, entry, manifest
from tests.sdk.place import Place, filled

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "50"))
SEED = os.environ.get("CRASH_SEED", str(random.randrange(10**6)))
PROGRAMS = 3
COLLECTIONS = 2
KEPT = """
    SELECT entry.path, blob.sha256 FROM registries_version version
    JOIN registries_collection collection ON collection.id = version.collection_id
    JOIN registries_entry entry ON entry.artifact_id = version.artifact_id
    JOIN registries_blob blob ON blob.id = entry.blob_id
    WHERE collection.name = ? AND collection.project_id IS NOT NULL AND version.number = ?
"""


class Died(Exception):
    """The server went away before it answered."""


class Program:
    """Saves one artifact after the other; begins the one again that was interrupted."""

    def __init__(self, place: Place, number: int, dice: random.Random) -> None:
        self.place, self.number, self.dice = place, number, dice
        self.saving = Saving(self.send)
        self.saved: dict[tuple[str, int], dict[str, str]] = {}
        self.files: dict[str, bytes] = {}
        self.acknowledged: set[str] = set()
        self.figures: Counter[str] = Counter()
        self.is_over = Event()
        self.failure: BaseException | None = None

    def send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        key = b64encode(f"api:{self.place.keys['team admin']}".encode()).decode()
        line = HTTPConnection("127.0.0.1", self.place.port, timeout=60)
        try:
            line.request(method, path, body, {"Authorization": f"Basic {key}", **headers})
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException) as error:
            raise Died from error
        finally:
            line.close()

    def start(self) -> None:
        self.is_over.clear()
        self.thread = Thread(target=self._work)
        self.thread.start()

    def stop(self) -> None:
        self.is_over.set()
        self.thread.join()
        if self.failure is not None:
            raise self.failure

    def _work(self) -> None:
        try:
            while not self.is_over.is_set():
                if not self.files:
                    self._think()
                self._save()
        except Died:
            self.figures["saves interrupted"] += 1
        except BaseException as failure:  # raised again by the test's own thread
            self.failure = failure

    def _think(self) -> None:
        """Make up an artifact."""
        sizes = self.dice.choices([0, 100, 5000, 100_000], k=self.dice.choice([1, 4, 12]))
        self.files = {f"{n}.bin": self.dice.randbytes(size) for n, size in enumerate(sizes)}
        self.name = f"c{self.dice.randrange(COLLECTIONS)}"
        self.client_id = f"{self.dice.randrange(10**40):040}"
        self.acknowledged = set()

    def _save(self) -> None:
        """Save it as the SDK does; what was acknowledged before is not asked for again."""
        begun = self.saving.begin(self.files, self.name, clientID=self.client_id)
        if begun["state"] == "PENDING":
            self._fill(begun["id"])
        done = self.saving.commit(begun["id"])
        sha256 = {p: hashlib.sha256(c).hexdigest() for p, c in self.files.items()}
        self.saved[self.name, done["versionIndex"]] = sha256
        self.figures["saves acknowledged"] += 1
        self.files = {}

    def _fill(self, artifact: str) -> None:
        places = self.saving.announce(artifact, self.files)
        for place, (path, content) in zip(places, self.files.items(), strict=True):
            if place["uploadUrl"] is None:
                continue
            assert path not in self.acknowledged, "an acknowledged file was lost"
            status, answer = self.send(
                "PUT", urlsplit(place["uploadUrl"]).path, content, {}
            )
            assert status == 200, answer
            self.acknowledged.add(path)
            self.figures["files acknowledged"] += 1
        contents = {path: entry(content) for path, content in self.files.items()}
        status, answer = self.saving.describe(artifact, manifest(contents))
        assert status == 200, answer


def test_nothing_that_programs_were_told_is_lost_by_fifty_kills(tmp_path: Path, figure):
    dice = random.Random(SEED)
    with filled(tmp_path / "data") as place, place:
        ledger = Ledger(place.data, place.environment.get("DATABASE_URL", ""))
        programs = [
            Program(place, number, random.Random(dice.random()))
            for number in range(PROGRAMS)
        ]
        for _ in range(ROUNDS):
            for program in programs:
                program.start()
            time.sleep(dice.uniform(0.2, 2))
            place.kill()
            for program in programs:
                program.stop()
            check(ledger, programs)
            place.start()
        for program in programs:
            program.start()
            program.stop()
        place.kill()
        check(ledger, programs)
        place.start()
    figures = sum((program.figures for program in programs), Counter())
    lines = [f"{value:>6}  {what}" for what, value in figures.items()]
    figure("\n".join([f"{ROUNDS} kills while saving, CRASH_SEED={SEED}", *lines]))
    assert figures["saves acknowledged"] >= ROUNDS // 2
    assert figures["saves interrupted"] >= ROUNDS


def check(ledger: Ledger, programs: list[Program]) -> None:
    """What was acknowledged is there, and nothing is half done."""
    ledger.check()
    with ledger.rows() as ask:
        for program in programs:
            for (name, number), files in program.saved.items():
                assert dict(ask(KEPT, (name, number))) == files, (name, number)
