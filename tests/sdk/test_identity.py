"""Logging in with the SDK, and who it says one is."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from tests.sdk.place import Sdk

LOGIN = "wandb.login(key=key, host=host, verify=True, relogin=True)"


@pytest.fixture
def shell(sdk):
    """The SDK of somebody who may only look."""
    return sdk("restricted viewer")


def test_a_key_of_ours_logs_in_and_is_kept(shell, place):
    assert shell(LOGIN, key=place.keys["restricted viewer"], host=place.url) is True

    kept = (shell.home / ".netrc").read_text().split()
    assert kept[1] == place.url.removeprefix("http://")
    assert kept[-1] == place.keys["restricted viewer"]


def test_a_wrong_key_is_refused_by_us_and_a_short_one_by_the_sdk(shell, place):
    wrong = shell.refused(LOGIN, key="accession-" + "x" * 43, host=place.url)
    short = shell.refused(LOGIN, key="too-short", host=place.url)

    assert "AuthenticationError" in wrong
    assert "API key must have 40+ characters" in short


NO_TOKENS = "This server takes no identity tokens: unset WANDB_IDENTITY_TOKEN_FILE, and set"
ASK = [
    "wandb.login(verify=True)",
    "wandb.Api().viewer",
    "wandb.init(entity='other', project='p')",
]


def test_an_identity_token_is_refused_at_once(place, tmp_path):
    token = tmp_path / "token"
    token.write_text("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln")
    with closing(Sdk(tmp_path / "home", place, "")) as sdk:
        sdk(f"import os; os.environ['WANDB_IDENTITY_TOKEN_FILE'] = {str(token)!r}")

        began = time.monotonic()
        answers = [sdk.refused(ask) for ask in ASK]
        took = time.monotonic() - began

    assert [answer for answer in answers if NO_TOKENS not in answer] == []
    assert took < 50  # asked again and again, it takes twice that
