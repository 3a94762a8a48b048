from __future__ import annotations

import pytest

from accounts.actors import Denied, Invalid
from accounts.models import Event
from accounts.operations.profile import change_profile, choose_theme
from tests.factories import UserFactory, acting

pytestmark = pytest.mark.django_db


def test_a_person_changes_their_name():
    user = UserFactory(full_name="Anouk")

    change_profile(user, full_name="Anouk de Vries", by=acting(user))

    user.refresh_from_db()
    assert user.full_name == "Anouk de Vries"
    event = Event.objects.get()
    assert (event.kind, event.before, event.after) == (
        "user.rename",
        "Anouk",
        "Anouk de Vries",
    )


def test_a_name_may_be_taken_away():
    user = UserFactory(full_name="Anouk")

    assert change_profile(user, full_name="", by=acting(user)).full_name == ""


def test_nobody_changes_the_name_of_somebody_else():
    user = UserFactory(full_name="Anouk")

    with pytest.raises(Denied):
        change_profile(user, full_name="Anna", by=acting(UserFactory()))

    user.refresh_from_db()
    assert user.full_name == "Anouk"
    assert not Event.objects.exists()


def test_the_installation_administrator_may():
    user = UserFactory()
    administrator = UserFactory(is_superuser=True)

    change_profile(user, full_name="Anna", by=acting(administrator))

    user.refresh_from_db()
    assert user.full_name == "Anna"


@pytest.mark.parametrize("full_name", ["x" * 151, " Anouk", "An\0ouk", "A\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(full_name):
    user = UserFactory(full_name="Anouk")

    with pytest.raises(Invalid) as refusal:
        change_profile(user, full_name=full_name, by=acting(user))

    assert refusal.value.field == "full_name"
    assert user.full_name == "Anouk"


def test_the_same_name_again_is_no_change():
    user = UserFactory(full_name="Anouk")

    change_profile(user, full_name="Anouk", by=acting(user))

    assert not Event.objects.exists()


def test_a_person_chooses_their_theme():
    user = UserFactory()

    choose_theme(user, "dark", by=acting(user))

    user.refresh_from_db()
    assert user.theme == "dark"
    event = Event.objects.get()
    assert (event.kind, event.before, event.after) == (
        "user.choose_theme",
        "system",
        "dark",
    )


def test_nobody_chooses_the_theme_of_somebody_else():
    user = UserFactory()

    with pytest.raises(Denied):
        choose_theme(user, "dark", by=acting(UserFactory()))

    user.refresh_from_db()
    assert user.theme == "system"


@pytest.mark.parametrize("theme", ["", "sepia", "Dark"])
def test_there_is_no_other_theme(theme):
    user = UserFactory()

    with pytest.raises(Invalid, match="system, light, dark"):
        choose_theme(user, theme, by=acting(user))

    assert user.theme == "system"


def test_the_same_theme_again_is_no_change():
    user = UserFactory(theme="dark")

    choose_theme(user, "dark", by=acting(user))

    assert not Event.objects.exists()
