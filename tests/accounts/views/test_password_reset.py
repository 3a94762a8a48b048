from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.jobs import claim
from accounts.models import Event, Job, User
from registries.tasks import TASKS
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

RESET = "/account/password/reset/"
ANOTHER = "a wholly different passphrase"


@pytest.fixture
def anouk() -> User:
    user = UserFactory(username="anouk")
    user.set_password(PASSWORD)
    user.save()
    return user


def work() -> None:
    """Do what the worker does with the jobs at hand."""
    while job := claim():
        TASKS[job.name](**job.arguments)
        job.delete()


def link(mailoutbox) -> str:
    work()
    found = re.search(r"https?://\S+/password/reset/key/\S+", mailoutbox[-1].body)
    assert found is not None
    return found[0]


def opened(client: Client, mailoutbox) -> str:
    """Ask for a link, open it, and return the address of the form behind it."""
    client.post(RESET, {"email": "anouk@example.org"})
    path = link(mailoutbox).removeprefix("http://127.0.0.1:8000")
    return client.get(path)["Location"]


def new_password(client: Client, address: str, password: str = ANOTHER):
    return client.post(address, {"password1": password, "password2": password})


def test_a_forgotten_password_is_replaced(client, anouk, mailoutbox):
    form = opened(client, mailoutbox)
    page = client.get(form)
    response = new_password(client, form)

    assert "For the account anouk." in page.text
    assert response["Location"] == "/account/sign-in/"
    anouk.refresh_from_db()
    assert anouk.check_password(ANOTHER)
    event = Event.objects.get()
    assert (event.kind, event.actor_name, event.via, event.address) == (
        "user.change_password",
        "anouk",
        "web",
        "127.0.0.1",
    )
    assert "Password changed." in client.get("/account/sign-in/").text


def test_the_mail_is_short_and_plain(client, anouk, mailoutbox):
    client.post(RESET, {"email": "Anouk@Example.org"})
    address = link(mailoutbox)

    (mail,) = mailoutbox
    assert mail.subject == "A new password for Accession"
    assert mail.to == ["anouk@example.org"]
    assert address.startswith("http://127.0.0.1:8000/account/password/reset/key/")
    assert mail.message().get_content_type() == "text/plain"
    assert f"\n{address}\n".encode() in mail.message().as_bytes()


def test_the_link_has_the_address_of_the_installation_whatever_the_host(
    client, anouk, mailoutbox, settings
):
    settings.BASE_URL = "https://registry.example.org"

    client.post(RESET, {"email": "anouk@example.org"}, headers={"Host": "localhost:666"})

    assert link(mailoutbox).startswith("https://registry.example.org/account/")
    assert "localhost" not in mailoutbox[0].body


def test_a_foreign_host_is_refused(client, anouk, mailoutbox):
    headers = {"Host": "evil.example"}

    response = client.post(RESET, {"email": "anouk@example.org"}, headers=headers)

    assert response.status_code == 400
    assert not Job.objects.exists()


def test_a_forwarded_host_changes_nothing(client, anouk, mailoutbox):
    headers = {"X-Forwarded-Host": "evil.example"}

    client.post(RESET, {"email": "anouk@example.org"}, headers=headers)

    assert link(mailoutbox).startswith("http://127.0.0.1:8000/")


def test_the_answer_and_the_work_are_the_same_for_everybody(client, anouk, mailoutbox):
    UserFactory(username="gone", is_active=False)
    UserFactory(username="robot", is_service_account=True)
    client.post(RESET, {"email": "first@example.org"})
    seen = []

    for name in ("anouk", "gone", "robot", "nobody"):
        Job.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            response = client.post(RESET, {"email": f"{name}@example.org"}, follow=True)
        kinds = [query["sql"].split()[0] for query in queries]
        seen.append((response.redirect_chain, response.text, kinds, Job.objects.count()))

    assert all(one == seen[0] for one in seen)
    assert seen[0][0] == [(f"{RESET}sent/", 302)]


@pytest.mark.parametrize("name", ["gone", "robot", "nobody"])
def test_only_active_people_get_a_mail(client, name, mailoutbox):
    UserFactory(username="gone", is_active=False)
    UserFactory(username="robot", is_service_account=True)

    client.post(RESET, {"email": f"{name}@example.org"})
    work()

    assert not mailoutbox


def test_a_link_works_once(client, anouk, mailoutbox):
    form = opened(client, mailoutbox)
    path = link(mailoutbox).removeprefix("http://127.0.0.1:8000")
    new_password(client, form)

    again = Client().get(path)
    form_again = new_password(client, form, "yet another passphrase")

    assert "This link does not work" in again.text
    assert "This link does not work" in form_again.text
    anouk.refresh_from_db()
    assert anouk.check_password(ANOTHER)


def test_a_link_dies_after_three_days(client, anouk, mailoutbox, time_machine):
    client.post(RESET, {"email": "anouk@example.org"})
    path = link(mailoutbox).removeprefix("http://127.0.0.1:8000")

    time_machine.move_to(timezone.now() + timedelta(days=3, minutes=1))

    assert "This link does not work" in client.get(path).text


def test_the_link_of_a_deactivated_account_is_dead(client, anouk, mailoutbox):
    form = opened(client, mailoutbox)
    User.objects.filter(pk=anouk.pk).update(is_active=False)

    response = new_password(client, form)

    assert "This link does not work" in response.text
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "path", ["key/1-abc-def/", "key/zzzzzzzzzz-x/", "key/0-set-password/"]
)
def test_a_made_up_link_is_a_dead_one(client, anouk, path):
    response = client.get(RESET + path)

    assert "This link does not work" in response.text


def test_the_key_stands_in_no_address_after_the_first(client, anouk, mailoutbox):
    form = opened(client, mailoutbox)

    assert form.endswith("-set-password/")


@pytest.mark.parametrize("password", ["short", "password1234", "anouk@example.org", ""])
def test_a_weak_password_is_refused(client, anouk, mailoutbox, password):
    form = opened(client, mailoutbox)

    response = new_password(client, form, password)

    assert response.status_code == 422
    anouk.refresh_from_db()
    assert anouk.check_password(PASSWORD)


def test_two_different_passwords_are_refused(client, anouk, mailoutbox):
    form = opened(client, mailoutbox)

    response = client.post(form, {"password1": ANOTHER, "password2": PASSWORD})

    assert response.status_code == 422


def test_a_new_password_ends_the_sessions_of_the_old_one(client, anouk, mailoutbox):
    elsewhere = Client()
    elsewhere.force_login(anouk)

    new_password(client, opened(client, mailoutbox))

    assert elsewhere.get("/account/").status_code == 302


def test_who_has_no_password_yet_gets_one_this_way(client, mailoutbox):
    user = UserFactory(username="anouk")
    user.set_unusable_password()
    user.save()

    new_password(client, opened(client, mailoutbox))

    user.refresh_from_db()
    assert user.check_password(ANOTHER)


def test_asking_too_often_is_refused(client, anouk):
    answers = [client.post(RESET, {"email": "anouk@example.org"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]


@pytest.mark.parametrize("email", ["", "anouk", "a@b@c", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_refused(client, email):
    assert client.post(RESET, {"email": email}).status_code == 422


def test_changing_a_password_takes_the_present_one(client, anouk):
    elsewhere = Client()
    elsewhere.force_login(anouk)
    client.force_login(anouk)
    form = {"oldpassword": "wrong", "password1": ANOTHER, "password2": ANOTHER}

    refused = client.post("/account/password/change/", form)
    changed = client.post("/account/password/change/", {**form, "oldpassword": PASSWORD})

    assert refused.status_code == 422
    assert "This is not the current password." in refused.text
    assert changed["Location"] == "/account/"
    assert "Password changed." in client.get("/account/").text
    assert elsewhere.get("/account/").status_code == 302
    assert Event.objects.get().kind == "user.change_password"


def test_who_has_no_password_is_led_to_the_mail(client):
    user = UserFactory()
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    response = client.get("/account/password/change/", follow=True)

    assert response.redirect_chain[-1][0] == RESET
