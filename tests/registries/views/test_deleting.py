"""Deleting what was logged: with its consequences said first, never while it is linked."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.permissions import Role
from registries.models import Registry, Version
from registries.operations.collections import delete_collection
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    linked_version,
    logged_version,
)
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def admin(team):
    membership = MembershipFactory(organization=team.organization, role=Role.VIEWER)
    TeamMembershipFactory(team=team, membership=membership, role=Role.ADMIN)
    return membership.user


def test_a_collection_goes_into_the_trash_and_comes_back(team, admin):
    version, client = logged_version(team, "churn"), signed_in(admin)
    address = version.collection.get_absolute_url()
    trash = reverse("registries:trash", args=[team.organization.name])

    shown = client.get(address).content.decode()
    asked = words(client.get(f"{address}delete/"))
    gone = words(client.post(f"{address}delete/", follow=True))
    listed = words(client.get(trash))
    restoring = reverse(
        "registries:restore_collection",
        args=[team.organization.name, version.collection_id],
    )
    back = words(client.post(restoring, follow=True))

    assert f'href="{address}delete/"' in shown
    assert "1 version and all tags and aliases go with it." in asked
    assert "churn is in the trash, and can be restored for 30 days." in gone
    assert f"churn in {version.project}" in listed
    assert "30 days left" in listed
    assert "churn is back, with everything in it." in back


def test_the_trash_of_an_organization_shows_each_their_own(team, admin):
    mine, theirs = logged_version(admin, "mine"), logged_version(team, "common")
    elsewhere = logged_version(TeamFactory(), "elsewhere")
    for version in (mine, theirs, elsewhere):
        delete_collection(version.collection, by=SYSTEM)
    other = MembershipFactory(organization=team.organization, role=Role.MEMBER).user
    boss = MembershipFactory(organization=team.organization, role=Role.ADMIN).user
    trash = reverse("registries:trash", args=[team.organization.name])

    names = ("mine", "common", "elsewhere")
    shown = {
        user: [name for name in names if f"{name} in " in words(signed_in(user).get(trash))]
        for user in (admin, other, boss)
    }

    assert shown == {admin: ["mine", "common"], other: [], boss: ["common"]}


def test_a_version_goes_for_good_with_its_aliases(team, admin):
    version, client = logged_version(team, "churn"), signed_in(admin)
    address = version.get_absolute_url()

    asked = words(client.get(f"{address}delete/"))
    gone = words(client.post(f"{address}delete/", follow=True))

    assert "its files are gone for good" in asked
    assert "churn:v0 is deleted." in gone
    assert not Version.objects.filter(pk=version.pk).exists()


def test_what_is_linked_stays_and_it_says_where_as_far_as_they_see(team, admin, unchanged):
    seen, hidden = (
        RegistryFactory(organization=team.organization, visibility=visibility)
        for visibility in (Registry.Visibility.ORGANIZATION, Registry.Visibility.RESTRICTED)
    )
    client = signed_in(admin)
    for registry, where in ((seen, f"{seen.full_name}/"), (hidden, "where you do not see")):
        linked = linked_version(registry, f"in-{registry.name}", team=team)
        source = linked.artifact.versions.get(collection__registry=None)
        for place in (source, source.collection):
            address = f"{place.get_absolute_url()}delete/"

            asked = client.get(address)
            with unchanged():
                refused = client.post(address)

            assert where in words(asked)
            assert "danger solid" not in asked.content.decode()
            assert refused.status_code == 409
            assert where in words(refused)
            assert hidden.full_name not in words(refused)
