from __future__ import annotations

import logging
import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import ApiKey, Event, User
from accounts.operations.keys import issue_api_key, revoke_api_key
from tests.factories import SYSTEM, UserFactory

pytestmark = pytest.mark.django_db

KEYS = "/account/keys/"
SECRET = re.compile(r"accession-\w{40}")


@pytest.fixture
def anouk(client) -> User:
    user = UserFactory(username="anouk")
    client.force_login(user)
    return user


def form(**more) -> dict[str, str]:
    return {"name": "laptop", "days": "90", "once": str(uuid.uuid4()), **more}


def test_without_keys_the_page_says_what_will_be_there(client, anouk):
    response = client.get(KEYS)

    assert "No API keys yet" in response.text
    assert "<table" not in response.text
    assert f"wandb login --host {settings.BASE_URL}" in response.text
    assert f"export WANDB_BASE_URL={settings.BASE_URL}" in response.text


def test_a_key_is_created_and_its_secret_shown(client, anouk):
    response = client.post(f"{KEYS}new/", form())

    key = ApiKey.objects.get()
    found = SECRET.search(response.text)
    assert found is not None
    assert ApiKey.objects.of_secret(found[0]).get() == key
    assert (key.user, key.name, key.read_only) == (anouk, "laptop", False)
    assert timedelta(days=89) < key.expires_at - timezone.now() <= timedelta(days=90)
    assert f"wandb login --host {settings.BASE_URL} {found[0]}" in response.text
    assert f"export WANDB_API_KEY={found[0]}" in response.text
    assert "no-store" in response["Cache-Control"]


def test_the_secret_is_nowhere_else(client, anouk, caplog):
    caplog.set_level(logging.DEBUG)

    response = client.post(f"{KEYS}new/", form())

    secret = SECRET.search(response.text)[0]
    kept = [
        *(session.get_decoded() for session in Session.objects.all()),
        *Event.objects.values(),
        *ApiKey.objects.values(),
        caplog.text,
        dict(response.headers),
        response.request["PATH_INFO"],
    ]
    assert secret not in str(kept)
    assert secret not in client.get(KEYS).text


@pytest.mark.parametrize(("days", "expected"), [("30", 30), ("365", 365), ("never", None)])
def test_a_key_lasts_as_long_as_chosen(client, anouk, days, expected):
    client.post(f"{KEYS}new/", form(days=days, read_only="on"))

    key = ApiKey.objects.get()
    left = key.expires_at and (key.expires_at - timezone.now()).days + 1
    assert left == expected
    assert key.read_only


def test_the_same_form_sent_twice_makes_one_key(client, anouk):
    sent = form()

    first = client.post(f"{KEYS}new/", sent)
    second = client.post(f"{KEYS}new/", sent)

    assert (first.status_code, second.status_code) == (200, 409)
    assert "This form was sent already" in second.text
    assert ApiKey.objects.count() == 1


def test_a_form_that_was_refused_may_be_sent_again(client, anouk):
    sent = form()

    refused = client.post(f"{KEYS}new/", {**sent, "name": "a\u202eb"})
    again = client.post(f"{KEYS}new/", sent)

    assert refused.status_code == 422
    assert "cannot be printed" in refused.text
    assert again.status_code == 200
    assert ApiKey.objects.get().name == "laptop"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 129},
        {"name": "a\0b"},
        {"days": "31"},
        {"days": "-1"},
        {"days": ""},
        {"once": ""},
        {"once": "x"},
    ],
)
def test_a_form_that_makes_no_sense_makes_no_key(client, anouk, wrong):
    response = client.post(f"{KEYS}new/", form(**wrong))

    assert response.status_code == 422
    assert not ApiKey.objects.exists()


def test_fields_that_are_not_in_the_form_change_nothing(client, anouk):
    other = UserFactory()

    client.post(
        f"{KEYS}new/", form(user=other.pk, digest="0", secret="x" * 40, hint="zzzz")
    )

    key = ApiKey.objects.get()
    assert key.user == anouk
    assert key.hint != "zzzz"


def test_the_list_tells_live_expired_and_revoked_keys_apart(client, anouk):
    issue_api_key(anouk, name="live", by=SYSTEM)
    late, _ = issue_api_key(anouk, name="late", by=SYSTEM)
    ApiKey.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    ended, _ = issue_api_key(anouk, name="ended", by=SYSTEM)
    revoke_api_key(ended, by=SYSTEM)

    rows = client.get(KEYS).text.split("<tr>")[2:]

    words = [re.findall(r"Expired|Revoked|Revoke…</a>", row) for row in rows]
    assert words == [["Revoked"], ["Expired"], ["Revoke…</a>"]]


def test_a_name_is_shown_as_it_is_and_never_run(client, anouk):
    issue_api_key(anouk, name="<script>alert(1)</script>", by=SYSTEM)

    response = client.get(KEYS)

    assert "&lt;script&gt;alert(1)" in response.text
    assert "<script>alert" not in response.text


def test_one_sees_and_revokes_only_ones_own_keys(client, anouk):
    key, _ = issue_api_key(UserFactory(), name="theirs", by=SYSTEM)

    assert "theirs" not in client.get(KEYS).text
    assert client.get(f"{KEYS}{key.pk}/revoke/").status_code == 404
    assert client.post(f"{KEYS}{key.pk}/revoke/").status_code == 404
    assert ApiKey.objects.live().contains(key)


def test_revoking_asks_first(client, anouk):
    key, _ = issue_api_key(anouk, name="laptop", by=SYSTEM)

    question = client.get(f"{KEYS}{key.pk}/revoke/")
    lives = ApiKey.objects.live().contains(key)
    response = client.post(f"{KEYS}{key.pk}/revoke/", follow=True)

    assert "Revoke laptop?" in question.text
    assert lives
    assert not ApiKey.objects.live().contains(key)
    assert "is revoked" in response.text


def test_revoking_twice_is_one_revocation(client, anouk):
    key, _ = issue_api_key(anouk, name="laptop", by=SYSTEM)

    answers = [client.post(f"{KEYS}{key.pk}/revoke/") for _ in range(2)]
    question = client.get(f"{KEYS}{key.pk}/revoke/")

    assert [answer["Location"] for answer in answers] == [KEYS, KEYS]
    assert question["Location"] == KEYS
    assert Event.objects.filter(kind="api_key.revoke").count() == 1


def test_many_keys_come_in_pages(client, anouk):
    for n in range(51):
        issue_api_key(anouk, name=f"key-{n}", by=SYSTEM)

    first = client.get(KEYS)
    (older,) = re.findall(r'href="(\?after=\d+)"', first.text)
    second = client.get(KEYS + older)

    assert ">key-50<" in first.text
    assert ">key-0<" not in first.text
    assert ">key-0<" in second.text


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "²", ""])
def test_a_page_that_makes_no_sense_is_the_first(client, anouk, after):
    issue_api_key(anouk, name="laptop", by=SYSTEM)

    assert ">laptop<" in client.get(KEYS, {"after": after}).text


def test_twenty_keys_cost_what_two_cost(client, anouk, django_assert_num_queries):
    for n in range(20):
        issue_api_key(anouk, name=f"key-{n}", by=SYSTEM)

    with django_assert_num_queries(5):
        client.get(KEYS)


@pytest.mark.parametrize("path", [KEYS, f"{KEYS}new/", f"{KEYS}1/revoke/", "/account/"])
def test_visitors_are_asked_to_sign_in(client, path):
    assert client.get(path)["Location"].startswith("/account/sign-in/?next=")
