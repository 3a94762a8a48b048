from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid
from accounts.models import Event, User
from accounts.operations.passwords import change_password
from tests.factories import PASSWORD, SYSTEM, UserFactory, acting

pytestmark = pytest.mark.django_db

ANOTHER = "a wholly different passphrase"


@pytest.fixture
def anouk() -> User:
    user = UserFactory(username="anouk", full_name="Anouk de Vries-Meijer")
    user.set_password(PASSWORD)
    user.save()
    return user


def has(user: User, password: str) -> bool:
    return User.objects.get(pk=user.pk).check_password(password)


def test_a_password_is_changed_and_stands_in_no_event(anouk):
    change_password(anouk, ANOTHER, by=acting(anouk))

    assert has(anouk, ANOTHER)
    event = Event.objects.get()
    assert (event.kind, event.before, event.after) == ("user.change_password", None, None)


def test_nobody_changes_the_password_of_somebody_else(anouk):
    with pytest.raises(Denied):
        change_password(anouk, ANOTHER, by=acting(UserFactory()))

    assert has(anouk, PASSWORD)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "password", ["", "short", "password1234", "anouk@example.org", "Anouk de Vries-Meijer"]
)
def test_a_weak_password_is_refused(anouk, password):
    with pytest.raises(Invalid) as refusal:
        change_password(anouk, password, by=acting(anouk))

    assert refusal.value.field == "password"
    assert has(anouk, PASSWORD)


def test_a_service_account_has_no_password():
    robot = UserFactory(is_service_account=True)

    with pytest.raises(Conflict):
        change_password(robot, ANOTHER, by=SYSTEM)


def test_the_same_password_again_is_a_change_too(anouk):
    change_password(anouk, ANOTHER, by=acting(anouk))
    change_password(anouk, ANOTHER, by=acting(anouk))

    assert has(anouk, ANOTHER)
    assert Event.objects.count() == 2
