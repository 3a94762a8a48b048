"""Where somebody is signed in: listed, ended one by one, or all but this one."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Event
from accounts.views.sessions import browser
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SESSIONS = "/account/sessions/"


@pytest.fixture
def user():
    return person("anouk")


def person(username: str):
    user = UserFactory(username=username)
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(user, agent: str = FIREFOX) -> Client:
    """A browser that has signed in with name and password."""
    client = Client(headers={"User-Agent": agent})
    sent = {"login": user.username, "password": PASSWORD}
    assert client.post("/account/sign-in/", sent).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(SESSIONS).status_code == 200


def pk_of(client: Client) -> int:
    return UserSession.objects.get(session_key=client.session.session_key).pk


def test_each_sign_in_is_listed_with_this_one_marked(user):
    signed_in(user, "curl/8")
    here = signed_in(user)

    text = here.get(SESSIONS).text

    assert text.count("This one") == 1
    assert text.index("Firefox on Linux") < text.index("Another browser")
    assert "127.0.0.1" in text


def test_an_ended_session_is_dead_on_its_next_request(user):
    lost, here = signed_in(user), signed_in(user)

    response = here.post(f"{SESSIONS}{pk_of(lost)}/end/", follow=True)

    assert "is signed out" in response.text
    assert not is_in(lost)
    assert is_in(here)
    assert Event.objects.get(kind="session.end").after == {"user": "anouk"}


def test_all_others_end_at_once(user):
    others, here = [signed_in(user) for _ in range(3)], signed_in(user)

    here.post(f"{SESSIONS}end-others/")

    assert [is_in(client) for client in others] == [False] * 3
    assert is_in(here)
    assert Event.objects.filter(kind="session.end").count() == 3


def test_nobody_ends_the_session_of_somebody_else(user):
    victim = signed_in(user)
    pk = pk_of(victim)

    assert signed_in(person("other")).post(f"{SESSIONS}{pk}/end/").status_code == 404
    assert is_in(victim)


def test_ending_twice_changes_nothing(user):
    lost, here = signed_in(user), signed_in(user)
    pk = pk_of(lost)

    statuses = [here.post(f"{SESSIONS}{pk}/end/").status_code for _ in range(2)]

    assert statuses == [302, 404]


def test_another_password_ends_the_other_sessions(user):
    other, here = signed_in(user), signed_in(user)
    new = "correct horse battery staple 9"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}

    here.post("/account/password/change/", sent)

    assert is_in(here)
    assert not is_in(other)
    assert here.get(SESSIONS).text.count("This one") == 1
    assert Session.objects.count() == 1


def test_looking_does_not_sign_anybody_out(user):
    here, other = signed_in(user), signed_in(user)

    for path in ("end-others/", f"{pk_of(other)}/end/"):
        assert here.get(f"{SESSIONS}{path}").status_code == 405
    assert is_in(other)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537 Edg/156",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Safari/605",
            "Safari on macOS",
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Safari/537.36", "Chrome on Android"),
        ("<script>", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_named_in_words(agent, words):
    assert browser(agent) == words
