"""Changing what accounts and organizations say of themselves; ending keys."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import CommandError

from accounts.management import command
from accounts.models import ApiKey, Event
from accounts.permissions import Role
from tests.commands import manage
from tests.factories import PASSWORD, MembershipFactory, UserFactory, make_organization

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_a_person_changes_their_name_colours_and_keys():
    user = UserFactory()
    changes = ("--name", "Ada", "--theme=dark", "--shortcuts=off")

    said = manage("edit_user", user, *changes, "--as", user)

    user.refresh_from_db()
    assert (said.out, user.full_name, user.theme) == (user.username, "Ada", "dark")
    assert user.has_shortcuts is False
    assert kinds() == ["user.rename", "user.choose_theme", "user.switch_shortcuts"]


def test_nobody_renames_another():
    admin = MembershipFactory(role=Role.ADMIN)
    other = MembershipFactory(organization=admin.organization).user

    with pytest.raises(CommandError, match="needs the installation administrator"):
        manage("edit_user", other, "--name", "Eve", "--as", admin.user)

    other.refresh_from_db()
    assert other.full_name == ""


def test_a_password_is_read_from_standard_input(monkeypatch):
    user = UserFactory()
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))

    manage("changepassword", user)

    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert kinds() == ["user.change_password"]


def test_a_password_is_asked_for_twice_on_a_terminal(monkeypatch):
    user = UserFactory()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    answers = iter([PASSWORD, PASSWORD, PASSWORD, "another"])
    monkeypatch.setattr(command, "getpass", lambda prompt: next(answers))

    manage("changepassword", user)
    with pytest.raises(CommandError, match="differ"):
        manage("changepassword", user)

    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_short_password_is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("short\n"))

    with pytest.raises(CommandError, match="too short"):
        manage("changepassword", UserFactory())


def test_what_is_not_named_of_an_organization_stays():
    organization = make_organization("northwind")

    manage("edit_organization", "northwind", "--trash-days", 7)
    said = manage("edit_organization", "northwind", "--default-role=restricted_viewer")

    organization.refresh_from_db()
    assert said.out == "northwind"
    assert (organization.trash_days, organization.display_name) == (7, "Northwind")
    assert organization.default_role == Role.RESTRICTED_VIEWER
    assert kinds()[-2:] == ["organization.change_settings"] * 2


def test_an_organization_is_changed_by_its_admins():
    member = MembershipFactory()

    with pytest.raises(CommandError, match="needs the role Admin in the organization"):
        manage(
            "edit_organization", member.organization, "--trash-days=7", "--as", member.user
        )
    with pytest.raises(CommandError, match="1 to 365 days"):
        manage("edit_organization", member.organization, "--trash-days=0")


def test_a_key_is_revoked_by_its_name_or_its_end():
    user = UserFactory()
    manage("issue_api_key", user, "laptop")
    manage("issue_api_key", user, "nightly")
    hint = ApiKey.objects.get(name="nightly").hint

    said = manage("revoke_api_key", user, "laptop", "--as", user)
    manage("revoke_api_key", user, hint)

    assert said.out.startswith("laptop (…")
    assert not user.api_keys.live().exists()
    for gone in ("laptop", hint, "never"):
        with pytest.raises(CommandError, match="has no live API key"):
            manage("revoke_api_key", user, gone)


def test_a_key_is_rotated_and_the_old_one_goes_on_for_some_hours():
    user = UserFactory()
    old = manage("issue_api_key", user, "nightly", "--read-only").out

    new = manage("rotate_api_key", user, "nightly", "--hours", 24, "--as", user).out

    live = ApiKey.objects.live()
    assert [live.of_secret(secret).get().read_only for secret in (old, new)] == [True, True]
    assert live.of_secret(old).get().expires_at
    manage("rotate_api_key", user, live.of_secret(new).get().hint)
    assert not live.of_secret(new).exists()
    with pytest.raises(CommandError, match="within 168 hours"):
        manage("rotate_api_key", user, live.of_secret(old).get().hint, "--hours=169")


def test_somebody_is_signed_out_everywhere(client):
    user = UserFactory()
    client.force_login(user)
    key = client.session.session_key
    UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1")
    assert client.get("/account/").status_code == 200

    said = manage("end_sessions", user)

    assert said.out == f"{user} was signed out: 1."
    assert client.get("/account/").status_code == 302
    assert kinds()[-1] == "session.end"


def test_of_two_keys_of_one_name_none_is_guessed():
    user = UserFactory()
    for _ in range(2):
        manage("issue_api_key", user, "laptop")

    with pytest.raises(CommandError, match="by its last four characters: laptop"):
        manage("revoke_api_key", user, "laptop")

    assert user.api_keys.live().count() == 2


def test_anothers_keys_are_not_looked_for():
    admin = MembershipFactory(role=Role.ADMIN)
    other = MembershipFactory(organization=admin.organization).user
    manage("issue_api_key", other, "laptop")

    for name in ("laptop", "never"):
        with pytest.raises(CommandError, match="needs the installation administrator"):
            manage("revoke_api_key", other, name, "--as", admin.user)

    assert other.api_keys.live().exists()
