"""Every page of an organization itself x everybody, by the table of rules.md, section 2."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.operations.invitations import invite
from accounts.operations.keys import issue_api_key
from accounts.permissions import Role
from tests.cast import PEOPLE
from tests.factories import SYSTEM
from tests.rights import (
    ORGANIZATION_GRANTS,
    ORGANIZATION_ROLES,
    PROJECT_GRANTS,
    TEAM_ROLES,
    holds,
)
from tests.test_access import NOT_SIGNED_IN, STRANGERS, client_of, names

pytestmark = pytest.mark.django_db

READS = {
    "organization:audit": "view_audit_log",
    "organization:export": "view_audit_log",
    "organization:settings": "change_settings",
    "organization:take": "take_access",
    "people:list": "view_organization",
    "people:invite": "manage_people",
    "people:remove": "manage_people",
    "teams:list": "view_organization",
    "teams:create": "create_team",
    "teams:team": "view_organization",
    "teams:add": "manage_team",
    "teams:delete": "manage_team",
    "service_accounts:list": "manage_service_accounts",
    "service_accounts:create": "manage_service_accounts",
    "service_accounts:account": "manage_service_accounts",
    "service_accounts:remove": "manage_service_accounts",
    "service_accounts:issue": "manage_service_accounts",
    "service_accounts:rotate": "manage_service_accounts",
    "service_accounts:revoke": "manage_service_accounts",
}
CHANGES = {
    "people:resend": "manage_people",
    "people:revoke": "manage_people",
    "people:role": "manage_people",
    "teams:role": "manage_team",
    "teams:remove": "manage_team",
}
"""Addresses that take nothing but a change."""


def test_every_address_has_its_row():
    ours = {name for name in names() if name.count(":") == 2}

    assert ours == {f"registries:{name}" for name in READS | CHANGES}


def address(name: str, cast) -> str:
    args: list[object] = [cast.organization.name]
    if name in {"people:resend", "people:revoke"}:
        invitation = cast.organization.invitations.first() or invite(
            cast.organization, "new@example.org", Role.VIEWER, by=SYSTEM
        )
        args.append(invitation.pk)
    elif name in {"people:role", "people:remove"}:
        args.append(cast.person("team member").memberships.get().pk)
    elif name == "organization:take":
        args.append(cast.registries["restricted"])
    elif name in {"teams:role", "teams:remove"}:
        args += [cast.other.name, cast.other.memberships.get().pk]
    elif name in {"service_accounts:rotate", "service_accounts:revoke"}:
        robot = cast.person("service account")
        key = robot.api_keys.first() or issue_api_key(robot, name="ci", by=SYSTEM)[0]
        args += [robot.username, key.pk]
    elif name.startswith("service_accounts:") and name.count("s:list") == 0:
        args += [cast.person("service account").username][
            : name != "service_accounts:create"
        ]
    elif name in {"teams:team", "teams:add", "teams:delete"}:
        args.append(cast.other.name)
    query = {"format": "csv"} if name == "organization:export" else None
    return reverse(f"registries:{name}", args=args, query=query)


def expected(name: str, person: str) -> int:
    if person in NOT_SIGNED_IN:
        return 302
    if person in STRANGERS:
        return 404
    if name == "people:remove" and person == "team member":
        return 200  # one may leave
    right = (READS | CHANGES)[name]
    if right == "manage_team":
        return 200 if holds(TEAM_ROLES.get(person, "-"), PROJECT_GRANTS[right]) else 403
    return 200 if holds(ORGANIZATION_ROLES[person], ORGANIZATION_GRANTS[right]) else 403


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_gets_what_the_rules_say(cast, person):
    client = client_of(cast, person)
    for name in READS:
        response = client.get(address(name, cast))
        assert response.status_code == expected(name, person), name


@pytest.mark.parametrize("person", PEOPLE)
def test_a_change_of_nobody_who_may_not_happens(cast, person, unchanged):
    client = client_of(cast, person)
    addresses = {name: address(name, cast) for name in CHANGES}
    for name, place in addresses.items():
        if (status := expected(name, person)) != 200:
            client.get(reverse("accounts:profile"))
            with unchanged():
                assert client.post(place, {"role": "admin"}).status_code == status, name


@pytest.mark.parametrize("person", ["outsider", "viewer", "organization admin"])
def test_looking_changes_nothing(cast, person, unchanged):
    client = client_of(cast, person)
    client.get("/")
    addresses = [address(name, cast) for name in READS | CHANGES]
    with unchanged():
        for place in addresses:
            client.get(place)
            client.head(place)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_what_only_changes_is_not_shown(cast, name):
    client = client_of(cast, "organization admin")

    assert client.get(address(name, cast)).status_code == 405
