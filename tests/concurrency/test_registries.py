from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from accounts.models import Event
from registries.models import Registry, RegistryName
from registries.operations.registries import (
    change_visibility,
    create_registry,
    delete_registry,
    edit_registry,
    restore_registry,
)
from tests.concurrency import anew, at_once, refused, rounds
from tests.factories import SYSTEM, RegistryFactory, make_organization

pytestmark = pytest.mark.django_db(transaction=True)


def assert_names_are_true(registry: Registry) -> None:
    """One name is the present one; all are taken while the registry is live."""
    registry.refresh_from_db()
    names = RegistryName.objects.filter(registry=registry)
    assert names.get(is_current=True).key == registry.name.lower()
    assert set(names.values_list("live", flat=True)) == {registry.is_live}


def kinds(registry: Registry) -> list[str]:
    events = Event.objects.filter(registry_id=registry.pk).order_by("pk")
    return list(events.values_list("kind", flat=True))


@rounds
def test_a_registry_is_renamed_before_it_is_deleted_or_not_at_all(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
        owner, name = registry.owner.user, f"{registry.name}-new"

        deleted, *renamed = at_once(
            partial(delete_registry, registry, by=anew(owner)),
            partial(edit_registry, registry, name=name, by=anew(owner)),
            partial(edit_registry, registry, name=name.upper(), by=anew(owner)),
        )

        assert refused([deleted]) == []
        assert kinds(registry)[-1] == "registry.delete"
        assert kinds(registry).count("registry.rename") == 2 - len(refused(renamed))
        assert_names_are_true(registry)


@rounds
def test_a_registry_is_deleted_once_and_restored_once(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
        owner = registry.owner.user

        deleted = at_once(*[partial(delete_registry, registry, by=anew(owner))] * 3)
        restored = at_once(*[partial(restore_registry, registry, by=anew(owner))] * 3)

        assert (len(refused(deleted)), len(refused(restored))) == (2, 2)
        assert kinds(registry) == ["registry.delete", "registry.restore"]
        assert_names_are_true(registry)


@rounds
def test_a_name_in_the_trash_goes_back_or_to_another_registry(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
        organization, owner = registry.organization, registry.owner.user
        delete_registry(registry, by=SYSTEM)

        results = at_once(
            partial(restore_registry, registry, by=anew(owner)),
            partial(create_registry, organization, registry.name.upper(), by=anew(owner)),
        )

        assert len(refused(results)) == 1
        names = RegistryName.objects.filter(organization=organization, live=True)
        assert names.filter(key=registry.name).count() == 1


@rounds
def test_two_registries_do_not_get_each_others_name(count):
    for _ in range(count):
        with transaction.atomic():
            one = RegistryFactory(organization=make_organization())
            other = RegistryFactory(organization=one.organization)

        results = at_once(
            partial(edit_registry, one, name="wanted", by=SYSTEM),
            partial(edit_registry, other, name="Wanted", by=SYSTEM),
            partial(edit_registry, one, name=other.name, by=SYSTEM),
            partial(edit_registry, other, name=one.name, by=SYSTEM),
        )

        assert len(refused(results)) == 3
        assert_names_are_true(one)
        assert_names_are_true(other)


@rounds
def test_of_many_changes_of_visibility_the_last_one_counts(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
        owner = registry.owner.user

        at_once(
            *[
                partial(change_visibility, registry, visibility, by=anew(owner))
                for visibility in ["restricted", "organization"] * 3
            ]
        )

        registry.refresh_from_db()
        moves = Event.objects.filter(registry_id=registry.pk).order_by("pk")
        before, after = zip(*moves.values_list("before", "after"), strict=True)
        assert before == ("organization", *after[:-1])
        assert after[-1] == registry.visibility
