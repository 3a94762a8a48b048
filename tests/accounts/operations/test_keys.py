from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor, Conflict, Denied, Invalid
from accounts.models import ApiKey, Event, User
from accounts.operations.keys import issue_api_key, revoke_api_key
from accounts.permissions import Role
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    UserFactory,
    acting,
    make_organization,
)

pytestmark = pytest.mark.django_db

GIVEN = "a-secret-that-was-made-elsewhere-and-is-long-enough"


def program(organization) -> User:
    user = UserFactory(is_service_account=True)
    return MembershipFactory(organization=organization, user=user).user


def test_a_key_is_issued_with_a_secret_that_only_the_caller_gets():
    user = UserFactory(username="anouk")
    expires_at = timezone.now() + timedelta(days=30)

    key, secret = issue_api_key(user, name="laptop", expires_at=expires_at, by=acting(user))

    assert re.fullmatch(r"accession-[A-Za-z0-9]{40}", secret)
    assert ApiKey.objects.live().of_secret(secret).get() == key
    assert key.hint == secret[-4:]
    event = Event.objects.get()
    assert (event.kind, event.subject_name) == ("api_key.issue", f"laptop (…{key.hint})")
    assert event.after == {
        "user": "anouk",
        "read_only": False,
        "expires_at": expires_at.isoformat(),
    }


def test_the_end_of_a_secret_names_the_key_on_a_command_line():
    user = UserFactory()

    keys = [issue_api_key(user, name="laptop", by=SYSTEM)[0] for _ in range(60)]

    assert [key.hint for key in keys if not key.hint.isalnum()] == []


def test_no_row_holds_the_secret():
    key, secret = issue_api_key(UserFactory(), name="laptop", by=SYSTEM)

    stored = [*ApiKey.objects.values_list(), *Event.objects.values_list()]

    assert secret not in str(stored)
    assert secret not in repr(key)


def test_nobody_issues_a_key_for_somebody_else():
    with pytest.raises(Denied):
        issue_api_key(UserFactory(), name="laptop", by=acting(UserFactory()))

    assert not ApiKey.objects.exists()
    assert not Event.objects.exists()


def test_nobody_at_all_issues_no_key():
    with pytest.raises(Denied):
        issue_api_key(UserFactory(), name="laptop", by=Actor(user=None, via="test"))


def test_a_read_only_key_issues_no_key():
    user = UserFactory()
    key, _ = issue_api_key(user, name="reader", read_only=True, by=acting(user))

    with pytest.raises(Denied, match="reader is read-only"):
        issue_api_key(user, name="writer", by=Actor(user=user, via="test", key=key))

    assert ApiKey.objects.get() == key


@pytest.mark.parametrize("is_superuser", [True, False])
def test_the_installation_administrator_issues_keys_for_others(is_superuser):
    by = acting(UserFactory(is_superuser=is_superuser))
    user = UserFactory()

    if is_superuser:
        assert issue_api_key(user, name="laptop", by=by)[0].user == user
    else:
        with pytest.raises(Denied, match="installation administrator"):
            issue_api_key(user, name="laptop", by=by)


def test_an_organization_admin_issues_and_revokes_the_keys_of_its_service_accounts():
    organization = make_organization()
    admin = MembershipFactory(organization=organization, role=Role.ADMIN).user
    Event.objects.all().delete()

    key, _ = issue_api_key(program(organization), name="nightly", by=acting(admin))
    revoke_api_key(key, by=acting(admin))

    events = Event.objects.values_list("kind", "organization_id")
    assert set(events) == {
        ("api_key.issue", organization.pk),
        ("api_key.revoke", organization.pk),
    }


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_others_of_the_organization_do_not_touch_its_service_accounts(role):
    organization = make_organization()
    by = acting(MembershipFactory(organization=organization, role=role).user)
    robot = program(organization)
    key, _ = issue_api_key(robot, name="nightly", by=SYSTEM)

    with pytest.raises(Denied, match="the role Admin in the organization"):
        issue_api_key(robot, name="mine", by=by)
    with pytest.raises(Denied):
        revoke_api_key(key, by=by)

    assert ApiKey.objects.live().get() == key


def test_an_admin_of_another_organization_does_not_either():
    elsewhere = MembershipFactory(role=Role.ADMIN).user

    with pytest.raises(Denied):
        issue_api_key(program(make_organization()), name="mine", by=acting(elsewhere))


def test_organization_admins_do_not_touch_the_keys_of_its_people():
    organization = make_organization()
    admin = MembershipFactory(organization=organization, role=Role.ADMIN).user
    member = MembershipFactory(organization=organization).user

    with pytest.raises(Denied):
        issue_api_key(member, name="laptop", by=acting(admin))


def test_a_secret_made_elsewhere_is_taken_once():
    user = UserFactory()
    key, secret = issue_api_key(user, name="moved", secret=GIVEN, by=SYSTEM)

    with pytest.raises(Conflict, match="this secret"):
        issue_api_key(UserFactory(), name="again", secret=GIVEN, by=SYSTEM)

    assert secret == GIVEN
    assert ApiKey.objects.get() == key


@pytest.mark.parametrize(
    "secret", ["", "x" * 39, "x" * 257, "x" * 40 + "\n", "x y" * 20, "é" * 40, "\0" * 40]
)
def test_a_weak_or_unprintable_secret_is_refused(secret):
    with pytest.raises(Invalid) as refusal:
        issue_api_key(UserFactory(), name="laptop", secret=secret, by=SYSTEM)

    assert refusal.value.field == "secret"
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", " laptop", "x" * 129, "a\nb", "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(name):
    with pytest.raises(Invalid) as refusal:
        issue_api_key(UserFactory(), name=name, by=SYSTEM)

    assert refusal.value.field == "name"


def test_a_key_cannot_expire_in_the_past():
    with pytest.raises(Invalid, match="in the future"):
        issue_api_key(UserFactory(), name="late", expires_at=timezone.now(), by=SYSTEM)


def test_a_deactivated_account_gets_no_key():
    with pytest.raises(Conflict, match="deactivated"):
        issue_api_key(UserFactory(is_active=False), name="laptop", by=SYSTEM)


def test_two_keys_of_one_name_are_two_keys():
    user = UserFactory()

    first, _ = issue_api_key(user, name="laptop", by=acting(user))
    second, _ = issue_api_key(user, name="laptop", by=acting(user))

    assert first.digest != second.digest
    assert Event.objects.filter(kind="api_key.issue").count() == 2


def test_a_revoked_key_opens_no_door_and_says_who_ended_it():
    user = UserFactory(username="anouk")
    key, secret = issue_api_key(user, name="laptop", by=acting(user))

    revoke_api_key(key, by=acting(user))

    assert not ApiKey.objects.live().of_secret(secret).exists()
    event = Event.objects.get(kind="api_key.revoke")
    assert (event.actor_name, event.before) == ("anouk", {"user": "anouk"})


def test_revoking_twice_is_one_revocation():
    user = UserFactory()
    key, _ = issue_api_key(user, name="laptop", by=acting(user))

    first = revoke_api_key(key, by=acting(user))
    second = revoke_api_key(key, by=acting(user))

    assert first.revoked_at == second.revoked_at
    assert Event.objects.filter(kind="api_key.revoke").count() == 1


def test_nobody_revokes_a_key_of_somebody_else():
    key, _ = issue_api_key(UserFactory(), name="laptop", by=SYSTEM)

    with pytest.raises(Denied):
        revoke_api_key(key, by=acting(UserFactory()))

    assert ApiKey.objects.live().get() == key
