from __future__ import annotations

import pytest

from accounts.models import ApiKey, Event, Membership, User
from accounts.operations.keys import issue_api_key
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.organizations import add_member, create_service_account
from tests.admin import act, address, fields, remove, said, save
from tests.doors import client_of
from tests.factories import SYSTEM
from tests.registries.views.pages import words

pytestmark = pytest.mark.django_db

PEOPLE = "accounts_membership"
PROGRAMS = "accounts_serviceaccount"
USERS = "accounts_user"


@pytest.fixture
def client(cast):
    """A browser of an Admin of the organization."""
    return client_of(cast, "organization admin")


def written(began: int) -> list[str]:
    events = Event.objects.filter(pk__gt=began).order_by("pk")
    assert {event.via for event in events} <= {"admin"}
    return [event.kind for event in events]


def last() -> int:
    return Event.objects.latest("pk").pk


def standing(cast, name: str) -> Membership:
    return cast.organization.memberships.get(user=cast.person(name))


# People


def test_the_list_shows_the_people_of_the_organization(cast, client):
    text = words(client.get(address(PEOPLE)))

    assert "the-viewer Viewer the-viewer@example.org Acme Viewer" in text
    assert "the-outsider" not in text
    assert "the-service-account" not in text
    assert "the-removed" not in text


def test_search_finds_by_name_username_and_address(cast, client):
    for wanted in ("the-team-m", "Team Member", "team-member@"):
        text = words(client.get(address(PEOPLE), {"q": wanted}))
        assert "1 membership" in text
    assert "0 memberships" in words(client.get(address(PEOPLE), {"q": "outsider"}))


def test_filters_name_none_but_ones_own_organizations(cast, client):
    assert "By organization" not in words(client.get(address(PEOPLE)))
    add_member(cast.elsewhere, cast.person("organization admin"), Role.ADMIN, by=SYSTEM)

    query = {"organization": cast.elsewhere.pk}
    text = words(client.get(address(PEOPLE), query))

    assert "By organization All Acme Elsewhere" in text
    assert "the-outsider" in text
    assert "the-viewer" not in text


def test_a_role_is_changed(cast, client):
    began, membership = last(), standing(cast, "viewer")

    answer = save(client, address(PEOPLE, "change", membership.pk), role="member")

    assert answer["Location"] == address(PEOPLE)
    assert standing(cast, "viewer").role == Role.MEMBER
    assert written(began) == ["membership.change_role"]


def last_admin(cast) -> Membership:
    """Leave one Admin in the organization, the one who is signed in."""
    admins = cast.organization.memberships.human_admins()
    mine = standing(cast, "organization admin")
    admins.exclude(pk=mine.pk).update(role=Role.MEMBER)
    return mine


def test_the_last_admin_stays(cast, client, unchanged):
    mine = last_admin(cast)
    place = address(PEOPLE, "change", mine.pk)
    sent = fields(client, place)
    with unchanged():
        answer = client.post(place, sent | {"role": "viewer"})

    assert answer.status_code == 409
    assert "Acme needs at least one active Admin" in answer.text
    leads_to = remove(client, PEOPLE, mine.pk)["Location"]
    assert leads_to == place
    assert "Acme needs at least one active Admin" in said(client)
    assert standing(cast, "organization admin").role == Role.ADMIN


@pytest.mark.parametrize("role", ["owner", "restricted_viewer", "", "x"])
def test_no_other_role_is_given(cast, client, role, unchanged):
    place = address(PEOPLE, "change", standing(cast, "viewer").pk)
    sent = fields(client, place)
    with unchanged():
        assert client.post(place, sent | {"role": role}).status_code == 422


def test_who_is_removed_has_nothing_any_more_and_what_they_owned_passes(cast, client):
    began, owner = last(), standing(cast, "owner")
    asked = words(client.get(address(PEOPLE, "delete", owner.pk)))

    remove(client, PEOPLE, owner.pk)

    assert "restricted: its ownership passes on" in asked
    assert "end at once" in asked
    assert not cast.organization.memberships.filter(pk=owner.pk).exists()
    admin = cast.person("organization admin")
    assert Registry.objects.filter(owner__user=admin).count() == 2
    assert written(began) == [*["registry.move_ownership"] * 2, "membership.remove"]


def test_many_are_removed_at_once(cast, client):
    began = last()
    rows = [standing(cast, name).pk for name in ("viewer", "member")]

    asked = act(client, PEOPLE, "delete_selected", *rows)
    assert "the-viewer in Acme" in words(asked)
    act(client, PEOPLE, "delete_selected", *rows, post="yes")

    assert not cast.organization.memberships.filter(pk__in=rows).exists()
    assert written(began) == ["membership.remove"] * 2


def test_of_many_all_or_none(cast, client):
    mine = last_admin(cast)
    began = last()

    rows = [standing(cast, "viewer").pk, mine.pk]
    answer = act(client, PEOPLE, "delete_selected", *rows, post="yes")

    assert answer["Location"] == address(PEOPLE)
    assert "Nothing was changed. Acme needs at least one active Admin" in said(client)
    assert cast.organization.memberships.filter(pk__in=rows).count() == 2
    assert written(began) == []


def test_rows_of_others_are_not_among_those_selected(cast, client, unchanged):
    theirs = cast.person("outsider").memberships.get()
    program = standing(cast, "service account")
    client.get("/admin/")
    for pk in (theirs.pk, program.pk):
        act(client, PEOPLE, "delete_selected", pk, post="yes")
        act(client, PEOPLE, "delete_selected", pk, post="yes", select_across="0")

    assert Membership.objects.filter(pk__in=[theirs.pk, program.pk]).count() == 2


def test_whoever_leaves_is_led_out(cast, client):
    answer = remove(client, PEOPLE, standing(cast, "organization admin").pk)

    assert answer["Location"] == "/"


# Service accounts


def test_a_service_account_is_made(cast, client):
    began = last()

    answer = save(
        client, address(PROGRAMS, "add"), name="builder", full_name="CI", role="viewer"
    )

    assert answer["Location"] == address(PROGRAMS)
    made = User.objects.get(entity__name="builder")
    assert (made.is_service_account, made.full_name) == (True, "CI")
    assert made.memberships.get().role == Role.VIEWER
    assert written(began) == ["user.create", "membership.add"]
    assert "builder CI Acme Viewer 0" in words(client.get(address(PROGRAMS)))


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        ({"name": "the-viewer"}, 409, "is not available"),
        ({"name": "a b"}, 422, "name"),
        ({"name": ""}, 422, "required"),
        ({"role": "admin"}, 422, "valid choice"),
        ({"organization": "elsewhere"}, 422, "valid choice"),
    ],
    ids=str,
)
def test_a_service_account_that_is_refused_is_not_made(cast, client, sent, status, why):
    if "organization" in sent:
        sent = {"organization": str(cast.elsewhere.pk)}

    answer = save(client, address(PROGRAMS, "add"), **{"name": "builder"} | sent)

    assert answer.status_code == status
    assert why in answer.text
    assert not User.objects.filter(entity__name="builder").exists()


def test_a_service_account_is_never_admin(cast, client, unchanged):
    place = address(PROGRAMS, "change", standing(cast, "service account").pk)
    sent = fields(client, place)
    with unchanged():
        assert client.post(place, sent | {"role": "admin"}).status_code == 422


def test_a_service_account_is_removed_with_its_keys(cast, client):
    program = create_service_account(cast.organization, "builder", by=SYSTEM)
    issue_api_key(program, name="ci", by=SYSTEM)
    began = last()

    remove(client, PROGRAMS, program.memberships.get().pk)

    assert written(began) == ["membership.remove", "api_key.revoke"]
    assert not ApiKey.objects.live().filter(user=program).exists()


def test_people_are_no_service_accounts(cast, client):
    person = standing(cast, "viewer").pk

    assert client.get(address(PROGRAMS, "change", person)).status_code == 404


# Users


def test_an_account_is_closed_by_the_installation_administrator(cast):
    client, began = client_of(cast, "installation administrator"), last()

    act(client, USERS, "deactivate", cast.people["viewer"])

    assert not cast.person("viewer").is_active
    assert written(began) == ["membership.remove", "user.deactivate"]


def test_the_last_installation_administrator_stays(cast):
    client = client_of(cast, "installation administrator")
    both = [cast.people["viewer"], cast.people["installation administrator"]]

    act(client, USERS, "deactivate", *both)

    assert "is the last installation administrator" in said(client)
    assert cast.person("viewer").is_active


def test_organization_admins_have_no_list_of_all_accounts(cast, client, unchanged):
    client.get("/admin/")
    with unchanged():
        answer = act(client, USERS, "deactivate", cast.people["viewer"])

    assert answer.status_code == 404
    assert address(USERS) not in client.get("/admin/").text
