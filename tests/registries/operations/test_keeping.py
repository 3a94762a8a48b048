from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Conflict, Invalid, Missing
from accounts.models import Event
from registries.models import Artifact, Version
from registries.operations.collections import delete_collection, restore_collection
from registries.operations.keeping import (
    FOR_EVER,
    delete_artifact,
    delete_expired,
    keep_for,
    ttl_seconds,
)
from registries.operations.links import link
from registries.operations.trash import purge_trash
from tests.factories import SYSTEM, RegistryFactory, TeamFactory, logged_version

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def team():
    return TeamFactory()


def logged(team, content: bytes, *, hours: int | None, age: int = 0) -> Version:
    """A version that is to be kept for so long, and is so old, in hours."""
    version = logged_version(team, files={"f": content})
    Artifact.objects.filter(pk=version.artifact_id).update(
        created_at=timezone.now() - age * HOUR,
        ttl_seconds=None if hours is None else hours * 3600,
    )
    version.artifact.refresh_from_db()
    return version


def test_what_is_older_than_it_was_to_be_kept_is_deleted_and_nothing_else(team):
    registry = RegistryFactory(organization=team.organization)
    old = logged(team, b"old", hours=2, age=3)
    kept = [
        logged(team, b"young", hours=2, age=1),
        logged(team, b"usual", hours=None, age=10**5),
        logged(team, b"for ever", hours=0, age=10**5),
        logged(team, b"century", hours=24 * 365 * 100, age=10**5),
    ]
    linked = logged(team, b"linked", hours=2)
    link(linked.artifact, registry, "c", by=SYSTEM)
    Artifact.objects.filter(pk=linked.artifact_id).update(
        created_at=timezone.now() - 3 * HOUR,
        ttl_seconds=1,  # as if it had been linked by an earlier server
    )

    assert delete_expired(by=SYSTEM) == 1
    assert delete_expired(by=SYSTEM) == 0

    states = {a.pk: a.state for a in Artifact.objects.all()}
    assert [pk for pk, state in states.items() if state == "deleted"] == [old.artifact_id]
    assert {version.artifact_id for version in kept} < states.keys()
    event = Event.objects.get(kind="artifact.delete")
    assert event.before == {"version": 0}
    assert old.collection.versions.count() == 5
    again = logged_version(team, files={"f": b"old"})
    assert again.number == 6
    assert again.artifact_id != old.artifact_id


def test_linking_ends_the_time_to_live(team):
    version = logged(team, b"linked", hours=2)
    registry = RegistryFactory(organization=team.organization)
    linked = link(version.artifact, registry, "c", by=SYSTEM)

    version.artifact.refresh_from_db()
    assert version.artifact.ttl_seconds == 0
    event = Event.objects.get(kind="artifact.change_ttl")
    assert (event.before, event.after) == ({"ttl_seconds": 7200}, {"ttl_seconds": 0})
    link(version.artifact, registry, "c", by=SYSTEM)
    assert Event.objects.filter(kind="artifact.change_ttl").count() == 1
    with pytest.raises(Conflict, match="is kept"):
        keep_for(version, 60, by=SYSTEM)
    with pytest.raises(Conflict, match=str(linked.number)):
        delete_artifact(version.artifact, with_aliases=True, by=SYSTEM)


def test_what_was_deleted_meanwhile_is_not_linked(team):
    version = logged(team, b"gone", hours=None)
    stale = Artifact.objects.get(pk=version.artifact_id)
    delete_artifact(version.artifact, with_aliases=True, by=SYSTEM)

    registry = RegistryFactory(organization=team.organization)
    with pytest.raises(Missing):
        link(stale, registry, "c", by=SYSTEM)

    assert not registry.collections.exists()


def test_what_is_in_the_trash_waits_there(team):
    old = logged(team, b"old", hours=2, age=3)
    delete_collection(old.collection, by=SYSTEM)

    assert delete_expired(by=SYSTEM) == 0

    restore_collection(old.collection, by=SYSTEM)
    assert delete_expired(by=SYSTEM) == 1
    delete_collection(old.collection, by=SYSTEM)
    assert purge_trash(by=SYSTEM, now=timezone.now() + timedelta(days=60))


@pytest.mark.parametrize(
    ("given", "kept"), [(None, None), (-1, None), (-2, FOR_EVER), (60, 60)]
)
def test_a_time_to_live_is_kept_in_seconds(given, kept):
    assert ttl_seconds(given) == kept


@pytest.mark.parametrize("given", [0, -3, 10**12])
def test_a_time_to_live_that_is_none_is_refused(given):
    with pytest.raises(Invalid):
        ttl_seconds(given)
