"""Code to copy runs as it stands, whatever the names in it are made of."""

from __future__ import annotations

import ast

import pytest

from registries.models import Project
from registries.views import code
from tests.factories import RegistryFactory, TeamFactory, linked_version

pytestmark = pytest.mark.django_db


def texts(python: str) -> list[object]:
    """The names that Python reads in the code."""
    found = ast.walk(ast.parse(python))
    return [each.value for each in found if isinstance(each, ast.Constant)]


def test_names_with_spaces_and_quotes_stay_one_text_in_python():
    registry = RegistryFactory(name="two words")
    team = TeamFactory(organization=registry.organization)
    version = linked_version(registry, "a name", team=team)
    collection, user = version.collection, registry.owner.user
    project = Project(entity=team.entity, name='it\'s "theirs" \N{SNOWMAN}')
    target = f"{registry.organization.name}/wandb-registry-two words/a name"

    used = code.use(collection, "v0", user)
    published = code.publish(registry, collection, user)
    logged = code.log(project, collection)

    assert f"{target}:v0" in texts(used.python)
    assert {target, "a-name", "model"} <= set(texts(published.python))
    assert {team.name, project.name, "a-name"} <= set(texts(logged.python))
    assert f"'{collection.full_name}:v0'" in used.shell
    assert not logged.shell
