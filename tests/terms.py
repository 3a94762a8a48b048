"""What search has noted, and what there is to be noted: always the same."""

from __future__ import annotations

from registries.models import Alias, Collection, Registry, SearchTerm, Tag
from registries.search import keys

type Noted = set[tuple[str, int, int | None, str, str]]


def noted_terms() -> Noted:
    """Every term as kind, registry, collection, name and key; each stands there once."""
    rows = SearchTerm.objects.values_list("kind", "registry", "collection", "name", "key")
    noted = set(rows)
    assert len(noted) == rows.count()
    return noted


def names_there_are() -> Noted:
    """The terms of everything in a registry, made anew."""
    named: set[tuple[str, int, int | None, str]] = {
        ("registry", registry.pk, None, registry.display_name)
        for registry in Registry.objects.all()
    }
    for collection in Collection.objects.exclude(registry=None):
        place = (collection.registry_id, collection.pk)
        named.add(("collection", *place, collection.name))
        aliases = Alias.objects.filter(collection=collection).exclude(name="latest")
        named |= {("alias", *place, alias.name) for alias in aliases}
        own, inside = (
            Tag.objects.filter(collection=collection),
            Tag.objects.filter(version__collection=collection),
        )
        named |= {("tag", *place, tag.name) for tag in own | inside}
    return {(*each, key) for each in named for key in keys(each[-1])}
