from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Membership, Team, User
from accounts.permissions import Role
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    make_organization,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme():
    return make_organization("acme")


@pytest.fixture
def vision(acme) -> Team:
    return TeamFactory(organization=acme, name="vision")


@pytest.fixture
def anouk(acme, vision, client) -> User:
    """Admin of the team, signed in."""
    place = member(acme, "anouk")
    TeamMembershipFactory(team=vision, membership=place, role=Role.ADMIN)
    return sign_in(client, place.user)


def member(organization, name: str, role: Role = Role.MEMBER) -> Membership:
    user = UserFactory(username=name)
    return MembershipFactory(organization=organization, user=user, role=role)


def sign_in(client, user: User) -> User:
    client.force_login(user, backend="accounts.backends.EmailBackend")
    return user


def address(name: str, *args) -> str:
    return reverse(f"registries:teams:{name}", args=["acme", *args])


def test_who_makes_a_team_is_its_admin(acme, client):
    anouk = sign_in(client, member(acme, "anouk").user)

    empty = client.get(address("list")).text
    response = client.post(address("create"), {"name": "speech"}, follow=True)

    team = Team.objects.get()
    assert "No teams yet" in empty
    assert team.memberships.get(membership__user=anouk).role == Role.ADMIN
    assert response.redirect_chain[-1][0] == address("team", "speech")


@pytest.mark.parametrize(
    ("name", "status"),
    [("", 422), ("no spaces", 422), ("acme", 409), ("VISION", 409), ("new", 422)],
)
def test_a_name_that_cannot_be_makes_no_team(client, anouk, unchanged, name, status):
    with unchanged():
        response = client.post(address("create"), {"name": name})

    assert response.status_code == status
    assert 'class="error"' in response.text


def test_viewers_see_teams_and_make_none(acme, vision, client, unchanged):
    sign_in(client, member(acme, "karim", Role.VIEWER).user)

    html = client.get(address("list")).text
    with unchanged():
        response = client.post(address("create"), {"name": "speech"})

    assert "vision" in html
    assert "Create team" not in html
    assert response.status_code == 403


def test_teams_come_in_pages_and_can_be_found(acme, anouk, client):
    for n in range(26):
        TeamFactory(organization=acme, name=f"team-x{n:02}")

    first = client.get(address("list"))
    found = client.get(address("list"), {"team": "X07"}, headers=HTMX)

    assert first.context["page"].next
    assert "team-x07" in found.text
    assert "team-x08" not in found.text
    assert "<html" not in found.text


@pytest.mark.parametrize("who", ["bente", "BENTE", "bente@example.org"])
def test_an_admin_adds_somebody_by_name_or_address(acme, vision, anouk, client, who):
    place = member(acme, "bente")

    response = client.post(
        address("add", "vision"), {"member": who, "role": "viewer"}, follow=True
    )

    assert vision.memberships.get(membership=place).role == Role.VIEWER
    assert "bente is in vision now." in response.text


@pytest.mark.parametrize("who", ["stranger", "nobody-at-all", "", "\0", "x" * 200])
def test_who_is_not_in_the_organization_cannot_be_added(anouk, client, unchanged, who):
    UserFactory(username="stranger")

    with unchanged():
        response = client.post(address("add", "vision"), {"member": who, "role": "viewer"})

    assert response.status_code == 422
    assert 'class="error"' in response.text


def test_an_admin_changes_a_role_and_takes_somebody_out(acme, vision, anouk, client):
    place = TeamMembershipFactory(team=vision, membership=member(acme, "bente"))

    part = client.post(address("role", "vision", place.pk), {"role": "admin"}, headers=HTMX)
    place.refresh_from_db()
    out = client.post(address("remove", "vision", place.pk), follow=True)

    assert place.role == Role.ADMIN
    assert "bente is Admin of vision now." in part.text
    assert "<html" not in part.text
    assert "bente is out of vision." in out.text
    assert not vision.memberships.filter(pk=place.pk).exists()


def test_a_role_that_is_none_changes_nothing(acme, vision, anouk, client, unchanged):
    place = TeamMembershipFactory(team=vision, membership=member(acme, "bente"))

    with unchanged():
        response = client.post(address("role", "vision", place.pk), {"role": "owner"})

    assert response.status_code == 422


def test_members_see_the_team_and_change_nothing(acme, vision, client, unchanged):
    place = TeamMembershipFactory(team=vision, membership=member(acme, "bente"))
    sign_in(client, member(acme, "karim").user)

    html = client.get(address("team", "vision")).text
    with unchanged():
        answers = [
            client.post(address("add", "vision"), {"member": "karim", "role": "admin"}),
            client.post(address("role", "vision", place.pk), {"role": "viewer"}),
            client.post(address("remove", "vision", place.pk)),
            client.post(address("delete", "vision")),
        ]

    assert "bente" in html
    assert "<select" not in html
    assert "Delete team" not in html
    assert {answer.status_code for answer in answers} == {403}


def test_one_may_leave_a_team(acme, vision, client):
    place = TeamMembershipFactory(team=vision, membership=member(acme, "bente"))
    sign_in(client, place.membership.user)

    response = client.post(address("remove", "vision", place.pk), follow=True)

    assert "You are out of vision." in response.text
    assert not vision.memberships.exists()


def test_only_registries_that_one_sees_are_named(acme, vision, anouk, client):
    for name, visibility in (("open-one", "organization"), ("shut-one", "restricted")):
        registry = RegistryFactory(organization=acme, name=name, visibility=visibility)
        RegistryMemberFactory(registry=registry, team=vision, role=Role.VIEWER)
    outside = UserFactory(username="karim")
    MembershipFactory(organization=acme, user=outside)

    inside = client.get(address("team", "vision")).text
    sign_in(client, outside)
    elsewhere = client.get(address("team", "vision")).text

    assert "shut-one" in inside
    assert "open-one" in elsewhere
    assert "shut-one" not in elsewhere


def test_deleting_asks_first(vision, anouk, client):
    question = client.get(address("delete", "vision")).text
    response = client.post(address("delete", "vision"), follow=True)

    assert "Delete vision?" in question
    assert "The team vision is deleted." in response.text
    assert not Team.objects.live().exists()
    assert client.get(address("team", "vision")).status_code == 404
    assert client.post(address("delete", "vision")).status_code == 404


def test_rows_of_another_team_or_organization_are_not_found(acme, anouk, client, unchanged):
    other = TeamMembershipFactory(team=TeamFactory(organization=acme, name="speech"))
    TeamFactory(name="elsewhere")

    with unchanged():
        answers = [
            client.post(address("role", "vision", other.pk), {"role": "viewer"}),
            client.post(address("remove", "vision", other.pk)),
            client.get(address("team", "elsewhere")),
            client.get(address("team", "anouk")),
            client.get(address("team", "x" * 250)),
        ]

    assert {answer.status_code for answer in answers} == {404}


def test_another_case_leads_to_the_one_address(vision, anouk, client):
    response = client.get(address("team", "VISION"))

    assert response["Location"] == address("team", "vision")
    assert client.post(address("delete", "VISION")).status_code == 404


def test_twenty_members_cost_what_two_cost(
    acme, vision, anouk, client, django_assert_max_num_queries
):
    for n in range(20):
        TeamMembershipFactory(team=vision, membership=member(acme, f"p{n}"))

    with django_assert_max_num_queries(10):
        client.get(address("team", "vision"))
