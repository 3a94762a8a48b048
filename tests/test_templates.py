"""What every template keeps to: the strict policy, names that lead somewhere, one look."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = settings.BASE_DIR / "templates"
SPRITE = (settings.BASE_DIR / "static/img/icons.svg").read_text()
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*"))
PAGES = [name for name in TEMPLATES if name.endswith(".html")]
COMPONENTS = [name for name in PAGES if name.startswith("components/")]
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
SHELL = set(re.findall(r'\sid="([^"]+)"', (FOLDER / "base.html").read_text()))
"""What is on every page, for parts that come into one."""
RELATED = re.compile(r'{% (?:extends|include) (?:user[^ ]*:)?"([^"]+)"')


def source(name: str) -> str:
    """The text of a template without its comments."""
    return COMMENT.sub("", (FOLDER / name).read_text())


def family(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The template with all that it extends and includes."""
    names = {name}
    for related in RELATED.findall(source(name)):
        for other in related.split(","):
            if other not in seen and Path(FOLDER / other).exists():
                names |= family(other, seen | {name, other})
    return names


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name):
    assert get_template(name)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("inline style", r"<style|\sstyle="),
        ("inline script", r"<script(?![^>]*\ssrc=)"),
        ("event handler", r"\s(on\w+|hx-on\S*)\s*="),
        ("unescaped text", r"\|\s*(safe|safeseq)\b|{% autoescape off"),
        ("address elsewhere", r"""(src|href|action)=["'](https?:)?//"""),
    ],
)
def test_it_has_none_of_these(name, what, pattern):
    assert not re.search(pattern, source(name), re.IGNORECASE), what


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_posts_carries_the_token(name):
    forms = re.findall(r'<form[^>]*method="post".*?</form>', source(name), re.DOTALL)

    assert all("{% csrf_token %}" in form for form in forms)


@pytest.mark.parametrize("name", PAGES)
def test_every_target_has_its_id(name):
    wanted = re.findall(
        r'(?:popovertarget|commandfor|aria-labelledby|hx-target)="#?([^"]+)"', source(name)
    )
    everything = "".join(source(other) for other in family(name))
    targets = set(re.findall(r'\sid="([^"]+)"', everything))

    assert set(wanted) - {"this"} <= targets | SHELL


@pytest.mark.parametrize("name", PAGES)
def test_every_icon_is_in_the_sprite(name):
    icons = set(re.findall(r'{% icon "([^"]+)"', source(name)))

    assert {icon for icon in icons if f'<symbol id="{icon}"' not in SPRITE} == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_table_has_a_caption(name):
    text = source(name)

    assert text.count("<table") == text.count("<caption")


@pytest.mark.parametrize("name", PAGES)
def test_every_icon_button_has_a_name(name):
    for button in re.findall(r'<(?:a|button)[^>]*class="icon-button[^>]*>.*', source(name)):
        assert "aria-label=" in button or "visually-hidden" in button


@pytest.mark.parametrize("name", PAGES)
def test_it_is_short(name):
    assert len((FOLDER / name).read_text().splitlines()) <= 150


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_opens_with_a_comment_of_its_inputs(name):
    opening = (FOLDER / name).read_text().partition("\n<")[0]

    assert COMMENT.match(opening.lstrip())
    assert "Inputs:" in opening
