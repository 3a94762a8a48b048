from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from registries.templatetags.display import (
    ago,
    count,
    day,
    duration,
    filesize,
    initials,
    short_digest,
    values,
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


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        (None, ""),
        ("restricted", "restricted"),
        (["model", "onnx"], "[&quot;model&quot;, &quot;onnx&quot;]"),
        ({"user": "<b>", "role": None}, "user &lt;b&gt;, role null"),
        ({str(n): n for n in range(20)}, ", ".join(f"{n} {n}" for n in range(8))),
        ("x" * 121, "x" * 119 + "…"),
        ("x" * 120, "x" * 120),
    ],
)
def test_before_and_after_are_shown_value_by_value(document, shown):
    html = values(document)

    assert re.sub(r'<span class="muted">(.*?)</span>', r"\1", html).strip() == shown
    assert isinstance(html, SafeString)


def test_an_icon_is_drawn_from_the_sprite():
    html = Template('{% icon "gear" "large" %}').render(Context())

    assert '<svg class="icon large" aria-hidden="true">' in html
    assert 'href="/static/img/icons.svg#gear"' in html


class KeyForm(forms.Form):
    name = forms.CharField(help_text="Where it is used.")
    days = forms.ChoiceField(choices=[("30", "In 30 days")], required=False)
    note = forms.CharField(required=False)


def field(name: str) -> str:
    form = KeyForm({"days": "30"})
    return render_to_string("components/field.html", {"field": form[name]})


def test_a_field_names_its_error_and_its_hint_to_whoever_cannot_see_them():
    html = field("name")

    described = re.search(r'<input[^>]*aria-describedby="([^"]*)"', html)
    assert described is not None
    assert all(f'id="{target}"' in html for target in described[1].split())
    assert len(described[1].split()) == 2
    assert 'aria-invalid="true"' in html
    assert 'class="input"' in html


def test_only_what_may_stay_empty_is_called_optional():
    assert "optional" in field("note")
    assert "optional" not in field("name")
    assert "optional" not in field("days")


def test_a_name_is_shown_as_it_is_and_never_as_markup():
    person = {"display_name": "<img src=x onerror=alert(1)> {{ 7 }}"}

    html = render_to_string("components/avatar.html", {"person": person})

    assert "&lt;" in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "0 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (7384, "2 h 3 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_have_two_units(seconds, shown):
    assert duration(seconds) == shown
