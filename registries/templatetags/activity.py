"""What happened, in words."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Event, Organization
from accounts.permissions import Role
from registries.events import SENTENCES
from registries.models import Registry
from registries.models.registry import CORE

register = template.Library()


@register.simple_tag
def sentence(event: Event, organization: Organization) -> SafeString:
    """Say what happened, with links to what the event found still there."""
    parts = _places(event, organization) | _values(event)
    return format_html(SENTENCES[event.kind], **parts)


def _places(event: Any, organization: Organization) -> dict[str, SafeString | str]:
    """The registry, and the collection where the event is about one."""
    names = [organization.name, event.present_registry]
    shown = CORE.get(event.present_registry, [event.present_registry])[0]
    address = reverse("registries:registry", args=names)
    registry = format_html('<a href="{}">{}</a>', address, shown)
    collection: SafeString | str = event.collection_name
    if event.present_collection:
        address = reverse("registries:collection", args=[*names, event.present_collection])
        collection = format_html('<a href="{}">{}</a>', address, event.present_collection)
    return {"registry": registry, "collection": collection}


def _values(event: Any) -> dict[str, SafeString | str]:
    """What was before and after, as far as the sentences speak of it."""
    old = event.old if isinstance(event.old, dict) else {}
    new = event.new if isinstance(event.new, dict) else {}
    word = event.new if isinstance(event.new, str) else ""
    former = event.old if isinstance(event.old, str) else ""
    types = event.new if isinstance(event.new, list) else []
    at, was = new.get("version"), old.get("version")
    return {
        "alias": _chip(new.get("alias") or word or former),
        "former": former,
        "types": ", ".join(types),
        "tag": format_html('<span class="tag">{}</span>', word or former),
        "type": format_html('<span class="type">{}</span>', new.get("type", "")),
        "version": _number(at),
        "old_version": _number(was),
        "back": "back " if at is not None and was is not None and at < was else "",
        "member": new.get("member") or old.get("member") or "",
        "owner": new.get("owner", ""),
        "role": Role(new["role"]).label if "role" in new else "",
        "visibility": dict(Registry.Visibility.choices).get(word, ""),
    }


def _chip(name: str) -> SafeString:
    return format_html('<span class="alias">{}</span>', name)


def _number(number: int | None) -> SafeString:
    if number is None:
        return mark_safe("")
    return format_html('<span class="ver">v{}</span>', number)
