"""What happened in a registry or collection, for those who see it."""

from __future__ import annotations

from copy import deepcopy

import pytest

from accounts.permissions import Role
from registries.models import Registry
from registries.operations.aliases import set_alias
from registries.operations.members import set_role
from registries.operations.registries import edit_registry
from tests.factories import SYSTEM, RegistryFactory, acting, linked_version, person
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(undone):
    registry = RegistryFactory()
    version = linked_version(registry)
    set_alias(version, "production", by=acting(person(registry, Role.ADMIN)))
    linked_version(registry, "other")
    return registry


@pytest.fixture
def registry(made):
    return deepcopy(made)


@pytest.fixture
def viewer(registry):
    return signed_in(person(registry, Role.RESTRICTED_VIEWER))


def test_a_registry_tells_what_happened_in_it(registry, viewer):
    response = viewer.get(f"{registry.get_absolute_url()}activity/")

    text = words(response)
    assert "put production on classifier" in text
    assert text.index("linked other") < text.index("linked classifier")
    assert f"{registry.get_absolute_url()}c/other/" in links(response)


def test_a_collection_tells_of_itself_only(registry, viewer):
    response = viewer.get(f"{registry.get_absolute_url()}c/classifier/activity/")

    assert "put production on classifier" in words(response)
    assert "other" not in words(response)


def test_the_kind_is_chosen_and_stands_in_the_address(registry, viewer):
    page = f"{registry.get_absolute_url()}activity/"

    chosen = words(viewer.get(page, {"about": "alias"}))
    part = viewer.get(page, {"about": "alias"}, headers={"HX-Request": "true"})

    assert "put production" in chosen
    assert "linked" not in chosen
    assert "<html" not in part.content.decode()
    assert "Nothing of this kind" in words(viewer.get(page, {"about": "registry"}))


@pytest.mark.parametrize("about", ["", "nothing", "api_key", "\0", "access"])
def test_another_kind_shows_everything(registry, viewer, about):
    response = viewer.get(f"{registry.get_absolute_url()}activity/", {"about": about})

    assert response.status_code == 200
    assert "linked other" in words(response)


def test_what_is_old_is_on_the_next_page(registry, viewer):
    for number in range(60):
        edit_registry(registry, description=f"Text {number}", by=SYSTEM)

    first = viewer.get(f"{registry.get_absolute_url()}activity/")
    following = next(link for link in links(first) if "after=" in link)
    second = viewer.get(f"{registry.get_absolute_url()}activity/{following}")

    assert "linked classifier" not in words(first)
    assert "linked classifier" in words(second)


def test_roles_are_told_and_addresses_of_people_are_not(registry, viewer):
    somebody = person(registry)
    set_role(registry, somebody, Role.MEMBER, by=SYSTEM)

    text = words(viewer.get(f"{registry.get_absolute_url()}activity/"))

    assert f"gave {somebody.username} the role Member" in text
    assert somebody.email not in text


def test_who_may_not_see_the_registry_finds_nothing(registry):
    registry.visibility = Registry.Visibility.RESTRICTED
    registry.save()
    outside = signed_in(person(RegistryFactory(organization=registry.organization)))

    for page in ("activity/", "c/classifier/activity/"):
        assert outside.get(f"{registry.get_absolute_url()}{page}").status_code == 404
