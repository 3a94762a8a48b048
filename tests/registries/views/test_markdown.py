from __future__ import annotations

import re
import time

import pytest
from django.utils.html import escape

from registries.views.markdown import LONGEST, MOST_BRACKETS, render


def test_headings_begin_below_those_of_the_page_and_skip_none():
    html = render("## Two\n# One\n###### Six\n#### Four")

    assert re.findall(r"<h\d>\w+</h\d>", html) == [
        "<h4>Two</h4>",
        "<h3>One</h3>",
        "<h6>Six</h6>",
        "<h5>Four</h5>",
    ]


def test_tables_scroll_under_a_name_of_their_own():
    html = render("| a | b |\n|--|-:|\n| 1 | 2 |\n\n" * 2)

    assert '<td align="right">2</td>' in html
    assert 'aria-label="Table 1"' in html
    assert 'aria-label="Table 2"' in html


def test_tasks_are_boxes_that_nobody_can_tick():
    html = render("- [x] done\n- [ ] open\n- [X] **Done**\n- [o] no\n- text [x] no")

    boxes = re.findall(r"<input[^>]*>", html)
    assert len(boxes) == 3
    assert all("disabled" in box for box in boxes)
    assert [" checked" in box for box in boxes] == [True, False, True]


def test_what_htmx_would_act_on_is_switched_off_around_it():
    assert render("x").startswith('<div class="prose" hx-disable>')


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{}</style></svg>",
    "<math><mtext><form action=/x><input name=a>",
    "<iframe src=//evil></iframe>",
    "<div hx-get=/x hx-trigger=load data-hx-get=/x id=main style=x>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "[x](\x01javascript:alert(1))",
    "<javascript:alert(1)>",
    "![track](http://evil.example/pixel.png)",
    '<a href="/x" onclick="alert(1)">x</a>',
    '```x" onload=alert(1)\ncode\n```',
    "[x]: javascript:alert(1)\n\n[x]",
    "- [ ] <input autofocus onfocus=alert(1)>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_makes_nothing_that_acts(text):
    html = render(text).removeprefix('<div class="prose" hx-disable>')

    for tag in re.findall(r"<[^>]*>", html):
        assert not re.match(r"<\s*/?(script|img|svg|style|form|iframe|math|h[12])", tag), (
            tag
        )
        assert not re.search(r"\s(on\w+|style|id|hx-\w+|data-hx-\w+)\s*=", tag), tag
        assert not re.search(r"href=\"?\s*(javascript|data|vbscript):", tag, re.I), tag


LAID_OUT = [
    "[" * MOST_BRACKETS + "x" * (LONGEST - MOST_BRACKETS),
    "[a](b" * (LONGEST // 5),
    "![" * MOST_BRACKETS,
    "*a_b " * (LONGEST // 5),
    "`" * LONGEST,
    "<a@" * (LONGEST // 3),
    "a|" * (LONGEST // 2),
    "- [ ] a\n" * (LONGEST // 8),
    "| a |\n|--|\n" + "| 1 |\n" * (LONGEST // 8),
    "-" * LONGEST,
    "\u202e[x](http://example.org)\u0000",
]


@pytest.mark.parametrize("text", LAID_OUT)
def test_large_texts_take_bounded_time(text):
    began = time.process_time()

    html = render(text)

    assert "to be laid out" not in html
    # Half a second each; what is quadratic takes minutes.
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "text",
    [
        ">" * 20_000 + "x",
        "> - " * 9_000 + "x",
        "\n".join("  " * depth + "- x" for depth in range(300)),
        "x" * 1_048_576,
        "[" * (MOST_BRACKETS + 1),
    ],
)
def test_texts_too_long_or_too_deep_are_shown_as_they_are(text):
    began = time.process_time()

    html = render(text)

    assert "to be laid out" in html
    assert escape(text) in html
    assert time.process_time() - began < 10


def test_empty_text_is_empty():
    assert render("  \n") == ""
