from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from accounts.management.names import Named, in_organization, organization_or_in_it
from registries.management.names import (
    Name,
    any_name,
    collection_name,
    registry_name,
    version_name,
)


def test_spaces_and_dots_belong_to_names():
    found = collection_name("Northwind Labs/My models v1.0/churn .2")

    assert found == Name("Northwind Labs", "My models v1.0", "churn .2")


@pytest.mark.parametrize(
    ("value", "alias"),
    [("o/r/c:v3", "v3"), ("o/r/c:pro duction.1", "pro duction.1"), ("o/r/c", "latest")],
)
def test_a_version_is_named_by_alias_or_is_the_latest(value, alias):
    assert version_name(value) == Name("o", "r", "c", alias)


@pytest.mark.parametrize(
    "value", ["", "o", "o/r", "o/r/c/d", "/r/c", "o//c", "o/r/", "o/r/c:", "o/r:v1"]
)
def test_what_is_no_version_is_refused(value):
    with pytest.raises(ArgumentTypeError):
        version_name(value)


def test_each_command_takes_as_many_parts_as_it_needs():
    assert registry_name("o/r") == Name("o", "r")
    assert any_name("o") == Name("o")
    assert any_name("o/r/c") == Name("o", "r", "c")
    assert in_organization("o/t") == Named("o", "t")
    assert organization_or_in_it("o") == Named("o")
    with pytest.raises(ArgumentTypeError, match="ORG/REGISTRY"):
        registry_name("o/r/c")


@pytest.mark.parametrize("value", ["o/r/c:v3", "o/r/c:production"])
def test_a_name_reads_as_it_was_typed(value):
    assert str(version_name(value)) == value
