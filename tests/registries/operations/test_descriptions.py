"""One content, one description, wherever it is linked (rules.md, section 6)."""

from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid, Missing, TooLarge
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Version
from registries.operations.descriptions import edit_description
from registries.operations.links import link, unlink
from registries.operations.seen import mark
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    acting,
    logged_version,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def homes() -> tuple[Version, Version, Version]:
    """One artifact in its source, and in two registries."""
    one = RegistryFactory()
    other = RegistryFactory(organization=one.organization)
    logged = logged_version(TeamFactory(organization=one.organization))
    linked = [link(logged.artifact, place, "c", by=SYSTEM) for place in (one, other)]
    return logged, linked[0], linked[1]


def test_every_home_says_the_same_and_has_the_event(homes):
    logged, one, other = homes

    edit_description(one, "Trained on May.", by=SYSTEM)

    logged.artifact.refresh_from_db()
    assert logged.artifact.description == "Trained on May."
    events = Event.objects.filter(kind="version.edit_description").order_by("pk")
    assert [event.subject_id for event in events] == [logged.pk, one.pk, other.pk]
    assert [event.registry_id for event in events] == [
        None,
        one.registry.pk,
        other.registry.pk,
    ]
    assert {(event.before, event.after) for event in events} == {("", "Trained on May.")}


def test_a_member_in_one_home_may_from_another(homes):
    _, one, other = homes
    user = person(one.registry, Role.MEMBER)

    edit_description(other, "Known elsewhere.", by=acting(user))

    assert Version.objects.get(pk=one.pk).artifact.description == "Known elsewhere."


def test_what_was_unlinked_in_this_moment_is_not_described_any_more(homes, unchanged):
    _, one, _ = homes
    user = person(one.registry, Role.MEMBER)
    unlink(Version.objects.get(pk=one.pk), by=SYSTEM)

    with unchanged(), pytest.raises(Missing):
        edit_description(one, "Too late.", by=acting(user))


def test_a_member_of_the_project_may(homes):
    logged, one, _ = homes
    team = logged.collection.project.entity.team
    member = TeamMembershipFactory(team=team, role=Role.MEMBER)

    edit_description(one, "By its maker.", by=acting(member.membership.user))

    assert Version.objects.get(pk=one.pk).artifact.description == "By its maker."


def test_viewers_of_all_homes_may_not(homes, unchanged):
    logged, one, _ = homes
    viewer = TeamMembershipFactory(
        team=logged.collection.project.entity.team, role=Role.VIEWER
    )

    for version, needs in ((one, "role Member in the registry"), (logged, "in the team")):
        with unchanged(), pytest.raises(Denied, match=needs):
            edit_description(version, "No.", by=acting(viewer.membership.user))


def test_what_was_changed_meanwhile_is_not_overwritten(homes, unchanged):
    edit_description(homes[0], "theirs", by=SYSTEM)

    with unchanged(), pytest.raises(Conflict, match="changed by somebody else"):
        edit_description(homes[1], "mine", seen=mark(""), by=SYSTEM)
    edit_description(homes[1], "mine", seen=mark("theirs"), by=SYSTEM)

    assert Version.objects.get(pk=homes[2].pk).artifact.description == "mine"


@pytest.mark.parametrize(
    ("text", "refusal"), [("\0", Invalid), ("x" * 1_048_577, TooLarge)]
)
def test_what_is_no_text_or_too_much_is_refused(homes, text, refusal, unchanged):
    with unchanged(), pytest.raises(refusal):
        edit_description(homes[1], text, by=SYSTEM)
