"""Full names as commands take them: ORG/REGISTRY/COLLECTION:ALIAS.

No name holds a slash or a colon (rules.md, section 5), so that spaces and dots need no
quoting but the shell's.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import NamedTuple

from accounts.management.names import parts


class Name(NamedTuple):
    """The parts of a full name, from the left; those not given are empty."""

    organization: str = ""
    registry: str = ""
    collection: str = ""
    alias: str = ""

    def __str__(self) -> str:
        path = "/".join(filter(None, self[:3]))
        return f"{path}:{self.alias}" if self.alias else path


def registry_name(value: str) -> Name:
    """Parse ORG/REGISTRY."""
    return Name(*parts(value, "ORG/REGISTRY", least=2, most=2))


def collection_name(value: str) -> Name:
    """Parse ORG/REGISTRY/COLLECTION."""
    return Name(*parts(value, "ORG/REGISTRY/COLLECTION", least=3, most=3))


def version_name(value: str) -> Name:
    """Parse ORG/REGISTRY/COLLECTION[:ALIAS]; without an alias, the latest."""
    shape = "ORG/REGISTRY/COLLECTION[:ALIAS]"
    path, colon, alias = value.partition(":")
    if bool(colon) != bool(alias):
        raise ArgumentTypeError(f"{value} ends with a colon; expected {shape}")
    return Name(*parts(path, shape, least=3, most=3))._replace(alias=alias or "latest")


def any_name(value: str) -> Name:
    """Parse ORG[/REGISTRY[/COLLECTION]]."""
    return Name(*parts(value, "ORG[/REGISTRY[/COLLECTION]]", least=1, most=3))
