from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import hashers
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"


@pytest.fixture
def anouk() -> User:
    return person("anouk")


def person(username: str, **fields) -> User:
    user = UserFactory(username=username, **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, login: str, password: str = PASSWORD, **more):
    return client.post(SIGN_IN, {"login": login, "password": password, **more})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


@pytest.mark.parametrize(
    "login", ["anouk", "ANOUK", "anouk@example.org", " Anouk@Example.org "]
)
def test_one_signs_in_by_username_or_email(client, anouk, login):
    response = sign_in(client, login)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert who(client) == str(anouk.pk)


def refused_ones() -> list[tuple[str, str]]:
    return [
        ("anouk", "wrong"),
        ("anouk@example.org", "wrong"),
        ("nobody", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("gone", PASSWORD),
        ("gone@example.org", PASSWORD),
        ("robot", PASSWORD),
    ]


@pytest.mark.parametrize(("login", "password"), refused_ones())
def test_everybody_else_gets_one_answer(client, anouk, login, password):
    person("gone", is_active=False)
    person("robot", is_service_account=True)

    response = sign_in(client, login, password)

    assert response.status_code == 422
    assert "Name and password do not match." in response.text
    assert "no-store" in response["Cache-Control"]
    assert password not in response.text
    assert who(client) is None


@pytest.mark.parametrize(("login", "password"), refused_ones())
def test_every_attempt_costs_one_hash(client, anouk, login, password, monkeypatch):
    person("gone", is_active=False)
    person("robot", is_service_account=True)
    hashes = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(
        hasher, "encode", lambda *args: hashes.append(1) or encode(*args), raising=True
    )

    sign_in(client, login, password)

    assert len(hashes) == 1


def test_a_stranger_is_told_no_more_than_a_deactivated_person(client, anouk):
    person("gone", is_active=False)

    answers = [sign_in(client, name).text for name in ("gone", "nobo")]

    assert len({masked(text) for text in answers}) == 1


def masked(text: str) -> str:
    return "\n".join(
        line
        for line in text.replace("gone", "nobo").splitlines()
        if "csrfmiddlewaretoken" not in line
    )


def test_after_ten_wrong_passwords_even_the_right_one_waits(client, anouk):
    statuses = [sign_in(client, "anouk", "wrong").status_code for _ in range(10)]
    refused = sign_in(client, "anouk")

    assert statuses == [422] * 10
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    assert "Too many attempts" in refused.text
    assert who(client) is None


def test_one_wrong_password_on_each_of_many_accounts_waits_too(client):
    names = [person(f"person{n}").username for n in range(11)]

    statuses = [sign_in(client, name, "wrong").status_code for name in names]

    assert statuses == [422] * 10 + [429]


def test_nobody_is_kept_out_by_what_others_do_elsewhere(client, anouk):
    for _ in range(11):
        sign_in(client, "anouk", "wrong")

    elsewhere = Client(REMOTE_ADDR="10.9.8.7")

    assert sign_in(elsewhere, "anouk").status_code == 302


def test_five_minutes_later_one_may_try_again(client, anouk, time_machine):
    for _ in range(11):
        sign_in(client, "anouk", "wrong")

    time_machine.move_to(timezone.now() + timedelta(seconds=301))

    assert sign_in(client, "anouk").status_code == 302


def test_right_passwords_are_not_counted(client, anouk):
    statuses = []
    for _ in range(12):
        statuses.append(sign_in(client, "anouk").status_code)
        client.logout()

    assert statuses == [302] * 12


def test_more_than_thirty_forms_a_minute_are_too_many(client):
    answers = [client.post(SIGN_IN, {}) for _ in range(31)]

    assert [answer.status_code for answer in answers] == [422] * 30 + [429]
    assert answers[-1]["Retry-After"] == "300"


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "http://evil.example/",
        "https:evil.example",
        "http://localhost/",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil",
        "",
    ],
)
def test_one_is_led_nowhere_else(client, anouk, address):
    response = sign_in(client, "anouk", next=address)

    assert response["Location"] == "/"


def test_one_is_led_back_to_where_one_came_from(client, anouk):
    asked = client.get("/account/keys/?after=7")
    page = client.get(asked["Location"])
    response = sign_in(client, "anouk", next="/account/keys/?after=7")

    assert asked["Location"] == f"{SIGN_IN}?next=/account/keys/%3Fafter%3D7"
    assert 'name="next" value="/account/keys/?after=7"' in page.text
    assert response["Location"] == "/account/keys/?after=7"


def test_who_is_signed_in_is_led_on(client, anouk):
    client.force_login(anouk)

    assert client.get(f"{SIGN_IN}?next=/account/")["Location"] == "/account/"


def test_the_session_is_another_after_signing_in(client, anouk):
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key

    client.cookies["session"] = before
    sign_in(client, "anouk")

    assert who(client) == str(anouk.pk)
    assert client.session.session_key != before


def test_signing_in_needs_the_token_of_the_form(anouk):
    client = Client(enforce_csrf_checks=True)

    assert sign_in(client, "anouk").status_code == 403
    assert who(client) is None


def test_a_program_that_asks_for_json_gets_the_page(client, anouk):
    headers = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}

    response = client.post(
        SIGN_IN, {"login": "anouk", "password": "wrong-one"}, headers=headers
    )

    assert response["Content-Type"].startswith("text/html")
    assert "wrong-one" not in response.text


def test_signing_out_takes_a_button(client, anouk):
    client.force_login(anouk)

    page = client.get("/account/sign-out/")
    stays = who(client)
    response = client.post("/account/sign-out/")

    assert "Sign out" in page.text
    assert stays == str(anouk.pk)
    assert response["Location"] == SIGN_IN
    assert who(client) is None
    assert "You are signed out." in client.get(SIGN_IN).text


def test_who_is_deactivated_is_signed_out_by_the_next_request(client, anouk):
    client.force_login(anouk)
    User.objects.filter(pk=anouk.pk).update(is_active=False)

    assert client.get("/account/")["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize(
    "path", ["sign-up/", "signup/", "email/", "inactive/", "reauthenticate/", "login/"]
)
def test_there_are_no_other_pages_of_the_library(client, anouk, path):
    client.force_login(anouk)

    assert client.get(f"/account/{path}").status_code == 404


def test_the_names_that_settings_and_templates_use_lead_to_our_pages():
    assert reverse("account_login") == SIGN_IN
    assert reverse("account_logout") == "/account/sign-out/"
    assert reverse("account_change_password") == "/account/password/change/"
    assert reverse("account_reset_password") == "/account/password/reset/"
