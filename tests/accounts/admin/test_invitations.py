from __future__ import annotations

import pytest
import time_machine

from accounts.models import Event, Invitation, Job
from accounts.operations.invitations import invite
from accounts.permissions import Role
from tests.admin import act, address, said, save
from tests.doors import client_of
from tests.factories import SYSTEM
from tests.registries.views.pages import words

pytestmark = pytest.mark.django_db

LIST = "accounts_invitation"
ADDRESS = "new@example.org"


@pytest.fixture
def client(cast):
    """A browser of an Admin of the organization."""
    return client_of(cast, "organization admin")


@pytest.fixture
def invitation(cast) -> Invitation:
    return invite(cast.organization, ADDRESS, Role.VIEWER, by=SYSTEM)


def test_somebody_is_invited(cast, client):
    answer = save(client, address(LIST, "add"), email=ADDRESS, role="viewer")

    assert answer["Location"] == address(LIST)
    made = Invitation.objects.get()
    assert (made.organization, made.email, made.role) == (
        *(cast.organization, ADDRESS, Role.VIEWER),
    )
    assert made.invited_by == cast.person("organization admin")
    assert Job.objects.filter(name="send_invitation").exists()
    event = Event.objects.latest("pk")
    assert (event.kind, event.via) == ("invitation.create", "admin")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"email": "the-viewer@example.org"}, 409),
        ({"email": "x"}, 422),
        ({"role": "owner"}, 422),
        ({"organization": "0"}, 422),
    ],
    ids=str,
)
def test_who_cannot_be_invited_is_not(cast, client, sent, status):
    answer = save(client, address(LIST, "add"), **{"email": ADDRESS} | sent)

    assert answer.status_code == status
    assert "errornote" in answer.text
    assert not Invitation.objects.exists()


def test_nobody_is_invited_into_somebody_elses_organization(cast, client):
    there = save(
        client, address(LIST, "add"), email=ADDRESS, organization=str(cast.elsewhere.pk)
    )
    missing = save(client, address(LIST, "add"), email=ADDRESS, organization="98765")

    assert there.status_code == missing.status_code == 422
    assert not Invitation.objects.exists()


def test_an_invitation_is_sent_again(client, invitation):
    act(client, LIST, "resend", invitation.pk)

    assert "New links are on their way: 1." in said(client)
    assert Invitation.objects.get().nonce != invitation.nonce
    assert Event.objects.latest("pk").kind == "invitation.resend"


def test_an_invitation_is_taken_back_once(client, invitation):
    act(client, LIST, "revoke", invitation.pk)
    assert "Revoked: 1." in said(client)
    count = Event.objects.count()

    act(client, LIST, "revoke", invitation.pk)

    assert "Nothing was changed. This invitation is no longer open." in said(client)
    assert Event.objects.count() == count


def test_those_of_others_are_not_taken_back(cast, client, unchanged):
    theirs = invite(cast.elsewhere, ADDRESS, Role.VIEWER, by=SYSTEM)
    client.get("/admin/")

    for action in ("revoke", "resend"):
        act(client, LIST, action, theirs.pk)

    assert Invitation.objects.get().revoked_at is None
    assert Invitation.objects.get().nonce == theirs.nonce


def test_the_list_says_what_has_become_of_them(cast, client, invitation):
    for state, found in (("open", 1), ("expired", 0), ("revoked", 0), ("accepted", 0)):
        text = words(client.get(address(LIST), {"state": state}))
        assert f"{found} invitation" in text, state
    with time_machine.travel("2030-01-01"):
        client.force_login(cast.person("organization admin"))
        text = words(client.get(address(LIST), {"state": "expired"}))
    assert "new@example.org Acme Viewer Expired" in text
