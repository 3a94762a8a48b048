"""SDKs of other years: each call answers as with the newest, but for what they lack."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.needs import lacks
from tests.sdk.calls import CALLS, START
from tests.sdk.place import Sdk

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]

PERSON = "organization admin with access"
VERSIONS = ["0.19.11", "0.22.3", "0.26.1", "0.28.2", "0.31.0"]
NO_ORDER = "TypeError: Registries.versions() got an unexpected keyword argument 'order'"
NO_MEMBERS = "AttributeError: 'Registry' object has no attribute 'add_members'"
# They make further keys with one of those that `viewer` lists; ours are told only once.
OWN_KEY = "UnicodeEncodeError: 'latin-1' codec can't encode character"
OTHERWISE: dict[str, dict[str, object]] = {
    "0.19.11": {
        "User.generate_api_key": OWN_KEY,
        "Api.create_registry": [True, "D", "organization", ["model"], "acme"],
        "Registry.members": NO_MEMBERS,
        "Registries.versions(order)": NO_ORDER,
    },
    "0.22.3": {
        "User.generate_api_key": "AuthenticationError: An error occurred",
        "Registry.members": NO_MEMBERS,
        "Registries.versions(order)": NO_ORDER,
    },
    "0.26.1": {"Registries.versions(order)": NO_ORDER},
    "0.28.2": {"Registries.versions(order)": NO_ORDER},
    "0.31.0": {},
}
"""What a version answers where it is not what the newest does: these calls do not work."""


@pytest.fixture
def shell(request, place, tmp_path) -> Iterator[Sdk]:
    """That version of the SDK in somebody's hands, in an environment of its own."""
    python = environment(tmp_path / "environment", request.param)
    sdk = Sdk(tmp_path / "home", place, place.keys[PERSON], str(python))
    yield sdk
    sdk.close()


def environment(folder: Path, version: str) -> Path:
    """Make one; return its Python. The project's pins, of the newest SDK, are not asked."""
    uv = shutil.which("uv")
    if uv is None:
        lacks("sdk", "install uv, which makes the environments of older versions")
    python = folder / "bin/python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    install = [uv, "pip", "install", "--quiet", "--no-config", "--python", str(python)]
    subprocess.run([*install, f"wandb=={version}"], check=True)
    return python


@pytest.mark.parametrize(
    ("shell", "version"),
    [(each, each) for each in VERSIONS],
    indirect=["shell"],
    ids=VERSIONS,
)
def test_every_call_works_that_the_version_has(shell, version):
    values = {"v": version.replace(".", "-"), "host": shell.place.url, "key": shell.key}
    otherwise = OTHERWISE[version]

    wrong = {}
    for call, (code, newest) in CALLS.items():
        expected = otherwise.get(call, newest)
        answer = shell.tried(START + dedent(code), **values)
        if isinstance(expected, str) and isinstance(answer, str):
            answer = answer[: len(expected)]  # of an exception, how it begins
        if answer != expected:
            wrong[call] = answer

    assert wrong == {}
