from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.permissions import Role
from registries.permissions import TABLE
from tests.factories import RegistryFactory, UserFactory, person

pytestmark = pytest.mark.django_db


def page(client, name: str, **query: str) -> str:
    client.force_login(UserFactory(), backend="accounts.backends.EmailBackend")
    response = client.get(reverse(f"registries:{name}"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_matrix_has_every_row_of_the_table(client):
    html = page(client, "help-permissions")

    for row in TABLE.values():
        assert f'<span class="no">{row.number}</span>' in html
    assert html.count(">yes<") > html.count("Admin") > 0


def test_each_cell_says_what_the_server_checks(client):
    html = page(client, "help-permissions")
    cells = html.split('<span class="no">28</span>')[1].split("</tr>")[0]

    said = [
        cell.split("<")[0] for cell in cells.split('<span class="visually-hidden">')[1:]
    ]
    assert said == ["no", "no", "no", "yes", "yes"]


def test_registry_types_compares_core_and_custom(client):
    html = page(client, "help-registry-types")

    assert "Core registry" in html
    assert "Custom registry" in html
    assert "Never" in html


@pytest.mark.parametrize("name", ["help-permissions", "help-registry-types"])
def test_help_is_for_people_who_are_signed_in(client, name):
    assert client.get(reverse(f"registries:{name}")).status_code == 302


def test_the_role_in_a_registry_is_marked_for_whom_sees_it(client):
    registry = RegistryFactory(visibility="restricted")
    address = f"{reverse('registries:help-permissions')}?registry={registry.full_name}"
    seen = {}
    for role in (Role.MEMBER, None):
        client.force_login(person(registry, role), backend="accounts.backends.EmailBackend")
        seen[role] = client.get(address).content.decode()

    assert f"{registry}</a> is Member." in seen[Role.MEMBER]
    assert seen[Role.MEMBER].count('class="mine"') == 1
    assert "Member<small>your role</small>" in seen[Role.MEMBER]
    assert str(registry) not in seen[None]
    assert "mine" not in seen[None]


@pytest.mark.parametrize("asked", ["", "/", "x", "\0/\0", "a/" * 900, "northwind/%F0"])
def test_a_registry_that_is_none_marks_nothing(client, asked):
    assert 'class="mine"' not in page(client, "help-permissions", registry=asked)
