from __future__ import annotations

import pytest

from accounts.models import Organization, User
from accounts.permissions import Role
from registries.models import Registry
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    UserFactory,
    linked_version,
    make_organization,
)

pytestmark = pytest.mark.django_db

SETTINGS = "/orgs/acme/settings/"


@pytest.fixture
def acme() -> Organization:
    return make_organization("acme")


@pytest.fixture
def anouk(acme, client) -> User:
    """An Admin of acme, signed in."""
    return sign_in(client, acme, "anouk", Role.ADMIN)


@pytest.fixture
def secret(acme) -> Registry:
    return RegistryFactory(
        organization=acme, name="secret", visibility="restricted", description="Hidden."
    )


def sign_in(client, organization, name: str, role: Role) -> User:
    user = UserFactory(username=name)
    MembershipFactory(organization=organization, user=user, role=role)
    client.force_login(user, backend="accounts.backends.EmailBackend")
    return user


def form(**more) -> dict[str, object]:
    return {
        "display_name": "Acme",
        "default_role": "viewer",
        "registry_creators": "member",
        "trash_days": 30,
        **more,
    }


def test_an_admin_changes_the_settings(acme, anouk, client):
    wanted = {
        "display_name": "Acme Labs",
        "default_role": "restricted_viewer",
        "registry_creators": "admin",
        "trash_days": 7,
    }

    response = client.post(SETTINGS, wanted, follow=True)

    acme.refresh_from_db()
    assert {field: getattr(acme, field) for field in wanted} == wanted
    assert "Settings saved." in response.text
    assert 'value="Acme Labs"' in response.text


def as_shown(client) -> dict[str, object]:
    """What the page sends when nothing was changed in it."""
    shown = client.get(SETTINGS).context["form"]
    return {name: shown[name].value() for name in shown.fields}


def test_a_page_from_before_somebody_elses_change_puts_nothing_back(acme, anouk, client):
    old_page = as_shown(client)
    client.post(SETTINGS, form(default_role="restricted_viewer"))

    response = client.post(SETTINGS, old_page | {"trash_days": 7})

    assert response.status_code == 302
    acme.refresh_from_db()
    assert (acme.default_role, acme.trash_days) == ("restricted_viewer", 7)


def test_who_changes_what_somebody_else_has_changed_is_told(acme, anouk, client):
    old_page = as_shown(client)
    client.post(SETTINGS, form(trash_days=20))

    response = client.post(SETTINGS, old_page | {"trash_days": 7})

    assert response.status_code == 409
    assert "Somebody else changed this meanwhile." in response.text
    acme.refresh_from_db()
    assert acme.trash_days == 20


def test_a_second_click_is_no_conflict(acme, anouk, client):
    changed = as_shown(client) | {"trash_days": 7}

    assert [client.post(SETTINGS, changed).status_code for _ in range(2)] == [302, 302]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"display_name": ""}, 422),
        ({"display_name": "a/b"}, 422),
        ({"display_name": "elsewhere"}, 409),
        ({"default_role": "admin"}, 422),
        ({"registry_creators": "viewer"}, 422),
        ({"trash_days": 0}, 422),
        ({"trash_days": 366}, 422),
        ({"trash_days": "9" * 30}, 422),
        ({"trash_days": "x"}, 422),
        ({"entity": 1}, 400),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    anouk, client, unchanged, wrong, status
):
    make_organization("elsewhere")

    with unchanged():
        response = client.post(SETTINGS, form(**wrong))

    assert response.status_code == status
    assert status == 400 or 'class="error"' in response.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_only_admins_see_and_change_settings(acme, secret, client, unchanged, role):
    sign_in(client, acme, "karim", role)

    with unchanged():
        answers = [
            client.get(SETTINGS),
            client.post(SETTINGS, form()),
            client.post(f"{SETTINGS}restricted/{secret.pk}/"),
        ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert "Organization settings" not in client.get("/orgs/acme/registry/").text


def test_restricted_registries_are_listed_by_name_owner_and_size(secret, anouk, client):
    linked_version(secret, "classifier", files={"weights.bin": b"x" * 1500})
    RegistryFactory(organization=secret.organization, name="open-one")

    html = client.get(SETTINGS).text

    assert "secret" in html
    assert secret.owner.user.username in html
    assert "1.5 kB" in html
    assert "Hidden." not in html
    assert secret.get_absolute_url() not in html
    assert "open-one" not in html


def test_taking_access_asks_first(secret, anouk, client):
    place = f"{SETTINGS}restricted/{secret.pk}/"

    hidden = client.get(secret.get_absolute_url())
    question = client.get(place)
    response = client.post(place, follow=True)

    assert hidden.status_code == 404
    assert "Take access to secret?" in question.text
    assert response.redirect_chain[-1][0] == secret.get_absolute_url()
    assert "You are Admin of secret now." in response.text
    assert "you are Admin" in client.get(SETTINGS).text


def test_other_registries_cannot_be_taken(acme, anouk, client, unchanged):
    others = [
        RegistryFactory(organization=acme),
        RegistryFactory(visibility="restricted"),
    ]

    with unchanged():
        answers = [client.post(f"{SETTINGS}restricted/{r.pk}/") for r in others]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_twenty_registries_cost_what_two_cost(
    acme, anouk, client, django_assert_max_num_queries
):
    for _ in range(20):
        RegistryFactory(organization=acme, visibility="restricted")

    with django_assert_max_num_queries(9):
        client.get(SETTINGS)
