from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Version
from registries.operations.aliases import remove_alias, set_alias
from registries.operations.collections import delete_collection
from registries.operations.contents import protect_alias
from registries.operations.links import link, unlink
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    acting,
    linked_version,
    logged_version,
    person,
)

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_linking_makes_the_collection_a_version_and_latest():
    registry = RegistryFactory()
    logged = logged_version(TeamFactory(organization=registry.organization))
    Event.objects.all().delete()

    version = link(
        logged.artifact, registry, "classifier", aliases=["production"], by=SYSTEM
    )

    assert version.number == 0
    assert {alias.name for alias in version.aliases.all()} == {"latest", "production"}
    assert kinds() == ["collection.create", "version.link", "alias.add"]
    registry.refresh_from_db()
    assert (registry.collection_count, registry.version_count) == (1, 1)


def test_linking_again_gives_the_same_version_and_wakes_nothing():
    version = linked_version(RegistryFactory())
    Event.objects.all().delete()

    again = link(version.artifact, version.registry, "classifier", by=SYSTEM)

    assert again == version
    assert kinds() == []


def test_a_number_is_never_given_twice():
    registry = RegistryFactory()
    first = linked_version(registry)
    unlink(first, by=SYSTEM)
    second = linked_version(
        registry, files={"a": b"2"}, team=TeamFactory(organization=registry.organization)
    )
    delete_collection(second.collection, by=SYSTEM)

    third = linked_version(
        registry, files={"a": b"3"}, team=TeamFactory(organization=registry.organization)
    )

    assert (first.number, second.number, third.number) == (0, 1, 2)


def test_a_wrong_type_is_refused_with_the_accepted_ones():
    registry = RegistryFactory(accepts_all_types=False)
    registry.accepted_types.create(name="dataset")
    logged = logged_version(TeamFactory(organization=registry.organization))

    with pytest.raises(Invalid, match="it accepts dataset"):
        link(logged.artifact, registry, "classifier", by=SYSTEM)


def test_a_teams_source_stays_in_its_organization():
    logged = logged_version(TeamFactory())

    with pytest.raises(Missing):
        link(logged.artifact, RegistryFactory(), "classifier", by=SYSTEM)


def test_details_alone_do_not_suffice_to_link():
    source = linked_version(RegistryFactory())
    target = RegistryFactory(organization=source.registry.organization)
    user = person(source.registry, Role.RESTRICTED_VIEWER)
    target.members.create(membership=user.memberships.get(), role=Role.ADMIN)

    with pytest.raises(Denied):
        link(source.artifact, target, "copy", by=acting(user))

    assert not target.collections.exists()


def test_a_protected_alias_takes_an_admin():
    version = linked_version(RegistryFactory())
    protect_alias(version.registry, "production", by=SYSTEM)
    member = acting(person(version.registry, Role.MEMBER))

    with pytest.raises(Denied, match="Admin"):
        set_alias(version, "production", by=member)
    set_alias(version, "production", by=acting(person(version.registry, Role.ADMIN)))
    for change in (
        lambda: remove_alias(version.collection, "production", by=member),
        lambda: unlink(version, by=member),
        lambda: delete_collection(version.collection, by=member),
    ):
        with pytest.raises(Denied):
            change()
    assert version.aliases.filter(name="production").exists()


def test_unlinking_the_newest_moves_latest_back():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    old = linked_version(registry, team=team)
    new = linked_version(registry, team=team, files={"a": b"new"})

    unlink(new, by=SYSTEM)

    assert old.aliases.filter(name="latest").exists()
    assert not Version.objects.filter(pk=new.pk).exists()


def test_latest_is_ignored_and_version_numbers_are_refused():
    version = linked_version(RegistryFactory())

    assert set_alias(version, "latest", by=SYSTEM) is None
    with pytest.raises(Invalid):
        set_alias(version, "v3", by=SYSTEM)


def test_deleting_twice_is_a_conflict():
    version = linked_version(RegistryFactory())
    delete_collection(version.collection, by=SYSTEM)

    with pytest.raises(Conflict):
        delete_collection(version.collection, by=SYSTEM)
