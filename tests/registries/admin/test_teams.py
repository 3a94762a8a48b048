from __future__ import annotations

import pytest

from accounts.models import Event, Team, TeamMembership
from accounts.operations.teams import add_team_member, create_team
from accounts.permissions import Role
from tests.admin import address, fields, remove, save
from tests.doors import client_of
from tests.factories import SYSTEM
from tests.registries.views.pages import words

pytestmark = pytest.mark.django_db

LIST = "accounts_team"


@pytest.fixture
def client(cast):
    """A browser of an Admin of the organization."""
    return client_of(cast, "organization admin")


def written(began: int) -> list[tuple[str, str]]:
    events = Event.objects.filter(pk__gt=began).order_by("pk")
    return [(event.kind, event.via) for event in events]


def last() -> int:
    return Event.objects.latest("pk").pk


def roles(team: Team) -> dict[str, str]:
    rows = team.memberships.select_related("membership__user__entity")
    return {row.membership.user.username: row.role for row in rows}


def test_the_list_shows_the_teams_of_the_organization(cast, client):
    create_team(cast.elsewhere, "theirs", by=SYSTEM)

    text = words(client.get(address(LIST)))

    assert "added Acme 1" in text
    assert "theirs" not in text


def test_a_team_is_made_and_filled(cast, client):
    began = last()

    made = save(client, address(LIST, "add"), name="fresh", _continue="1")
    answer = client.get(made["Location"])
    assert "the-organization-admin" in answer.text
    save(client, made["Location"], memberships__1__member="the-viewer")

    team = Team.objects.get(entity__name="fresh")
    assert roles(team) == {"the-organization-admin": "admin", "the-viewer": "member"}
    assert written(began) == [
        ("team.create", "admin"),
        ("team_member.add", "admin"),
        ("team_member.add", "admin"),
    ]


def test_members_are_changed_added_and_taken_out_at_once(cast, client):
    viewer = cast.person("viewer").memberships.get()
    add_team_member(cast.other, viewer, Role.VIEWER, by=SYSTEM)
    began = last()

    save(
        client,
        address(LIST, "change", cast.other.pk),
        memberships__0__DELETE="on",
        memberships__1__role="admin",
        memberships__2__member="the-member@example.org",
        memberships__2__role="viewer",
    )

    assert roles(cast.other) == {"the-viewer": "admin", "the-member": "viewer"}
    assert [kind for kind, _ in written(began)] == [
        *("team_member.remove", "team_member.change_role", "team_member.add"),
    ]


@pytest.mark.parametrize("named", ["nobody", "the-outsider", "other", "\x00", " "])
def test_whoever_is_not_in_the_organization_is_in_no_team(cast, client, named, unchanged):
    place = address(LIST, "change", cast.other.pk)
    sent = fields(client, place)
    with unchanged():
        answer = client.post(
            place,
            sent
            | {"memberships-0-role": "viewer", "memberships-1-member": named}
            | {"memberships-1-role": "admin"},
        )

    assert answer.status_code == 422


def test_a_row_of_another_team_is_not_touched(cast, client, unchanged):
    theirs = TeamMembership.objects.get(team=cast.added)
    place = address(LIST, "change", cast.other.pk)
    sent = fields(client, place) | {"memberships-0-id": str(theirs.pk)}
    with unchanged():
        assert client.post(place, sent | {"memberships-0-role": "admin"}).status_code == 422
        client.post(place, sent | {"memberships-0-DELETE": "on"})


def test_a_row_that_is_gone_meanwhile_is_said_so(cast, client):
    place = address(LIST, "change", cast.other.pk)
    sent = fields(client, place)
    cast.other.memberships.all().delete()

    assert client.post(place, sent | {"memberships-0-role": "viewer"}).status_code == 422
    assert client.post(place, sent | {"memberships-0-DELETE": "on"}).status_code == 302


def test_a_deleted_team_is_gone(cast, client):
    began = last()

    remove(client, LIST, cast.other.pk)

    assert client.get(address(LIST, "change", cast.other.pk)).status_code == 404
    assert written(began) == [("team.delete", "admin")]


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"name": "other"}, 409), ({"name": "admin"}, 422), ({"name": "a/b"}, 422)],
    ids=str,
)
def test_a_team_that_is_refused_is_not_made(cast, client, sent, status, unchanged):
    fields(client, address(LIST, "add"))
    with unchanged():
        assert save(client, address(LIST, "add"), **sent).status_code == status
