"""Markdown of people, as HTML that does nothing but stand there (security.md, T49)."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin

LONGEST = 200_000
"""The longest text that is rendered, in characters; a longer one is shown as it is."""
DEEPEST = 100
"""The deepest quote or list that is rendered; the parser's work grows with it."""

PARSER = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 30})
    .enable(["table", "strikethrough"])
    .disable("image")
    .use(tasklists_plugin)
)

TAGS = (
    {"p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "input"}
    | {"h3", "h4", "h5", "h6", "ul", "ol", "li"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "input": {"type", "checked", "disabled"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align", "scope"},
}
SCHEMES = {"http", "https", "mailto"}
HEADING = re.compile(r"<(/?)h([1-6])>")
TASK = re.compile(r'<input[^>]*type="checkbox"[^>]*>')
ALIGN = re.compile(r' style="text-align:(left|right|center)"')


def render(text: str) -> SafeString:
    """Return the text as HTML: headings from h3 on; no images, forms, scripts or styles."""
    if not text.strip():
        return mark_safe("")
    if len(text) > LONGEST or _is_deep(text):
        return format_html("<pre>{}</pre>", text[:LONGEST])
    return mark_safe(_render(text))  # noqa: S308 - nh3 has just cleaned it


@lru_cache(maxsize=256)
def _render(text: str) -> str:
    html = HEADING.sub(_lower, PARSER.render(text))
    html = ALIGN.sub(r' align="\1"', html)
    html = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
        attribute_filter=_only_language_classes,
    )
    return (
        TASK.sub(_labelled, html)
        .replace(
            "<table>",
            '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>',
        )
        .replace("</table>", "</table></div>")
    )


def _is_deep(text: str) -> bool:
    deepest = max(
        (len(line) - len(line.lstrip(" >*+-\t")) for line in text.splitlines()), default=0
    )
    return deepest > DEEPEST


def _lower(heading: re.Match[str]) -> str:
    return f"<{heading[1]}h{min(int(heading[2]) + 2, 6)}>"


def _only_language_classes(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return value if re.fullmatch(r"language-[\w+-]{1,30}", value) else None
    if tag == "input" and attribute == "type":
        return "checkbox" if value == "checkbox" else None
    return value


def _labelled(box: re.Match[str]) -> str:
    """Give a task's box a name and keep it from being ticked."""
    is_done = " checked" in box[0]
    name = "done" if is_done else "open"
    checked = " checked" if is_done else ""
    return f'<input type="checkbox" class="check" disabled aria-label="{name}"{checked}>'
