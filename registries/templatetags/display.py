"""How icons, sizes, digests, times, names and Markdown are shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django import forms, template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.text import BIDI
from registries.views import markdown
from registries.views.outline import outline

register = template.Library()

UNITS = ("kB", "MB", "GB", "TB", "PB")
THIN_SPACE = "\u202f"
MARKS = re.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)")
"""Emphasis, code and links of Markdown; a link keeps its text."""
MOST = 8
"""How many values of an event are shown."""
LONGEST = 120
"""How many characters of each."""
MINUTE, HOUR, DAY = 60, 3600, 86400


@register.simple_tag(takes_context=True)
def icon(context: template.Context, name: str, size: str = "") -> SafeString:
    """Draw a symbol of the sprite; size is "small", "large" or nothing."""
    sprite = context.get("sprite") or static("img/icons.svg")
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" {size}" if size else "",
        sprite,
        name,
    )


@register.filter
def filesize(size: int | None) -> str:
    """Return a number of bytes in decimal units, with two or three digits."""
    if size is None:
        return ""
    if size < 1000:
        return f"{size} B"
    power = 1
    while size / 1000**power >= 999.5 and power < len(UNITS):
        power += 1
    value = size / 1000**power
    return f"{value:.{1 if value < 9.95 else 0}f} {UNITS[power - 1]}"


@register.filter
def count(number: int | None) -> str:
    """Return a number, from 10,000 on in groups of three."""
    if number is None:
        return ""
    return str(number) if number < 10_000 else f"{number:,}".replace(",", THIN_SPACE)


@register.filter
def short_digest(digest: str) -> str:
    """Return the first and last four characters of a digest."""
    return digest if len(digest) <= 12 else f"{digest[:4]}…{digest[-4:]}"


@register.filter
def summary(text: str, length: int = 140) -> str:
    """Return the first paragraph of somebody's Markdown as plain words, in one line."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    prose = (part for part in paragraphs if part and part[0] not in "#|>`<-*=~")
    words = MARKS.sub(r"\1", next(prose, ""))
    return words if len(words) <= length else f"{words[:length].rsplit(' ', 1)[0]}…"


@register.filter
def values(document: Any) -> SafeString:
    """Show what an event keeps of before or after, in one line; long values are cut."""
    if document is None:
        return SafeString()
    found = outline(document if isinstance(document, dict) else {"": document}, MOST)
    shown = ((" ".join(map(str, value.keys)), _cut(str(value.text))) for value in found)
    return format_html_join(", ", '<span class="muted">{}</span> {}', shown)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@register.filter
def initials(name: str) -> str:
    """Return one or two letters that stand for a name."""
    words = [word for word in name.replace("-", " ").replace("_", " ").split() if word]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """Show a moment: relative up to 7 days, then the day; exact, in UTC, in the title."""
    if moment is None:
        return ""
    exact = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{exact.day} {exact:%B %Y, %H:%M} UTC",
        ago(moment),
    )


@register.filter
def ago(moment: datetime) -> str:
    """Return how long ago a moment was, in words; after 7 days the day itself."""
    now = timezone.now()
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE:
        return "just now" if seconds > -MINUTE else day(moment)
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR:.0f} h ago"
    if seconds < 2 * DAY:
        return "yesterday"
    if seconds < 7 * DAY:
        return f"{seconds // DAY:.0f} days ago"
    return day(moment)


@register.filter
def ago_exactly(moment: datetime) -> str:
    """Return how long ago a moment was, within the first minute to the second."""
    seconds = (timezone.now() - moment).total_seconds()
    return f"{seconds:.0f} s ago" if 0 <= seconds < MINUTE else ago(moment)


@register.filter
def duration(seconds: float) -> str:
    """Return how long something took, in its two largest units."""
    whole = round(seconds)
    for name, unit, part, below in (
        ("d", DAY, "h", HOUR),
        ("h", HOUR, "min", MINUTE),
        ("min", MINUTE, "s", 1),
    ):
        if whole >= unit:
            rest = whole % unit // below
            return f"{whole // unit} {name}" + (f" {rest} {part}" if rest else "")
    return f"{whole} s"


@register.filter
def day(moment: datetime) -> str:
    """Return the day of a moment, with the year where it is not this year."""
    short = f"{moment.day} {moment:%b}"
    return short if moment.year == timezone.now().year else f"{short} {moment.year}"


@register.filter
def visible(name: str) -> str:
    """Show a name as it is written; what would turn it around stands out."""
    return BIDI.sub("\ufffd", name)


@register.filter
def below(path: str, folder: str) -> str:
    """Return the way from a folder to what lies in it."""
    return path.removeprefix(f"{folder}/")


@register.filter(name="markdown")
def render_markdown(text: str) -> SafeString:
    """Render somebody's Markdown, sanitised."""
    return markdown.render(text)


@register.filter
def control(field: forms.BoundField) -> SafeString:
    """Render the input of a form field with the look of its kind."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return field.as_widget(attrs={"class": "check"})
    if isinstance(widget, forms.Select):
        return format_html('<span class="select block">{}</span>', field.as_widget())
    return field.as_widget(attrs={"class": _classes(widget)})


def _classes(widget: Any) -> str:
    return f"input {widget.attrs.get('class', '')}".strip()
