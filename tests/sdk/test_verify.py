"""`wandb verify`, which administrators run against a server of their own."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.sdk.place import environment

FAILS = {
    "Checking requests to base url",  # no test server has a certificate
    "Checking requests made over signed URLs",
    "Checking sweep creation and agent execution",  # no part of this
}


def test_every_check_passes_that_needs_neither_sweeps_nor_https(place, tmp_path):
    """Serving over https is a proxy's; sweeps belong to other products."""
    done = subprocess.run(
        [sys.executable, "-m", "wandb", "verify"],
        env=environment(tmp_path, place, place.keys["team admin"]),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )

    checks = dict(re.findall(r"^(Checking .*?)\.{2,}(.)$", done.stdout, re.MULTILINE))
    assert len(checks) == 10, done.stdout
    assert {name for name, mark in checks.items() if mark != "✅"} == FAILS, done.stdout
    assert "Failed to create sweep" in done.stdout
