from __future__ import annotations

import pytest

from accounts.models import Event
from registries.events import in_audit_log
from registries.operations.registries import change_visibility, edit_registry, take_access
from tests.admin import address
from tests.cast import OPEN, RESTRICTED
from tests.doors import client_of
from tests.factories import SYSTEM, acting
from tests.registries.views.pages import words

pytestmark = pytest.mark.django_db

LIST = "accounts_event"


@pytest.fixture
def client(cast):
    """A browser of an Admin of the organization."""
    return client_of(cast, "organization admin")


def listed(client, **query: str) -> set[int]:
    """The rows of the list, all its pages."""
    found: set[int] = set()
    for page in range(1, 20):
        answer = client.get(address(LIST), query | {"p": str(page)})
        if answer.status_code != 200:
            break
        found |= {event.pk for event in answer.context["cl"].result_list}
    return found


def test_it_has_what_the_audit_log_has(cast, client):
    everything = Event.objects.filter(organization_id=cast.organization.pk)
    expected = in_audit_log(cast.organization, cast.person("organization admin"))

    found = listed(client)

    assert found == set(expected.values_list("pk", flat=True))
    hidden = everything.exclude(pk__in=found)
    assert {event.registry_id for event in hidden} == {cast.registries[RESTRICTED]}
    assert "registry_member.add" in {event.kind for event in hidden}


def test_with_access_those_are_there_too(cast, client):
    take_access(cast.registry(RESTRICTED), by=acting(cast.person("organization admin")))

    expected = Event.objects.filter(organization_id=cast.organization.pk)
    assert listed(client) == {event.pk for event in expected}


def test_what_is_restricted_later_takes_its_past_along(cast, client):
    edit_registry(cast.registry(OPEN), description="Shelf.", by=SYSTEM)
    change_visibility(cast.registry(OPEN), RESTRICTED, by=SYSTEM)

    edited = Event.objects.get(kind="registry.edit")
    assert edited.pk not in listed(client)


def test_an_event_of_a_closed_registry_has_no_page(cast, client):
    event = Event.objects.filter(
        registry_id=cast.registries[RESTRICTED], kind="registry_member.add"
    ).first()

    assert client.get(address(LIST, "change", event.pk)).status_code == 404


def test_the_installation_administrator_sees_all(cast):
    client = client_of(cast, "installation administrator")

    assert listed(client) == set(Event.objects.values_list("pk", flat=True))


def test_search_is_by_actor_and_kind(cast, client):
    edit_registry(cast.registry(OPEN), description="x", by=acting(cast.person("admin")))

    assert len(listed(client, q="the-admin")) == 1
    assert len(listed(client, q="registry.edit")) == 1
    assert listed(client, q="the-adm") == set()


def test_history_is_of_one_row(cast, client):
    team = address("accounts_team", "history", cast.other.pk)

    found = Event.objects.filter(
        pk__in=listed(client, about=client.get(team)["Location"].partition("=")[2])
    )

    assert {event.kind for event in found} == {"team.create"}
    assert {event.subject_id for event in found} == {cast.other.pk}


def test_a_page_shows_before_and_after(cast, client):
    edit_registry(cast.registry(OPEN), description="A shelf.", by=SYSTEM)
    event = Event.objects.latest("pk")

    text = words(client.get(address(LIST, "change", event.pk)))

    assert "A shelf." in text
    assert "registry.edit" in text


def test_events_are_never_changed(cast, client, unchanged):
    pk = max(listed(client))
    with unchanged():
        for view in ("change", "delete"):
            place = address(LIST, view, pk)
            assert client.post(place, {"kind": "x", "post": "yes"}).status_code == 403
        client.post(
            address(LIST),
            {"action": "delete_selected", "_selected_action": pk, "post": "yes"},
        )
