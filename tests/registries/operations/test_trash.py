"""What leaves the trash for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import RestrictedError
from django.db.models.signals import post_init
from django.utils import timezone

from accounts.actors import Missing
from accounts.models import Event
from registries.models import Artifact, Collection, Entry, Registry, RegistryName, Version
from registries.operations.collections import delete_collection, restore_collection
from registries.operations.links import link
from registries.operations.registries import delete_registry, restore_registry
from registries.operations.trash import PurgeReceipt, purge_trash
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    linked_version,
    logged_version,
    make_organization,
)

pytestmark = pytest.mark.django_db


def later(days: float):
    return timezone.now() + timedelta(days=days)


def test_a_registry_goes_with_all_that_is_in_it_and_its_sources_stay():
    version = linked_version(RegistryFactory())
    other = linked_version(RegistryFactory())
    delete_registry(version.registry, by=SYSTEM)

    receipt = purge_trash(by=SYSTEM, now=later(31))

    assert receipt == PurgeReceipt(registries=1)
    assert not Registry.objects.filter(pk=version.registry.pk).exists()
    assert not RegistryName.objects.filter(registry_id=version.registry.pk).exists()
    assert not Version.objects.filter(pk=version.pk).exists()
    assert Artifact.objects.committed().filter(pk=version.artifact_id).exists()
    assert Version.objects.filter(pk=other.pk).exists()
    purged = Event.objects.get(kind="registry.purge")
    assert (purged.registry_id, purged.registry_name) == (
        version.registry.pk,
        version.registry.name,
    )


def test_a_collection_goes_and_its_numbers_are_not_given_again():
    version = linked_version(RegistryFactory())
    collection, registry = version.collection, version.registry
    delete_collection(collection, by=SYSTEM)

    receipt = purge_trash(by=SYSTEM, now=later(31))
    again = link(version.artifact, registry, collection.name, by=SYSTEM)

    assert receipt == PurgeReceipt(collections=1)
    assert not Collection.objects.filter(pk=collection.pk).exists()
    assert again.number == version.number + 1


def test_what_was_purged_in_this_moment_is_not_there_to_be_restored(unchanged):
    registry = linked_version(RegistryFactory()).registry
    collection = linked_version(RegistryFactory()).collection
    delete_registry(registry, by=SYSTEM)
    delete_collection(collection, by=SYSTEM)
    purge_trash(by=SYSTEM, now=later(31))

    with unchanged(), pytest.raises(Missing):
        restore_registry(registry, by=SYSTEM)
    with unchanged(), pytest.raises(Missing):
        restore_collection(collection, by=SYSTEM)


def test_the_days_are_those_of_the_organization():
    version = linked_version(RegistryFactory())
    organization = version.registry.organization
    organization.trash_days = 3
    organization.save()
    delete_collection(version.collection, by=SYSTEM)

    assert purge_trash(by=SYSTEM, now=later(2.9)) == PurgeReceipt()
    assert purge_trash(by=SYSTEM, now=later(3.1)) == PurgeReceipt(collections=1)


def test_one_that_cannot_go_keeps_none_of_the_others(caplog):
    team = TeamFactory()
    stuck, other = logged_version(team, "stuck"), logged_version(team, "other")
    registry = linked_version(RegistryFactory(organization=team.organization)).registry
    delete_collection(stuck.collection, by=SYSTEM)
    delete_collection(other.collection, by=SYSTEM)
    shelf = linked_version(registry, "shelf").collection
    Version.objects.create(collection=shelf, artifact=stuck.artifact, number=7)
    delete_registry(linked_version(RegistryFactory()).registry, by=SYSTEM)

    with pytest.raises(ExceptionGroup, match="1 in the trash could not be purged") as told:
        purge_trash(by=SYSTEM, now=later(31))

    assert [type(error) for error in told.value.exceptions] == [RestrictedError]
    assert f"collection {stuck.collection_id} could not be purged" in caplog.text
    assert Collection.objects.filter(pk=stuck.collection_id).exists()
    assert not Collection.objects.filter(pk=other.collection_id).exists()
    assert not Registry.objects.exclude(deleted_at=None).exists()
    assert Event.objects.filter(kind__endswith=".purge").count() == 2


def test_what_is_not_in_the_trash_stays():
    linked_version(RegistryFactory())

    assert purge_trash(by=SYSTEM, now=later(10_000)) == PurgeReceipt()
    assert not Event.objects.filter(kind__endswith=".purge").exists()


def test_a_source_collection_goes_with_its_artifacts_after_the_days_of_its_home():
    organization = make_organization(trash_days=40)
    place = TeamFactory(organization=organization)
    of_team, linked = logged_version(place, "gone"), logged_version(place, "linked")
    link(linked.artifact, RegistryFactory(organization=organization), "kept", by=SYSTEM)
    personal = logged_version(UserFactory(), "gone")
    delete_collection(of_team.collection, by=SYSTEM)
    delete_collection(personal.collection, by=SYSTEM)

    first = purge_trash(by=SYSTEM, now=later(31))
    then = purge_trash(by=SYSTEM, now=later(41))
    again = logged_version(place, "gone")

    assert (first, then) == (PurgeReceipt(collections=1), PurgeReceipt(collections=1))
    gone = [of_team.artifact_id, personal.artifact_id]
    assert not Artifact.objects.filter(pk__in=gone).exists()
    assert Artifact.objects.committed().filter(pk=linked.artifact_id).exists()
    assert again.number == of_team.number + 1
    assert Event.objects.filter(kind="collection.purge").count() == 2


def test_of_a_source_collection_that_goes_no_entry_is_read():
    files = {f"{number}.txt": b"same" for number in range(20)}
    version = logged_version(TeamFactory(), files=files)
    delete_collection(version.collection, by=SYSTEM)
    read: list[Entry] = []

    def note(instance: Entry, **_: object) -> None:
        read.append(instance)

    post_init.connect(note, sender=Entry)
    try:
        purge_trash(by=SYSTEM, now=later(31))
    finally:
        post_init.disconnect(note, sender=Entry)

    assert read == []
    assert not Entry.objects.exists()
