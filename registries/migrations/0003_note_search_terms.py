"""Sort the keys by their bytes on PostgreSQL, and note the names that are there already."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models.functions import Coalesce

from registries.search import keys

CORE = {"model": "Models", "dataset": "Datasets"}


def sort_by_bytes(apps: Any, schema_editor: Any) -> None:
    """Let an index find the beginning of a key: the order of a language does not."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE registries_searchterm "
            'ALTER COLUMN key TYPE varchar(128) COLLATE "C"'
        )


def note(apps: Any, schema_editor: Any) -> None:
    """Write the terms of every registry, and of what is in it."""
    term = apps.get_model("registries", "SearchTerm")
    for kind, organization, registry, collection, name in _named(apps):
        shown = CORE.get(name, name) if kind == "registry" else name
        term.objects.bulk_create(
            term(
                kind=kind,
                organization_id=organization,
                registry_id=registry,
                collection_id=collection,
                name=shown,
                key=key,
            )
            for key in keys(shown)
        )


def _named(apps: Any) -> Any:
    """Every name with its kind, organization, registry and collection."""
    registries = apps.get_model("registries", "Registry").objects
    for organization, registry, name in registries.values_list(
        "organization", "pk", "name"
    ):
        yield "registry", organization, registry, None, name
    collections = apps.get_model("registries", "Collection").objects.exclude(registry=None)
    for row in collections.values_list("registry__organization", "registry", "pk", "name"):
        yield ("collection", *row)
    tags = apps.get_model("registries", "Tag").objects.annotate(
        place=Coalesce("collection", "version__collection"),
        home=Coalesce("collection__registry", "version__collection__registry"),
        top=Coalesce(
            "collection__registry__organization",
            "version__collection__registry__organization",
        ),
    )
    for row in (
        tags.exclude(home=None).values_list("top", "home", "place", "name").distinct()
    ):
        yield ("tag", *row)
    aliases = apps.get_model("registries", "Alias").objects.exclude(name="latest")
    place = ("collection__registry__organization", "collection__registry", "collection")
    for row in aliases.exclude(collection__registry=None).values_list(*place, "name"):
        yield ("alias", *row)


class Migration(migrations.Migration):
    """Data only; going back drops the table."""

    dependencies = [("registries", "0002_search_terms")]

    operations = [
        migrations.RunPython(sort_by_bytes, migrations.RunPython.noop),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
