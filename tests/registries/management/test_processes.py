"""A few commands as real processes: exit codes, streams, Ctrl-C, a polite kill."""

from __future__ import annotations

import os
import pty
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
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


def half_written(places: Callable[[], list[Path]]) -> Callable[[], bool]:
    return lambda: any(path.stat().st_size > 20_000_000 for path in places())


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
    wait_for(half_written(lambda: staged(data)))

    process.send_signal(number)
    out, err = process.communicate(timeout=60)

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
    process = start(data, "fetch", "acme/model/fetched", target)
    wait_for(half_written(lambda: list(target.glob(".*.part"))))

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    (partial,) = target.glob(".*.part")
    assert not (target / "big.bin").exists()
    assert 0 < partial.stat().st_size < 80_000_000

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
    process.communicate(timeout=60)
    shown = os.read(controller, 100_000).decode()
    os.close(controller)

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
