"""Rows by cast by registries by default roles, against the table written by hand."""

from __future__ import annotations

import itertools
import re

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Organization
from accounts.permissions import OrganizationPermission, Role, TeamPermission
from registries.backends import role_in
from registries.models import Artifact, Collection, Registry, Version
from registries.permissions import GRANTS, TABLE, Permission
from tests.cast import CORE, KINDS, PEOPLE, RESTRICTED
from tests.rights import (
    REGISTRY_GRANTS,
    REGISTRY_ROLES,
    REGISTRY_TABLE,
    cells,
    has_right,
    role_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.tables]

WORDS = dict(zip(REGISTRY_ROLES, Role, strict=True))
DEFAULTS = {"Viewer": Role.VIEWER, "R.Viewer": Role.RESTRICTED_VIEWER}
SCENES = [
    pytest.param(person, kind, default, id=f"{person}-{kind}-{default}")
    for person, kind, default in itertools.product(PEOPLE, KINDS, DEFAULTS)
]


def test_the_codes_table_is_the_table_written_by_hand():
    numbers = {f"registries.{row[1]}": int(row[0]) for row in cells(REGISTRY_TABLE)[1:]}

    assert {permission.value: row.number for permission, row in TABLE.items()} == numbers
    for word, role in WORDS.items():
        allowed = {codename for codename, roles in REGISTRY_GRANTS.items() if word in roles}
        assert {p.value.removeprefix("registries.") for p in GRANTS[role]} == allowed


def test_each_stronger_role_includes_the_weaker():
    for weaker, stronger in itertools.pairwise(Role):
        assert GRANTS[weaker] <= GRANTS[stronger]


def set_default(cast, default: str) -> None:
    Organization.objects.filter(pk=cast.organization.pk).update(
        default_role=DEFAULTS[default]
    )


@pytest.mark.parametrize(("person", "kind", "default"), SCENES)
def test_has_perm_follows_the_table(cast, person, kind, default):
    set_default(cast, default)
    user, version = cast.person(person), cast.version(kind)
    expected = rights(person, kind, default)

    for subject in (version.registry, version.collection, version):
        assert granted(user, subject) == expected, f"on {type(subject).__name__}"


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_in_a_registry_is_judged_by_it(cast, person, kind):
    user, version = cast.person(person), cast.version(kind)
    expected = rights(person, kind, "Viewer")

    for subject in (
        version.artifact,
        version.aliases.get(name="production"),
        version.collection.alias_moves.first(),
        version.collection.tags.create(name="vision"),
        version.tags.create(name="vision"),
        version.registry.members.first(),
    ):
        assert granted(user, subject) == expected, f"on {type(subject).__name__}"


def rights(person: str, kind: str, default: str) -> set[str]:
    """What the table written by hand gives."""
    return {
        permission.value
        for permission in Permission
        if has_right(person, permission.value.removeprefix("registries."), kind, default)
    }


def granted(user, subject) -> set[str]:
    """What the backends give."""
    return {p.value for p in Permission if user.has_perm(p.value, subject)}


@pytest.mark.parametrize(("person", "kind", "default"), SCENES)
def test_visible_to_and_the_effective_role_follow_the_table(cast, person, kind, default):
    set_default(cast, default)
    user, registry, version = cast.person(person), cast.registry(kind), cast.version(kind)
    role = role_of(person, kind, default)
    seen = role != "-"

    assert Registry.objects.visible_to(user).contains(registry) is seen
    assert Collection.objects.visible_to(user).contains(version.collection) is seen
    assert Version.objects.visible_to(user).contains(version) is seen
    sees_source = person in {"team admin", "organization admin"} or "with" in person
    assert Artifact.objects.visible_to(user).contains(version.artifact) is (
        seen or sees_source
    )
    assert role_in(registry, user) == WORDS.get(role)


def test_creating_a_registry_is_no_permission_in_a_registry():
    """Row 11 is an organization right."""
    assert 11 not in {row.number for row in TABLE.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_other_apps_permissions_are_nobodys_here(cast, kind):
    registry = cast.registry(kind)
    others = [*OrganizationPermission, *TeamPermission, "registries.nothing", "", "admin"]

    for person in PEOPLE:
        user = cast.person(person)
        assert [p for p in others if user.has_perm(p, registry)] == []
        assert not any(user.has_perm(p.value) for p in Permission)


def test_twenty_checks_cost_two_queries(cast, django_assert_num_queries):
    user, version = cast.person("member"), cast.version(RESTRICTED)

    with django_assert_num_queries(2):
        for permission in list(Permission)[:10]:
            user.has_perm(permission.value, version.registry)
            user.has_perm(permission.value, version)


def test_a_refusal_names_the_role_and_who_can_give_it():
    sentence = Permission.LINK_ARTIFACT.needs(Registry(name="Fraud"))

    assert "Member" in sentence
    assert "Fraud" in sentence
    assert re.search(r"Admin .* can give it", sentence)


def test_describing_a_core_registry_takes_an_organization_role(cast):
    sentence = Permission.EDIT_REGISTRY.needs(cast.registry(CORE))

    assert sentence == "the role Admin in the organization Acme; an Admin of it can give it"


# The trash


@pytest.mark.parametrize("person", PEOPLE)
def test_what_is_in_a_registry_in_the_trash_is_nobodys(cast, person):
    user, version = cast.person(person), cast.version(RESTRICTED)
    Registry.objects.filter(pk=version.registry.pk).update(deleted_at="2026-01-01T00:00Z")
    version = cast.version(RESTRICTED)
    registry = cast.registry(RESTRICTED)

    assert not Registry.objects.visible_to(user).contains(registry)
    assert not Collection.objects.visible_to(user).contains(version.collection)
    assert not Version.objects.visible_to(user).contains(version)
    for subject in (version, version.collection, version.aliases.first()):
        assert granted(user, subject) == set()
    right = has_right(person, "delete_registry", RESTRICTED, "Viewer")
    assert granted(user, registry) == ({"registries.delete_registry"} if right else set())


@pytest.mark.parametrize("person", PEOPLE)
def test_what_is_in_a_collection_in_the_trash_is_nobodys(cast, person):
    user = cast.person(person)
    Collection.objects.filter(registry=cast.registries[RESTRICTED]).update(
        deleted_at="2026-01-01T00:00Z"
    )
    version = cast.version(RESTRICTED)

    assert not Collection.objects.visible_to(user).contains(version.collection)
    assert not Version.objects.visible_to(user).contains(version)
    assert granted(user, version) == set()
    assert granted(user, version.aliases.first()) == set()
    right = has_right(person, "delete_collection", RESTRICTED, "Viewer")
    assert granted(user, version.collection) == (
        {"registries.delete_collection"} if right else set()
    )


def test_an_artifact_whose_only_home_is_in_the_trash_is_nobodys(cast):
    version = cast.version(RESTRICTED)
    source = version.artifact.source
    Collection.objects.filter(pk=version.collection_id).update(
        deleted_at="2026-01-01T00:00Z"
    )
    Collection.objects.filter(pk=source.pk).update(deleted_at="2026-01-01T00:00Z")

    for person in PEOPLE:
        user = cast.person(person)
        assert not Artifact.objects.visible_to(user).contains(version.artifact)
        assert granted(user, version.artifact) == set()


def test_a_stranger_to_the_house_is_asked_politely():
    assert not AnonymousUser().has_perm(Permission.VIEW_COLLECTION, Registry())
