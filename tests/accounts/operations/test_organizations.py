from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid
from accounts.models import EntityName, Event
from accounts.operations.organizations import change_organization_settings
from accounts.permissions import Role
from tests.factories import SYSTEM, MembershipFactory, acting, make_organization

pytestmark = pytest.mark.django_db


def test_an_admin_changes_the_settings_with_one_event():
    organization = make_organization()
    admin = acting(MembershipFactory(organization=organization, role=Role.ADMIN).user)

    changed = change_organization_settings(
        organization,
        default_role="restricted_viewer",
        registry_creators="admin",
        trash_days=7,
        by=admin,
    )
    change_organization_settings(organization, trash_days=7, by=admin)

    assert (changed.default_role, changed.trash_days) == (Role.RESTRICTED_VIEWER, 7)
    event = Event.objects.get(kind="organization.change_settings")
    assert (event.before["trash_days"], event.after["trash_days"]) == (30, 7)


def test_a_member_changes_nothing():
    organization = make_organization()
    member = acting(MembershipFactory(organization=organization).user)

    with pytest.raises(Denied):
        change_organization_settings(organization, trash_days=7, by=member)

    organization.refresh_from_db()
    assert organization.trash_days == 30


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("default_role", "member"),
        ("registry_creators", "viewer"),
        ("trash_days", 0),
        ("trash_days", 366),
        ("display_name", "a/b"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_field(field, value):
    with pytest.raises(Invalid) as refusal:
        change_organization_settings(make_organization(), by=SYSTEM, **{field: value})

    assert refusal.value.field == field


def test_a_new_display_name_takes_its_place_and_frees_the_old_one():
    organization = make_organization("acme")
    change_organization_settings(organization, display_name="Acme Inc", by=SYSTEM)
    organization.refresh_from_db()

    change_organization_settings(organization, display_name="Acme Ltd", by=SYSTEM)

    keys = set(
        EntityName.objects.filter(entity=organization.entity).values_list("key", flat=True)
    )
    assert keys == {"acme", "acme ltd"}


def test_a_taken_display_name_is_a_conflict():
    make_organization("first")

    with pytest.raises(Conflict):
        change_organization_settings(make_organization(), display_name="FIRST", by=SYSTEM)
