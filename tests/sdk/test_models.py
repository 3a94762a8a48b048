"""Models by the SDK's older calls, and artifacts by its command line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.sdk.place import PATIENCE, environment

REGISTRY = "acme/wandb-registry-model"


def test_a_model_is_logged_linked_used_and_downloaded(sdk):
    linked, path, content, missing = sdk("organization admin with access")(
        """
        import os
        with open("net.bin", "w") as file:
            file.write("weights")
        with wandb.init(entity="other", project="models") as run:
            run.log_model("net.bin", name="net", aliases=["mine"])
            linked = run.link_model("net.bin", "by-call", name="net", aliases=["mine"])
        with wandb.init(entity="other", project="models") as run:
            path = run.use_model(target + ":mine")
            try:
                missing = run.use_model("net:nothing")
            except Exception as error:
                missing = str(error)
        [linked.qualified_name, os.path.basename(path), open(path).read(), missing]
        """,
        target=f"{REGISTRY}/by-call",
    )

    assert linked == f"{REGISTRY}/by-call:v0"
    assert (path, content) == ("net.bin", "weights")
    assert "net:nothing" in missing


class Shell:
    """A person's terminal, in which `wandb` is a command."""

    def __init__(self, home, place, key: str) -> None:
        self.home, self.environment = home, environment(home, place, key)
        del self.environment["WANDB_SILENT"]

    def __call__(self, *arguments: str) -> str:
        """Run it; return all that it says."""
        done = subprocess.run(
            [sys.executable, "-m", "wandb", *arguments],
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout


@pytest.fixture
def shell(place, tmp_path) -> Shell:
    return Shell(tmp_path, place, place.keys["team admin"])


def test_the_command_line_puts_lists_and_gets(shell, tmp_path):
    (tmp_path / "rows.csv").write_text("1,2")
    put = ("artifact", "put", "-n", "other/by-hand/rows", "-t", "dataset", "rows.csv")

    said = shell(*put, "-a", "first")
    listed = shell("artifact", "ls", "other/by-hand")
    shell("artifact", "get", "other/by-hand/rows:first", "--root", "back")

    assert "other/by-hand/rows:v0" in said
    assert "rows:v0" in listed
    assert (tmp_path / "back" / "rows.csv").read_text() == "1,2"


def test_the_command_line_logs_in_with_a_key_and_says_why_not(place, tmp_path):
    shell = Shell(tmp_path, place, "")

    wrong = shell("login", "--host", place.url, "--verify", "accession-" + "x" * 43)
    right = shell("login", "--host", place.url, "--verify", place.keys["member"])

    assert f"Failed to authenticate with {place.url}: This needs an API key" in wrong
    assert "the-member" in right, right
    assert place.keys["member"] in (tmp_path / ".netrc").read_text()
