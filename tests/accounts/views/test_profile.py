from __future__ import annotations

import re

import pytest

from accounts.models import Event, User
from tests.factories import TeamFactory, TeamMembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anouk(client) -> User:
    user = UserFactory(username="anouk", full_name="Anouk")
    client.force_login(user)
    return user


def test_the_page_says_who_one_is(client, anouk):
    page = client.get("/account/").text

    assert 'value="Anouk"' in page
    assert "<dd>anouk</dd>" in page
    assert "<dd>anouk@example.org</dd>" in page


def test_a_name_is_saved(client, anouk):
    response = client.post("/account/", {"full_name": " Anouk de Vries "}, follow=True)

    anouk.refresh_from_db()
    assert anouk.full_name == "Anouk de Vries"
    assert "Name saved." in response.text


@pytest.mark.parametrize("name", ["x" * 151, "An\u202eouk", "An\0ouk"])
def test_a_name_that_cannot_be_shown_is_refused_beside_its_field(client, anouk, name):
    response = client.post("/account/", {"full_name": name})

    assert response.status_code == 422
    assert 'id="id_full_name_error"' in response.text
    anouk.refresh_from_db()
    assert anouk.full_name == "Anouk"


def test_nothing_but_the_name_is_taken_from_the_form(client, anouk):
    client.post(
        "/account/",
        {
            "full_name": "Anna",
            "email": "evil@example.org",
            "is_superuser": "1",
            "is_active": "",
        },
    )

    anouk.refresh_from_db()
    assert (anouk.full_name, anouk.email) == ("Anna", "anouk@example.org")
    assert anouk.is_active
    assert not anouk.is_superuser


def test_a_theme_is_chosen_and_one_is_led_back(client, anouk):
    headers = {"Referer": "http://testserver/account/keys/?after=7"}

    response = client.post("/account/theme/", {"theme": "dark"}, headers=headers)

    assert response["Location"] == "/account/keys/?after=7"
    assert 'data-theme="dark"' in client.get("/account/").text
    assert Event.objects.get().kind == "user.choose_theme"


@pytest.mark.parametrize(
    ("sender", "back"),
    [
        ("https://evil.example/x", "/x"),
        ("http://testserver//evil.example", "/account/"),
        ("http://testserver/\\evil.example", "/account/"),
        ("javascript:alert(1)", "/account/"),
        ("http://[", "/account/"),
        ("", "/account/"),
    ],
)
def test_a_theme_leads_nowhere_else(client, anouk, sender, back):
    headers = {"Referer": sender}

    response = client.post("/account/theme/", {"theme": "dark"}, headers=headers)

    assert response["Location"] == back


def test_there_is_no_other_theme(client, anouk):
    assert client.post("/account/theme/", {"theme": "sepia"}).status_code == 422


def test_a_theme_is_not_chosen_by_a_link(client, anouk):
    assert client.get("/account/theme/?theme=dark").status_code == 405


def test_the_place_of_runs_is_one_of_ones_teams_or_oneself(client, anouk):
    team = TeamMembershipFactory(membership__user=anouk, team__name="vision").team
    TeamFactory(name="elsewhere", organization=team.organization)
    options = re.compile(r'<option value="([^"]*)"( selected)?')

    before = options.findall(client.get("/account/").text)
    refused = client.post("/account/place/", {"entity": "elsewhere"})
    done = client.post("/account/place/", {"entity": "vision"})
    after = options.findall(client.get("/account/").text)

    assert before == [("anouk", " selected"), ("vision", "")]
    assert (refused.status_code, done.status_code) == (422, 302)
    assert after == [("anouk", ""), ("vision", " selected")]
