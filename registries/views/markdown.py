"""Markdown of people, as HTML that does nothing but stand there (security.md, T49)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

LONGEST = 100_000
"""The longest text that is rendered, in characters; a longer one is shown as it is."""
MOST_BRACKETS = 20_000
"""So many may open a link: the parser looks behind each for its end."""
DEEPEST = 30
"""The deepest nesting that is rendered; below it the parser drops what people wrote."""

TAGS = (
    {"p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "input"}
    | {"h3", "h4", "h5", "h6", "ul", "ol", "li"}
    | {"div", "table", "thead", "tbody", "tr", "th", "td"}
)
# People choose href, title, start, align and the language of code; the rest is ours.
ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "input": {"type", "class", "checked", "disabled", "aria-label"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "td": {"align"},
    "th": {"align"},
}
SCHEMES = {"http", "https", "mailto"}
LANGUAGE = re.compile(r"language-[\w+-]{1,30}")
TASK = re.compile(r"\[([ xX])\] ")
BOX = '<input type="checkbox" class="check" disabled aria-label="{}"{}>'
BOXES = {" ": BOX.format("open", ""), "x": BOX.format("done", " checked")}
TABLE = '<div class="scroll" tabindex="0" role="region" aria-label="Table {}"><table>\n'


def render(text: str) -> SafeString:
    """Return the text as HTML: headings from h3 on; no images, forms, scripts or styles."""
    is_too_much = len(text) > LONGEST or text.count("[") > MOST_BRACKETS
    html = None if is_too_much else _render(text)
    if html is None:
        note = "This text is too long or too intricate to be laid out."
        html = format_html('<p class="note">{}</p><pre tabindex="0">{}</pre>', note, text)
    return format_html('<div class="prose" hx-disable>{}</div>', html) if html else html


@lru_cache(maxsize=64)
def _render(text: str) -> SafeString | None:
    env: dict[str, Any] = {}
    tokens = PARSER.parse(text, env)
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return None
    html = nh3.clean(
        PARSER.renderer.render(tokens, PARSER.options, env),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
        set_tag_attribute_values={"pre": {"tabindex": "0"}},
        attribute_filter=_only_languages,
    )
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def _only_languages(tag: str, attribute: str, value: str) -> str | None:
    if tag == "code" and attribute == "class":
        return value if LANGUAGE.fullmatch(value) else None
    return value


def _house_rules(state: StateCore) -> None:
    """Fit headings below those of the page, draw task boxes, align without style."""
    used = {token.tag for token in state.tokens if token.type == "heading_open"}
    headings = {tag: f"h{min(3 + place, 6)}" for place, tag in enumerate(sorted(used))}
    for token in state.tokens:
        token.tag = headings.get(token.tag, token.tag)
        style = token.attrs.pop("style", None)
        if style:
            token.attrSet("align", str(style).removeprefix("text-align:"))
    _draw_tasks(state.tokens)


def _draw_tasks(tokens: Sequence[Token]) -> None:
    """Draw the "[ ]" that opens a list item as a box; the known plugin is quadratic."""
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (item.type, paragraph.type) != ("list_item_open", "paragraph_open"):
            continue
        text = (inline.children or [paragraph])[0]
        task = TASK.match(text.content) if text.type == "text" else None
        if task and inline.children:
            text.content = text.content[task.end() - 1 :]
            box = Token("html_inline", "", 0, content=BOXES[task[1].lower()])
            inline.children.insert(0, box)


def _table_open(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    env["tables"] = env.get("tables", 0) + 1
    return TABLE.format(env["tables"])


def _table_close(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    parser.enable(["table", "strikethrough"]).disable("image")
    parser.core.ruler.push("house_rules", _house_rules)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser


PARSER = _parser()
