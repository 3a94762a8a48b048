"""What tests need of the machine: absent, they skip, or fail where it was promised."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = os.environ.get("ACCESSION_REQUIRE", "").split(",")
"""What this run promises to have, so that its absence is a failure: `browser,postgres`."""


def lacks(need: str, how_to_get_it: str) -> NoReturn:
    """Skip the test that asks, or fail it where the need was promised."""
    (pytest.fail if need in REQUIRED else pytest.skip)(
        f"{need} is missing: {how_to_get_it}"
    )
