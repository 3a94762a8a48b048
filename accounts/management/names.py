"""Names as commands take them: ORG/NAME. No name holds a slash (rules.md, section 5)."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import NamedTuple


class Named(NamedTuple):
    """Something in an organization; without a name, the organization itself."""

    organization: str
    name: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, self))


def in_organization(value: str) -> Named:
    """Parse ORG/NAME."""
    return Named(*parts(value, "ORG/NAME", least=2, most=2))


def organization_or_in_it(value: str) -> Named:
    """Parse ORG[/NAME]."""
    return Named(*parts(value, "ORG[/NAME]", least=1, most=2))


def parts(value: str, shape: str, *, least: int, most: int) -> list[str]:
    """Split a full name at its slashes; none of its parts is empty."""
    names = value.split("/")
    if not least <= len(names) <= most or not all(names):
        raise ArgumentTypeError(f"{value!r} is not a name like {shape}")
    return names
