"""Renaming, deleting and restoring registries, and what becomes of their names."""

from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.registries import (
    create_registry,
    delete_registry,
    edit_registry,
    release_name,
    restore_registry,
)
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    acting,
    linked_version,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db


def found(registry: Registry, name: str) -> Registry | None:
    return registry.organization.registries.live().named(name).first()


def another(registry: Registry, name: str) -> Registry:
    return create_registry(
        registry.organization, name, owner=registry.owner.user, by=SYSTEM
    )


def test_a_renamed_registry_is_found_by_both_names():
    registry = RegistryFactory(name="first")

    edit_registry(registry, name="second", by=acting(person(registry, Role.MEMBER)))

    assert found(registry, "FIRST") == found(registry, "second") == registry
    event = Event.objects.get(kind="registry.rename")
    assert (event.before, event.after) == ("first", "second")


def test_a_former_name_stays_taken_until_it_is_released():
    registry = RegistryFactory(name="first")
    edit_registry(registry, name="second", by=SYSTEM)

    with pytest.raises(Conflict):
        another(registry, "First")
    release_name(registry, "First", by=acting(person(registry, Role.ADMIN)))

    assert found(another(registry, "First"), "first").name == "First"


def test_going_back_to_a_former_name_works():
    registry = RegistryFactory(name="first")

    edit_registry(registry, name="second", by=SYSTEM)
    edit_registry(registry, name="FIRST", by=SYSTEM)

    assert found(registry, "first").name == "FIRST"
    assert registry.names.get(is_current=True).key == "first"


def test_a_taken_name_is_a_conflict_and_nothing_changes():
    registry = RegistryFactory(name="first")
    another(registry, "second")

    with pytest.raises(Conflict):
        edit_registry(registry, name="Second", description="new", by=SYSTEM)

    registry.refresh_from_db()
    assert (registry.name, registry.description) == ("first", "")


def test_a_viewer_edits_nothing():
    registry = RegistryFactory()

    with pytest.raises(Denied):
        edit_registry(registry, description="x", by=acting(person(registry, Role.VIEWER)))


def test_description_and_icon_are_edited_with_one_event():
    registry = RegistryFactory()

    edit_registry(registry, description="Text", icon="rocket", by=SYSTEM)
    edit_registry(registry, description="Text", icon="rocket", by=SYSTEM)

    assert Event.objects.filter(kind="registry.edit").count() == 1
    with pytest.raises(Invalid):
        edit_registry(registry, icon="skull", by=SYSTEM)


def test_a_core_registry_keeps_its_name_and_takes_a_description_from_organization_admins():
    organization = make_organization()
    registry = organization.registries.get(name="model")
    admin = MembershipFactory(organization=organization, role=Role.ADMIN).user

    with pytest.raises(Conflict):
        edit_registry(registry, name="other", by=acting(admin))
    with pytest.raises(Denied):
        edit_registry(registry, description="x", by=acting(person(registry, Role.ADMIN)))
    edit_registry(registry, description="Ours", by=acting(admin))

    registry.refresh_from_db()
    assert registry.description == "Ours"


def test_a_deleted_registry_frees_its_names_and_comes_back_whole():
    registry = RegistryFactory(name="first")
    version = linked_version(registry)
    admin = person(registry, Role.ADMIN)

    delete_registry(registry, by=acting(admin))
    assert found(registry, "first") is None
    assert not Registry.objects.visible_to(admin).contains(registry)
    restore_registry(registry, by=acting(admin))

    assert found(registry, "first") == registry
    assert registry.collections.get().versions.get() == version
    assert admin.has_perm("registries.manage_members", found(registry, "first"))


def test_deleting_and_restoring_take_an_admin():
    registry = RegistryFactory()
    member = acting(person(registry, Role.MEMBER))

    with pytest.raises(Denied):
        delete_registry(registry, by=member)
    delete_registry(registry, by=SYSTEM)
    with pytest.raises(Denied):
        restore_registry(registry, by=member)


def test_doing_either_twice_is_a_conflict():
    registry = RegistryFactory()
    delete_registry(registry, by=SYSTEM)

    with pytest.raises(Missing):
        delete_registry(registry, by=SYSTEM)
    restore_registry(registry, by=SYSTEM)
    with pytest.raises(Conflict):
        restore_registry(registry, by=SYSTEM)


def test_restoring_into_a_taken_name_is_a_conflict():
    registry = RegistryFactory(name="first")
    delete_registry(registry, by=SYSTEM)
    another(registry, "First")

    with pytest.raises(Conflict):
        restore_registry(registry, by=SYSTEM)

    registry.refresh_from_db()
    assert registry.deleted_at is not None


def test_former_names_that_others_took_are_dropped():
    registry = RegistryFactory(name="first")
    edit_registry(registry, name="second", by=SYSTEM)
    delete_registry(registry, by=SYSTEM)
    taker = another(registry, "first")

    restore_registry(registry, by=SYSTEM)

    assert found(registry, "second") == registry
    assert found(registry, "first") == taker


def test_a_core_registry_is_never_deleted():
    registry = make_organization().registries.get(name="dataset")

    with pytest.raises(Conflict):
        delete_registry(registry, by=SYSTEM)
    with pytest.raises(Conflict):
        release_name(registry, "datasets", by=SYSTEM)
