"""All doors, from every module that adds to the list."""

from __future__ import annotations

from tests import (
    doors_of_admin,
    doors_of_commands,
    doors_of_content,
    doors_of_operations,
    doors_of_organizations,
    doors_of_pages,
    doors_of_uploads,
)
from tests.doors import DOORS

MODULES = (
    doors_of_admin,
    doors_of_commands,
    doors_of_content,
    doors_of_operations,
    doors_of_organizations,
    doors_of_pages,
    doors_of_uploads,
)

__all__ = ["DOORS"]
