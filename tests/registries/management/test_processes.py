"""A few commands as real processes: exit codes, streams, Ctrl-C, a polite kill."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.commands import command_line, product_environment, run
from tests.installation import ON_ITS_OWN_DATA
from tests.processes import wait_for

pytestmark = ON_ITS_OWN_DATA
NAME = "acme/model/big one"
OTHER_ENDS = (signal.SIGINT, signal.SIGHUP)  # by day Ctrl-C interrupts a fetch


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """An installation with an organization and a team."""
    data = tmp_path_factory.mktemp("data")
    commands = (
        ("migrate", "-v0"),
        ("create_user", "anouk@acme.example", "anouk"),
        ("create_organization", "acme", "Acme", "--admin", "anouk"),
        ("create_team", "acme/vision"),
    )
    call = "from django.core.management import call_command as call; "
    calls = "; ".join(f"call(*{arguments})" for arguments in commands)
    done = run("shell", "--no-imports", "-c", call + calls, data=data)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two files; the second is too large to be read in no time, and takes no room."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"small")
    with (folder / "b.bin").open("wb") as file:
        file.truncate(4 << 30)
    return folder


def pending(data: Path) -> int:
    with closing(sqlite3.connect(data / "accession.sqlite3")) as database:
        rows = "SELECT count(*) FROM registries_artifact WHERE state = 'pending'"
        return int(database.execute(rows).fetchone()[0])


def staged(data: Path) -> list[Path]:
    return list((data / "blobs" / "tmp").glob("*"))


def start(data: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command_line(*map(str, arguments)),
        env=product_environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def size(path: Path) -> int:
    """Its bytes by now; none if it is gone, or has got its name."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def stop_half_way(
    process: subprocess.Popen[str], number: int, paths: Callable[[], Iterable[Path]]
) -> tuple[str, str]:
    """Send a signal once a megabyte is there, if it has not ended; return what it said."""

    def is_time() -> bool:
        return process.poll() is not None or any(size(each) > 1_000_000 for each in paths())

    wait_for(is_time)
    process.send_signal(number)
    return process.communicate(timeout=60)


def fetch_interrupted(data: Path, target: Path) -> int:
    """Press Ctrl-C while it fetches, again if it was done by then; return its code."""
    for _ in range(10):
        shutil.rmtree(target, ignore_errors=True)
        process = start(data, "fetch", "acme/model/fetched", target)
        stop_half_way(process, signal.SIGINT, lambda: target.glob(".*.part"))
        if not (target / "big.bin").exists():
            break
    return process.returncode


def shown_on(controller: int) -> str:
    """What a terminal shows until nothing writes to it any more."""
    shown = b""
    with suppress(OSError):  # how its end is said
        while piece := os.read(controller, 100_000):
            shown += piece
    os.close(controller)
    return shown.decode()


def test_results_go_to_standard_output_and_notes_do_not(data, tmp_path):
    (tmp_path / "small").write_bytes(b"small")

    done = run(
        "publish", tmp_path / "small", "acme/models/small", "--team=vision", data=data
    )

    assert (done.returncode, done.stdout) == (0, "acme/model/small:v0\n")
    assert done.stderr == "Published 1 file, 5 B.\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("list", "nowhere"), 1),
        (("fetch", "a/b/c"), 2),
        pytest.param(("list", "a//b"), 2, marks=pytest.mark.nightly),
    ],
)
def test_a_refusal_exits_with_1_and_wrong_usage_with_2(data, arguments, code):
    done = run(*arguments, data=data)

    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr == "Refused: There is no organization nowhere.\n"


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        *(pytest.param(each, marks=pytest.mark.nightly) for each in OTHER_ENDS),
    ],
)
def test_an_interrupted_publish_leaves_nothing(data, folder, number):
    process = start(data, "publish", folder, NAME, "--team", "vision")

    out, err = stop_half_way(process, number, lambda: staged(data))

    assert (process.returncode, out, err) == (130, "", "Failed: Interrupted.\n")
    assert staged(data) == []
    assert pending(data) == 0


def test_an_interrupted_fetch_is_resumed(data, tmp_path):
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        file.truncate(80_000_000)
    done = run("publish", big, "acme/model/fetched", "--team", "vision", data=data)
    assert done.returncode == 0, done.stderr
    target = tmp_path / "out"

    assert fetch_interrupted(data, target) == 130
    (partial,) = target.glob(".*.part")
    assert not (target / "big.bin").exists()
    assert partial.stat().st_size  # all, where it was just about to get its name

    done = run("fetch", "acme/model/fetched", target, data=data)
    assert done.returncode == 0, done.stderr
    assert subprocess.run(["cmp", big, target / "big.bin"], check=False).returncode == 0
    assert list(target.glob(".*.part")) == []


def test_a_terminal_sees_a_bar_that_reaches_the_end(data, tmp_path):
    (tmp_path / "some").write_bytes(os.urandom(30_000_000))
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        command_line("publish", tmp_path / "some", "acme/model/some", "--team=vision"),
        env=product_environment(data),
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    os.close(terminal)
    shown = shown_on(controller)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Publishing [" in shown
    assert "[############################] 100%" in shown
    assert "30.0 MB" in shown


def test_a_reader_that_goes_away_is_no_error(data):
    listing = start(data, "list", "acme/model")
    listing.stdout.close()
    listing.stdout = None
    _, errors = listing.communicate(timeout=60)

    assert (listing.returncode, errors) == (0, "")
