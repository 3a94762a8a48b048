"""Count what is in the collections and registries that are there already."""

from __future__ import annotations

from itertools import batched
from typing import Any

from django.db import migrations, transaction
from django.db.models import Sum
from django.utils import timezone

BATCH = 500


def count(apps: Any, schema_editor: Any) -> None:
    """Count the files and bytes of each place; dying in between, it may begin again."""
    version = apps.get_model("registries", "Version").objects
    live = version.filter(collection__deleted_at=None)
    alias = schema_editor.connection.alias
    for model, versions, place in (
        ("Collection", version, "collection"),
        ("Registry", live, "collection__registry"),
    ):
        rows = apps.get_model("registries", model).objects
        for keys in batched(rows.values_list("pk", flat=True), BATCH, strict=False):
            with transaction.atomic(using=alias):
                for key in keys:
                    found = _figures(apps, versions.filter(**{place: key}))
                    rows.filter(pk=key).update(**found)


def _figures(apps: Any, versions: Any) -> dict[str, Any]:
    now = timezone.now()
    totals = versions.aggregate(
        files=Sum("artifact__file_count"), size=Sum("artifact__size")
    )
    entries = apps.get_model("registries", "Entry").objects.filter(
        artifact__in=versions.values("artifact")
    )
    kept = apps.get_model("registries", "Blob").objects.filter(
        pk__in=entries.values("blob")
    )
    return {
        "file_count": totals["files"] or 0,
        "logical_bytes": totals["size"] or 0,
        "unique_bytes": kept.aggregate(size=Sum("size"))["size"] or 0,
        "unique_counted_at": now,
    }


class Migration(migrations.Migration):
    """Data only, a batch a transaction; going back drops the columns."""

    atomic = False
    dependencies = [("registries", "0006_storage_figures")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
