"""Regular expressions mean the same here, in Python's `re` and on PostgreSQL."""

from __future__ import annotations

import re
import time

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from registries.expressions import NotAPattern
from registries.patterns import Pattern

EVIL = ["(a+)+$", "(a|a)*c", "(a|b)*a(a|b){3}c", "(a*)*(a*)*c", "(x+x+)+y", "(.*a){20}c"]
TOO_MUCH = [
    "(a|b)*a(a|b){55}c",
    "a.{30}b.{30}c",
    "(.{1,9}a.{1,9}b){5}",
    "((a?){9}b){9}c.{9}d",
]


@pytest.mark.django_db
def test_no_regular_expression_takes_long():
    text = "ab" * 400 + "a" * 200 + "!"
    for source in EVIL:
        started = time.process_time()
        assert not Pattern(source).found_in(text), source
        assert time.process_time() - started < 0.2, source
    for source in TOO_MUCH:
        started = time.process_time()
        with pytest.raises(NotAPattern):
            Pattern(source)
        assert time.process_time() - started < 0.2, source
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '2s'")
            for source in EVIL:
                cursor.execute("SELECT %s ~ %s", [text, Pattern(source).sql])
                assert cursor.fetchone() == (False,)


LETTERS = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "^", "$", r"\d", r"\W", "\\.", "-"]
)
EXPRESSIONS = st.recursive(
    LETTERS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(
            inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"])
        ).map(lambda two: f"(?:{two[0]}){two[1]}"),
    ),
    max_leaves=8,
)


@pytest.mark.django_db
@settings(max_examples=300, derandomize=True)
@given(source=EXPRESSIONS, text=st.text("abA1.-\n ", max_size=6))
def test_a_pattern_means_what_it_means_elsewhere(source, text):
    found = bool(re.search(source.replace("$", r"\Z"), text, re.A))

    assert Pattern(source).found_in(text) == found
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s ~ %s", [text, Pattern(source).sql])
            assert cursor.fetchone() == (found,)


def test_what_patterns_know_beyond_that():
    for source, text, found in (
        ("(?i)ABC[k-m]", "abcL", True),
        (r"\x41\x{42}", "AB", True),
        ("(?P<year>\\d{4})-", "2026-", True),
        ("[]a]", "]", True),
        ("[a-]", "-", True),
        (r"[\w.]+\z", "a.b", True),
        (r"[^\W]", "é", False),
        ("a{,2}", "a{,2}", True),
        ("", "", True),
        ("^$", "", True),
        ("^$", "\n", False),
        ("x|", "y", True),
        ("é.😀", "é-😀", True),
    ):
        assert Pattern(source).found_in(text) is found, source
    for source in (
        *("*", "a**", "^*", "a{3,2}", "a{256}", "[b-a]", "[a", "a)", r"\b", r"\p{L}"),
        *("[[:alpha:]]", r"[^\s\S]", "\\", "(?i", r"\x{110000}", r"\x00"),
        "(" * 22 + ")" * 22,
    ):
        with pytest.raises(NotAPattern):
            Pattern(source)
