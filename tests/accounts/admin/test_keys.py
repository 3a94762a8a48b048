from __future__ import annotations

import pytest

from accounts.models import ApiKey, Event
from accounts.operations.keys import issue_api_key
from registries.operations.organizations import create_service_account
from tests.admin import act, address, said
from tests.doors import client_of
from tests.factories import SYSTEM
from tests.registries.views.pages import words

pytestmark = pytest.mark.django_db

LIST = "accounts_apikey"


@pytest.fixture
def client(cast):
    """A browser of an Admin of the organization."""
    return client_of(cast, "organization admin")


@pytest.fixture
def keys(cast) -> dict[str, ApiKey]:
    """A key of everybody whose it might be."""
    elsewhere = create_service_account(cast.elsewhere, "robot", by=SYSTEM)
    owners = {
        "program": cast.person("service account"),
        "own": cast.person("organization admin"),
        "person": cast.person("viewer"),
        "outsider": cast.person("outsider"),
        "robot": elsewhere,
    }
    return {
        name: issue_api_key(owner, name=f"key-of-{name}", by=SYSTEM)[0]
        for name, owner in owners.items()
    }


def test_one_sees_those_of_programs_and_ones_own(client, keys):
    text = words(client.get(address(LIST)))

    assert {name for name in keys if f"key-of-{name}" in text} == {"program", "own"}


def test_the_installation_administrator_sees_all(cast, keys):
    text = words(client_of(cast, "installation administrator").get(address(LIST)))

    assert {name for name in keys if f"key-of-{name}" in text} == set(keys)


def test_a_key_is_revoked(client, keys):
    began = Event.objects.latest("pk").pk

    act(client, LIST, "revoke", keys["program"].pk, keys["own"].pk)

    assert "Revoked: 2." in said(client)
    assert ApiKey.objects.exclude(revoked_at=None).count() == 2
    events = Event.objects.filter(pk__gt=began)
    assert {(event.kind, event.via) for event in events} == {("api_key.revoke", "admin")}


def test_a_key_is_revoked_on_its_page(client, keys):
    pk = keys["program"].pk

    sent = {"CHANGE_FORM-action": "revoke", "_selected_action": pk}
    client.post(address(LIST, "change", pk), sent | {"CHANGE_FORM-select_across": "1"})

    revoked = ApiKey.objects.exclude(revoked_at=None)
    assert [key.name for key in revoked] == ["key-of-program"]


@pytest.mark.parametrize("name", ["person", "outsider", "robot"])
def test_those_of_others_are_not(client, keys, name, unchanged):
    pk = keys[name].pk
    sent = {"CHANGE_FORM-action": "revoke", "_selected_action": pk}
    client.get("/admin/")

    act(client, LIST, "revoke", pk)
    act(client, LIST, "revoke", pk, select_across="1", q=f"key-of-{name}")
    other = address(LIST, "change", keys["program"].pk)
    assert client.post(other, sent).status_code == 400
    assert client.post(address(LIST, "change", pk), sent).status_code == 404

    assert ApiKey.objects.get(pk=pk).revoked_at is None


def test_no_key_is_made_changed_or_deleted_here(client, keys, unchanged):
    pk = keys["own"].pk
    client.get("/admin/")
    with unchanged():
        assert client.post(address(LIST, "add"), {"name": "x"}).status_code == 403
        change = client.post(address(LIST, "change", pk), {"name": "x"})
        assert change.status_code == 403
        assert client.post(address(LIST, "delete", pk), {"post": "1"}).status_code == 403
