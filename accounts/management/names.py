"""What commands take: names like ORG/NAME, whose parts hold no slash (rules.md, section 5),
and days.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

MOST_DAYS = 36500


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


def in_days(value: str) -> datetime:
    """Parse a number of days; return the moment when they are over."""
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MOST_DAYS:
        raise ArgumentTypeError(f"days are a number from 1 to {MOST_DAYS:,}")
    return timezone.now() + timedelta(days=int(value))
