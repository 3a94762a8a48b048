from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied
from accounts.permissions import OrganizationPermission, Role
from registries.permissions import Permission
from registries.views.refusals import context, grantors
from tests.factories import MembershipFactory, RegistryFactory, person

pytestmark = pytest.mark.django_db


def denied(permission, obj):
    return Denied("No.", permission, obj)


def test_the_ladder_says_what_one_has_and_what_is_needed():
    registry = RegistryFactory()
    noor = person(registry, Role.RESTRICTED_VIEWER)

    shown = context(denied(Permission.LINK_ARTIFACT, registry), noor)

    assert shown["heading"] == "Linking an artifact needs the role Member"
    assert shown["origin"] == "given here"
    assert [(step.role, step.state) for step in shown["ladder"]] == [
        ("Restricted Viewer", "have"),
        ("Viewer", "beyond"),
        ("Member", "need"),
        ("Admin", "beyond"),
    ]


def test_the_owner_is_a_step_only_where_it_is_needed():
    registry = RegistryFactory()
    admin = person(registry, Role.ADMIN)

    shown = context(denied(Permission.MOVE_OWNERSHIP, registry), admin)

    assert shown["ladder"][-1] == ("Owner", "need", shown["ladder"][-1].words)


def test_who_can_give_the_role_is_named_the_owner_first():
    registry = RegistryFactory()
    person(registry, Role.ADMIN, username="zed")
    person(registry, Role.MEMBER, username="mia")
    person(registry, Role.ADMIN, username="bot", is_service_account=True)

    named = [(grantor.user.username, grantor.role) for grantor in grantors(registry)]

    assert named[0] == (registry.owner.user.username, "Owner")
    assert named[1] == ("zed", "Admin")
    assert [role for _, role in named[2:]] == ["Organization Admin"]


def test_organization_admins_cannot_give_roles_in_a_restricted_registry():
    registry = RegistryFactory(visibility="restricted")

    assert [grantor.role for grantor in grantors(registry)] == ["Owner"]


def test_a_role_that_would_not_help_is_not_asked_for():
    registry = RegistryFactory()
    owner = registry.owner.user

    assert context(denied(Permission.LINK_ARTIFACT, registry), owner) == {}


def test_a_right_in_the_organization_names_its_admins():
    viewer = MembershipFactory(role=Role.VIEWER)
    refusal = denied(OrganizationPermission.CREATE_REGISTRY, viewer.organization)

    shown = context(refusal, viewer.user)

    assert shown["heading"] == "Creating a registry needs another role"
    assert [grantor.role for grantor in shown["grantors"]] == ["Organization Admin"]


@pytest.mark.parametrize("refusal", [Conflict("Taken."), Denied("Not now.")])
def test_other_refusals_have_their_sentence_only(refusal):
    registry = RegistryFactory()

    assert context(refusal, person(registry)) == {}
