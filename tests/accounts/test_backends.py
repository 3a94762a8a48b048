"""Signing in: one answer, and one password hash, for whatever is wrong."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate, get_backends, hashers
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.operations.users import create_user
from registries.operations.organizations import create_service_account, deactivate_user
from tests.factories import PASSWORD, SYSTEM, UserFactory, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return create_user(
        email="ada@example.org", username="Ada", password=PASSWORD, by=SYSTEM
    )


@pytest.mark.parametrize(
    "name", ["ada@example.org", "ADA@example.org", "Ada", "aDA", " ada "]
)
def test_a_person_signs_in_by_address_or_username(ada, name):
    assert authenticate(None, email=name, password=PASSWORD) == ada
    assert authenticate(None, username=name, password=PASSWORD) == ada


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"),
        ("ada", ""),
        ("ada", None),
        ("", PASSWORD),
        (None, PASSWORD),
        ("nobody", PASSWORD),
        ("ada@", PASSWORD),
        ("ada\0", PASSWORD),
        ("ad\ud800", PASSWORD),
        ("x" * 100_000, PASSWORD),
        ("robot", PASSWORD),
        ("robot", "!"),
        ("gone", PASSWORD),
        ("without", ""),
        ("without", PASSWORD),
        ("acme", PASSWORD),
    ],
)
def test_nobody_else_signs_in(ada, name, password):
    organization = make_organization("acme")
    create_service_account(organization, "robot", by=SYSTEM)
    create_user(email="without@example.org", username="without", by=SYSTEM)
    gone = create_user(
        email="gone@example.org", username="gone", password=PASSWORD, by=SYSTEM
    )
    deactivate_user(gone, by=SYSTEM)

    assert authenticate(None, email=name, password=password) is None


@pytest.mark.parametrize("name", ["ada", "nobody", "robot", "gone", "without"])
def test_every_failure_costs_one_hash(ada, name, monkeypatch):
    create_service_account(make_organization(), "robot", by=SYSTEM)
    create_user(email="without@example.org", username="without", by=SYSTEM)
    gone = create_user(
        email="gone@example.org", username="gone", password=PASSWORD, by=SYSTEM
    )
    deactivate_user(gone, by=SYSTEM)
    hasher = type(hashers.get_hasher())
    encode, hashed = hasher.encode, []

    def count(self: object, password: str, *salt: str) -> str:
        hashed.append(password)
        return encode(self, password, *salt)

    monkeypatch.setattr(hasher, "encode", count)

    assert authenticate(None, email=name, password="wrong password") is None
    assert hashed == ["wrong password"]


def test_the_session_of_somebody_deactivated_is_nobodys(ada):
    (backend, *_) = get_backends()
    assert backend.get_user(ada.pk) == ada

    deactivate_user(ada, by=SYSTEM)

    assert backend.get_user(ada.pk) is None
    assert backend.get_user(10**9) is None


def test_no_backend_says_yes_without_an_object_or_to_nobody(ada):
    administrator = UserFactory(is_superuser=True)

    for permission in (
        "registries.view_collection",
        "accounts.view_organization",
        "",
        "x.y",
    ):
        for user in (ada, administrator, AnonymousUser()):
            assert not user.has_perm(permission)
            assert not user.has_perm(permission, object())
            assert not user.has_perm(permission, ada)
