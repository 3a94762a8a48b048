"""Logging in with the SDK, and who it says one is."""

from __future__ import annotations

import pytest

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
    wrong = shell.refused(LOGIN, key="accession_" + "x" * 43, host=place.url)
    short = shell.refused(LOGIN, key="too-short", host=place.url)

    assert "AuthenticationError" in wrong
    assert "API key must have 40+ characters" in short
