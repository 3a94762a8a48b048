from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from accounts.actors import Conflict, Invalid
from accounts.models import User
from accounts.operations.users import create_user
from tests.factories import PASSWORD, SYSTEM, EntityFactory

pytestmark = pytest.mark.django_db

ADA = {"email": "Ada@Example.org", "username": "Ada"}


def test_an_account_can_sign_in_with_a_verified_address():
    user = create_user(**ADA, full_name="Ada Lovelace", password=PASSWORD, by=SYSTEM)

    assert (user.email, user.username) == ("ada@example.org", "Ada")
    assert user.check_password(PASSWORD)
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == (user.email, True, True)
    assert not user.is_superuser


def test_without_password_it_has_none():
    assert not create_user(**ADA, by=SYSTEM).has_usable_password()


def test_an_administrator_is_one_only_when_asked_for():
    assert create_user(**ADA, is_administrator=True, by=SYSTEM).is_superuser


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ada"),
        ("email", ""),
        ("email", None),
        ("username", "a b"),
        ("username", "admin"),
        ("username", ""),
        ("full_name", "a\u202eb"),
        ("full_name", "x" * 151),
        ("password", "short"),
        ("password", "ada@example.org"),
        ("password", "password1234"),
        ("password", ""),
    ],
)
def test_a_bad_value_is_refused_by_field_and_leaves_nothing(field, value, unchanged):
    with unchanged(), pytest.raises(Invalid) as refusal:
        create_user(**ADA | {field: value}, by=SYSTEM)

    assert refusal.value.field == field


@pytest.mark.parametrize(
    "taken", [{"email": "ADA@example.ORG"}, {"username": "ADA"}, {"username": "vision"}]
)
def test_names_and_addresses_are_taken_without_regard_to_case(taken, unchanged):
    create_user(**ADA, by=SYSTEM)
    EntityFactory(name="Vision")
    other = {"email": "b@example.org", "username": "b"} | taken

    with unchanged(), pytest.raises(Conflict):
        create_user(**other, by=SYSTEM)


def test_people_are_found_by_name_and_address_without_regard_to_case():
    user = create_user(**ADA, by=SYSTEM)

    for name in ("ada", "ADA", " ada ", "ada@EXAMPLE.org"):
        assert User.objects.named(name).get() == user
    for name in ("", "ad", "ada@", "a\ud800", "a\0", "x" * 100_000):
        assert not User.objects.named(name).exists()
