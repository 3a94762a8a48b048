"""Each operation works and records; a weaker role or a read-only key changes nothing."""

from __future__ import annotations

import pytest

from accounts.actors import Actor, Denied
from accounts.models import ApiKey, Event
from tests import (
    operations,
    operations_of_admins,
    operations_of_automations,
    operations_of_drafts,
    operations_of_programs,
    operations_of_runs,
    operations_of_uploads,
)
from tests.cast import Cast
from tests.doors import Scene
from tests.factories import SYSTEM
from tests.operations import PARTS, Case, inventory
from tests.terms import names_there_are, noted_terms

pytestmark = pytest.mark.django_db

CASES = [
    *operations.CASES,
    *operations_of_admins.CASES,
    *operations_of_drafts.CASES,
    *operations_of_programs.CASES,
    *operations_of_automations.CASES,
    *operations_of_runs.CASES,
    *operations_of_uploads.CASES,
]
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)

FOR_ONESELF = {
    "accept_invitation",
    "create_organization",
    "create_registry",
    "leave",
    "take_access",
    "star",
    "unstar",
}
"""What the server does not do unless it names somebody."""


def act(case: Case, scene: Scene, given: object, by: Actor) -> list[Event]:
    """Do it, and return the events that it wrote."""
    last = Event.objects.order_by("pk").last()
    case.act(scene, given, by)
    return list(Event.objects.filter(pk__gt=last.pk).order_by("pk"))


def kinds(events: list[Event]) -> str:
    return " ".join(event.kind for event in events)


def test_every_operation_is_in_the_list():
    listed = {case.operation for case in CASES}
    missing = [f.__name__ for f in inventory() if f not in listed]

    assert sorted(missing) == sorted(PARTS)


@pytest.mark.tables
@each
def test_it_works_and_writes_its_events(cast: Cast, case: Case):
    scene = Scene(cast, case.kind)
    given = case.given(scene)
    by = case.actor(scene, case.able)

    events = act(case, scene, given, by)

    assert kinds(events) == case.writes
    assert {(e.actor_id, e.actor_name, e.via) for e in events} == {
        (by.user.pk, by.user.username, "test")
    }
    personal = {"user.star", "user.unstar"}
    # What is neither personal nor the installation's.
    if case.denied != "organization admin" and case.writes not in personal:
        assert {event.organization_name for event in events} == {"Acme"}
    for kind in set(case.writes.split()):
        assert kind in (case.operation.__doc__ or "")


@pytest.mark.tables
@each
def test_what_is_searched_follows_every_change(cast: Cast, case: Case):
    scene = Scene(cast, case.kind)
    given = case.given(scene)

    case.act(scene, given, case.actor(scene, case.able))

    assert noted_terms() == names_there_are()


@pytest.mark.tables
@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.operation.__name__ not in FOR_ONESELF],
    ids=lambda case: case.name,
)
def test_the_server_may_do_it_and_is_named(cast: Cast, case: Case):
    scene = Scene(cast, case.kind)

    events = act(case, scene, case.given(scene), SYSTEM)

    assert {(event.actor_id, event.actor_name) for event in events} == {(None, "system")}


@pytest.mark.tables
@each
def test_the_next_weaker_is_denied_and_nothing_changes(cast: Cast, case: Case, unchanged):
    scene = Scene(cast, case.kind)
    given = case.given(scene)
    by = case.actor(scene, case.denied)

    with unchanged(), pytest.raises(Denied) as refusal:
        case.act(scene, given, by)

    assert str(refusal.value).endswith(".")


@pytest.mark.tables
@each
def test_a_read_only_key_changes_nothing(cast: Cast, case: Case, unchanged):
    scene = Scene(cast, case.kind)
    given = case.given(scene)
    by = case.actor(scene, case.able, ApiKey(name="reports", read_only=True))

    with unchanged(), pytest.raises(Denied, match="The API key reports is read-only"):
        case.act(scene, given, by)


@pytest.mark.tables
@each
def test_nobody_changes_nothing(cast: Cast, case: Case, unchanged):
    scene = Scene(cast, case.kind)
    given = case.given(scene)

    with unchanged(), pytest.raises(Denied):
        case.act(scene, given, Actor(None, via="test"))


@each
def test_doing_it_twice_is_harmless_or_refused(cast: Cast, case: Case, unchanged):
    scene = Scene(cast, case.kind)
    given = case.given(scene)
    by = case.actor(scene, case.able)
    case.act(scene, given, by)

    if isinstance(case.again, str):
        assert kinds(act(case, scene, given, by)) == case.again
    else:
        with unchanged(), pytest.raises(case.again):
            case.act(scene, given, by)


def test_events_keep_the_key_and_the_address(cast: Cast):
    case = CASES[-1]
    scene = Scene(cast, case.kind)
    user = scene.person(case.able)
    key = ApiKey.objects.create(user=user, name="k", digest="d", hint="last")

    events = act(
        case, scene, case.given(scene), Actor(user, via="wire", key=key, address="::1")
    )

    assert [(e.via, e.key_id, e.address) for e in events] == [("wire", key.pk, "::1")]
