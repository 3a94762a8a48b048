from __future__ import annotations

import re
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.management import CommandError

from accounts.management import command
from accounts.models import Event, User
from tests.commands import manage
from tests.factories import PASSWORD, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_password_comes_from_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\nnot this line\n"))

    said = manage(
        "create_user",
        "Anouk@Northwind.example",
        "anouk",
        "--name",
        "Anouk de Vries",
        "--password-stdin",
    )

    user = User.objects.get()
    assert (said.out, said.err) == ("anouk", "")
    assert (user.email, user.full_name) == ("anouk@northwind.example", "Anouk de Vries")
    assert not user.is_superuser
    assert authenticate(None, email="anouk", password=PASSWORD) == user
    assert EmailAddress.objects.get(user=user).verified
    assert Event.objects.filter(kind="user.create", actor_name="system").count() == 1


def test_without_a_password_there_is_a_link_to_set_it_once(monkeypatch, client):
    monkeypatch.setattr("sys.stdin", StringIO())

    said = manage("create_user", "anouk@northwind.example", "anouk")

    name, link = said.out.splitlines()
    found = re.fullmatch(
        r"http://127\.0\.0\.1:8000(/account/password/reset/key/\S+/)", link
    )
    user = User.objects.get()
    assert name == "anouk"
    assert "within 3 days" in said.err
    assert not user.has_usable_password()
    form = client.get(found[1]).headers["Location"]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_on_a_terminal_it_asks_twice(monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal())
    answers = iter([PASSWORD, PASSWORD])
    monkeypatch.setattr(command, "getpass", lambda prompt: next(answers))

    manage("create_user", "anouk@northwind.example", "anouk", "--administrator")

    user = User.objects.get()
    assert user.check_password(PASSWORD)
    assert user.is_superuser


def test_two_different_answers_make_no_account(monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal())
    answers = iter([PASSWORD, PASSWORD + "!"])
    monkeypatch.setattr(command, "getpass", lambda prompt: next(answers))

    with pytest.raises(CommandError, match="differ"):
        manage("create_user", "anouk@northwind.example", "anouk")

    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("email", "username", "password", "sentence"),
    [
        ("no-address", "anouk", PASSWORD, "not an e-mail address"),
        ("a@b.example", "an ouk", PASSWORD, "does not follow its rule"),
        ("a@b.example", "settings", PASSWORD, "not available"),
        ("a@b.example", "taken", PASSWORD, "not available"),
        ("taken@example.org", "anouk", PASSWORD, "There is an account"),
        ("a@b.example", "anouk", "short", "too short"),
    ],
)
def test_what_breaks_a_rule_makes_no_account(
    monkeypatch, email, username, password, sentence
):
    UserFactory(username="taken")
    monkeypatch.setattr("sys.stdin", StringIO(password))

    with pytest.raises(CommandError, match=sentence):
        manage("create_user", email, username, "--password-stdin")

    assert User.objects.count() == 1


def test_only_the_installation_administrator_makes_accounts(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    member = MembershipFactory(role="admin").user

    with pytest.raises(CommandError, match="needs the installation administrator"):
        manage("create_user", "a@b.example", "anouk", "--as", member.username)
    manage("create_user", "a@b.example", "anouk", "--as", UserFactory(is_superuser=True))

    assert User.objects.named("anouk").exists()
