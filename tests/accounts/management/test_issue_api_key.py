from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError
from django.utils import timezone

from accounts.models import ApiKey, Event
from accounts.permissions import Role
from registries.operations.organizations import create_service_account
from tests.commands import manage
from tests.factories import SYSTEM, MembershipFactory, UserFactory, make_organization

pytestmark = pytest.mark.django_db
SECRET = "provisioned-" + "x" * 40


def test_a_secret_is_printed_once_and_opens_the_door():
    user = UserFactory()

    said = manage("issue_api_key", user.username, "nightly job", "--read-only")

    key = ApiKey.objects.live().of_secret(said.out).get()
    assert (key.user, key.name, key.read_only, key.expires_at) == (
        user,
        "nightly job",
        True,
        None,
    )
    event = Event.objects.get(kind="api_key.issue")
    assert said.out not in str(event.__dict__)


def test_a_key_may_expire():
    manage("issue_api_key", UserFactory().email, "ci", "--expires", 90)

    left = ApiKey.objects.get().expires_at - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)


@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5", "99999999999"])
def test_days_are_a_number(days):
    with pytest.raises(CommandError, match="days are a number"):
        manage("issue_api_key", UserFactory().email, "ci", f"--expires={days}")


def test_a_given_secret_is_taken_from_standard_input_and_not_repeated(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(f"{SECRET}\n"))

    said = manage("issue_api_key", UserFactory().email, "ci", "--secret-stdin")

    assert ApiKey.objects.of_secret(SECRET).exists()
    assert said.out == f"ci (…{SECRET[-4:]})"
    assert SECRET not in said.out + said.err


def test_a_short_secret_is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("short\n"))

    with pytest.raises(CommandError, match="40 to 256"):
        manage("issue_api_key", UserFactory().email, "ci", "--secret-stdin")

    assert not ApiKey.objects.exists()


def test_one_issues_keys_for_oneself_and_admins_for_service_accounts():
    organization = make_organization()
    boss = MembershipFactory(organization=organization, role=Role.ADMIN).user
    member = MembershipFactory(organization=organization).user
    bot = create_service_account(organization, "bot", by=SYSTEM)

    manage("issue_api_key", member.username, "mine", "--as", member.username)
    manage("issue_api_key", "bot", "nightly", "--as", boss.username)
    with pytest.raises(CommandError):
        manage("issue_api_key", "bot", "stolen", "--as", member.username)
    with pytest.raises(CommandError):
        manage("issue_api_key", boss.username, "stolen", "--as", member.username)

    assert set(ApiKey.objects.values_list("user", "name")) == {
        (member.pk, "mine"),
        (bot.pk, "nightly"),
    }
