"""What the pages of the admin cost, and how they look."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organization
from accounts.operations.invitations import invite
from accounts.operations.keys import issue_api_key
from accounts.permissions import Role
from registries.operations.members import set_role
from registries.operations.organizations import create_service_account
from tests.admin import address
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db

FEW, MANY = 2, 20
BUDGETS = {
    "accounts_apikey": 7,
    "accounts_event": 7,
    "accounts_invitation": 7,
    "accounts_membership": 7,
    "accounts_serviceaccount": 7,
    "accounts_team": 7,
    "accounts_user": 7,
    "registries_registry": 7,
    "team": 10,
    "registry": 20,
}
"""The most queries of each list, and of a page with many rows below."""


def fill(count: int) -> Organization:
    """Make that many of everything that the admin lists."""
    organization = make_organization()
    team = TeamFactory(organization=organization)
    registry = RegistryFactory(organization=organization)
    for number in range(count):
        user = person(registry, Role.MEMBER)
        TeamMembershipFactory(team=team, membership=user.memberships.get())
        program = create_service_account(
            organization, f"program-{organization.pk}-{number}", by=SYSTEM
        )
        issue_api_key(program, name=f"key-{number}", by=SYSTEM)
        invite(organization, f"new-{number}@example.org", Role.VIEWER, by=SYSTEM)
        other = RegistryFactory(organization=organization)
        other_team = TeamFactory(organization=organization)
        set_role(registry, other_team, Role.VIEWER, by=SYSTEM)
        linked_version(other, "classifier", files={"a": str(number).encode()}, team=team)
    return organization


def costs(organization: Organization, client: Client) -> dict[str, int]:
    """How many queries each page takes, for somebody who comes for the second time."""
    team, registry = (
        found.earliest("pk")
        for found in (organization.teams, organization.registries.filter(is_core=False))
    )
    places = {name: address(name) for name in BUDGETS if "_" in name} | {
        "team": address("accounts_team", "change", team.pk),
        "registry": address("registries_registry", "change", registry.pk),
    }
    found = {}
    for name, place in places.items():
        client.get(place)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(place).status_code in {200, 404}
        found[name] = len(queries)
    return found


@pytest.mark.parametrize(
    "who", ["Admin", pytest.param("administrator", marks=pytest.mark.nightly)]
)
def test_lists_cost_the_same_with_many_rows_as_with_few(who):
    organizations = [fill(FEW), fill(MANY)]
    few, many = (costs(each, client_of(each, who)) for each in organizations)

    assert many == few
    assert {name: cost for name, cost in many.items() if cost > BUDGETS[name]} == {}


def client_of(organization: Organization, who: str) -> Client:
    admin = organization.memberships.human_admins().get().user
    return signed_in(admin if who == "Admin" else UserFactory(is_superuser=True))


def test_the_admin_has_the_colours_of_the_site():
    token = re.compile(r"^\s*(--[\w-]+): (light-dark\(.*\));", re.MULTILINE)
    site, admin = (
        dict(token.findall((settings.BASE_DIR / f"static/css/{name}.css").read_text()))
        for name in ("site", "admin")
    )

    assert len(admin) > 10
    assert {name: value for name, value in admin.items() if site[name] != value} == {}


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_pages_have_the_theme_that_the_person_chose(theme):
    user = UserFactory(is_superuser=True, theme=theme)

    assert f'class="theme-{theme} ' in signed_in(user).get("/admin/").text


def test_people_sign_out_where_everybody_does():
    page = signed_in(UserFactory(is_superuser=True)).get("/admin/").text

    assert 'method="post" action="/account/sign-out/"' in page
    assert "password" not in page.lower()


def test_pages_keep_to_the_policy():
    organization = fill(1)
    client = client_of(organization, "Admin")
    for name in (name for name in BUDGETS if "_" in name and "user" not in name):
        page = client.get(address(name))
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)
        assert "script-src 'self' 'nonce-" in page["Content-Security-Policy"]
