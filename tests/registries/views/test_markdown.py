from __future__ import annotations

import re
import time

import pytest

from registries.views.markdown import LONGEST, render


def test_headings_begin_below_those_of_the_page():
    html = render("# One\n## Two\n###### Six")

    assert "<h3>One</h3>" in html
    assert "<h4>Two</h4>" in html
    assert "<h6>Six</h6>" in html


def test_tables_and_tasks_are_shown():
    html = render("| a | b |\n|--|-:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open")

    assert '<td align="right">2</td>' in html
    assert html.count('type="checkbox"') == 2
    assert html.count("disabled") == 2


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
    html = render(text)

    for tag in re.findall(r"<[^>]*>", html):
        assert not re.match(r"<\s*/?(script|img|svg|style|form|iframe|math|div hx)", tag), (
            tag
        )
        assert not re.search(r"\s(on\w+|style|id|hx-\w+|data-hx-\w+)\s*=", tag), tag
        assert not re.search(r"href=\"?\s*(javascript|data|vbscript):", tag, re.I), tag


@pytest.mark.parametrize(
    "text",
    [
        ">" * 20_000 + "x",
        "[" * 20_000,
        "[a](b" * 20_000,
        "*a " * 50_000,
        "`" * 30_000,
        "<" * 50_000,
        "\n".join("  " * depth + "- x" for depth in range(500)),
        "a|" * 30_000,
        "x" * (LONGEST + 1),
        "\u202e[x](http://example.org)\u0000",
    ],
)
def test_large_and_deep_texts_take_bounded_time(text):
    began = time.process_time()

    html = render(text)

    assert html
    assert time.process_time() - began < 5


def test_empty_text_is_empty():
    assert render("  \n") == ""
