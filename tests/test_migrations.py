"""Migrations make exactly what the models say, on this database."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

OURS = ("accounts", "registries")
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]
MIGRATIONS = {
    f"{app}.{name}": migration.operations
    for (app, name), migration in MigrationLoader(None).disk_migrations.items()
    if app in OURS
}


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_this_database_was_made_by_all_of_them():
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_constraint_and_index_stands_in_the_database(model):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)

    said = [*model._meta.constraints, *model._meta.indexes]
    assert {rule.name for rule in said} - found.keys() == set()


def test_schema_and_data_never_change_in_one():
    data = {
        name: {isinstance(step, RunPython | RunSQL) for step in steps}
        for name, steps in MIGRATIONS.items()
    }

    assert [name for name, kinds in data.items() if len(kinds) > 1] == []


def test_every_migration_can_be_undone():
    final = {
        name: [s for s in steps if not s.reversible] for name, steps in MIGRATIONS.items()
    }

    assert {name: steps for name, steps in final.items() if steps} == {}
