from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template

from registries.templatetags.display import (
    ago,
    count,
    day,
    filesize,
    initials,
    short_digest,
)

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (3_120, "3.1 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (412_000_000, "412 MB"),
        (1_600_000_000, "1.6 GB"),
        (10**15, "1.0 PB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes_are_decimal_with_two_or_three_digits(size, shown):
    assert filesize(size) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(None, ""), (0, "0"), (9_999, "9999"), (10_000, "10\u202f000")]
)
def test_counts_are_grouped_from_ten_thousand_on(number, shown):
    assert count(number) == shown


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=2, minutes=59), "2 h ago"),
        (timedelta(days=1, hours=3), "yesterday"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=8), "12 Nov"),
        (timedelta(days=400), "16 Oct 2025"),
        (timedelta(days=-3), "23 Nov"),
    ],
)
def test_moments_are_relative_for_a_week(before, shown):
    with time_machine.travel(NOW, tick=False):
        assert ago(NOW - before) == shown


def test_a_moment_says_its_exact_time():
    with time_machine.travel(NOW, tick=False):
        html = Template("{% when moment %}").render(Context({"moment": NOW}))

    assert 'datetime="2026-11-20T14:02:00Z"' in html
    assert 'title="20 November 2026, 14:02 UTC"' in html
    assert ">just now<" in html


def test_the_year_is_shown_when_it_is_another_one():
    with time_machine.travel(NOW, tick=False):
        assert day(datetime(2025, 3, 1, tzinfo=UTC)) == "1 Mar 2025"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anouk de Vries", "AV"),
        ("ci-train-bot", "CB"),
        ("felix", "F"),
        ("", "?"),
        ("- -", "?"),
    ],
)
def test_initials_stand_for_a_name(name, letters):
    assert initials(name) == letters


def test_digests_are_shortened():
    assert short_digest("e83f91b70d4c2c60") == "e83f…2c60"
    assert short_digest("abc") == "abc"
