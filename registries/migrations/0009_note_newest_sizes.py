"""Note how large the newest version is in the collections that are there already."""

from __future__ import annotations

from itertools import batched
from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

BATCH = 500


def note(apps: Any, schema_editor: Any) -> None:
    """Write the sizes, a batch a statement; dying in between, it may begin again."""
    collections = apps.get_model("registries", "Collection").objects
    versions = apps.get_model("registries", "Version").objects
    newest = versions.filter(collection=OuterRef("pk")).order_by("-number")
    size = Coalesce(Subquery(newest.values("artifact__size")[:1]), 0)
    for keys in batched(collections.values_list("pk", flat=True), BATCH, strict=False):
        collections.filter(pk__in=keys).update(newest_size=size)


class Migration(migrations.Migration):
    """Data only, a batch a transaction; going back drops the column."""

    atomic = False
    dependencies = [("registries", "0008_sort_collections")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
