"""The inventory of our addresses: their names, and what stands in them."""

from __future__ import annotations

from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver


@cache
def parameters() -> dict[str, tuple[str, ...]]:
    """What is put into each address, by its name; a second one of a name ends in #2."""
    found: dict[str, tuple[str, ...]] = {}
    for name, values in _walk(get_resolver(), "", ()):
        found[f"{name}#2" if name in found else name] = values
    return found


def _walk(
    resolver: URLResolver, namespace: str, before: tuple[str, ...]
) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for part in resolver.url_patterns:
        values = (*before, *part.pattern.regex.groupindex)
        if isinstance(part, URLResolver):
            inner = f"{namespace}{part.namespace}:" if part.namespace else namespace
            found += _walk(part, inner, values)
        elif isinstance(part, URLPattern):
            found.append((f"{namespace}{part.name}", values))
    return found
