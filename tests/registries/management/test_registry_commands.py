"""Registries and what is in them: making, opening, linking, aliases, lists."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError

from accounts.models import Event
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.contents import protect_alias
from tests.commands import manage
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    linked_version,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_who_makes_a_registry_owns_it():
    member = MembershipFactory()
    name = f"{member.organization.name}/Fraud v1.0"

    said = manage(
        "create_registry",
        name,
        "--visibility",
        "restricted",
        "--type",
        "model",
        "--type",
        "report",
        "--description",
        "By *name* only.",
        "--icon",
        "eye",
        "--as",
        member.user,
    )

    registry = Registry.objects.get(is_core=False)
    assert said.out == name == registry.full_name
    assert registry.owner == member
    assert registry.is_restricted
    assert (registry.description, registry.icon) == ("By *name* only.", "eye")
    assert list(registry.accepted_types.values_list("name", flat=True)) == [
        "model",
        "report",
    ]
    assert kinds()[-1] == "registry.create"


def test_the_system_names_an_owner():
    member = MembershipFactory()
    name = f"{member.organization.name}/fraud"

    with pytest.raises(CommandError, match="Name the owner"):
        manage("create_registry", name)
    manage("create_registry", name, "--owner", member.user.email)

    registry = Registry.objects.get(is_core=False)
    assert registry.owner == member
    assert registry.accepts_all_types


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("models", "named Models"), ("dataset", "named Datasets"), ("-x", "its rule")],
)
def test_a_name_that_is_taken_or_wrong_makes_no_registry(name, sentence):
    member = MembershipFactory()

    with pytest.raises(CommandError, match=sentence):
        manage("create_registry", f"{member.organization.name}/{name}", "--as", member.user)

    assert not Registry.objects.filter(is_core=False).exists()


def test_a_viewer_creates_no_registry():
    viewer = MembershipFactory(role=Role.VIEWER)

    with pytest.raises(CommandError, match="needs the role Member"):
        manage("create_registry", f"{viewer.organization.name}/x", "--as", viewer.user)

    assert not Registry.objects.filter(is_core=False).exists()


def test_visibility_goes_both_ways():
    registry = RegistryFactory(name="my registry")

    said = manage("set_visibility", registry.full_name, "restricted")
    registry.refresh_from_db()
    assert registry.is_restricted
    assert said.out == f"{registry.full_name} is visible to: restricted."

    manage("set_visibility", registry.full_name, "organization")
    registry.refresh_from_db()
    assert not registry.is_restricted
    assert kinds()[-2:] == ["registry.change_visibility"] * 2


def test_a_core_registry_stays_open_under_both_its_names():
    organization = make_organization()

    for name in ("model", "models"):
        with pytest.raises(CommandError, match="always visible"):
            manage("set_visibility", f"{organization.name}/{name}", "restricted")


def test_a_member_does_not_change_visibility():
    registry = RegistryFactory()
    member = person(registry, Role.MEMBER)

    with pytest.raises(CommandError, match="needs the role Admin"):
        manage("set_visibility", registry.full_name, "restricted", "--as", member)

    registry.refresh_from_db()
    assert not registry.is_restricted


def test_a_version_is_linked_into_another_registry():
    version = linked_version(RegistryFactory(), "churn v1.0")
    target = RegistryFactory(organization=version.registry.organization)

    said = manage(
        "link", version.full_name, f"{target.full_name}/churn copy", "--alias", "staging"
    )

    linked = target.collections.get().versions.get()
    assert said.out == f"{target.full_name}/churn copy:v0"
    assert linked.artifact == version.artifact
    assert linked.aliases.filter(name="staging").exists()
    assert "version.link" in kinds()


def test_details_alone_do_not_suffice_to_link():
    version = linked_version(RegistryFactory())
    target = RegistryFactory(organization=version.registry.organization)
    user = person(version.registry, Role.RESTRICTED_VIEWER)
    target.members.create(membership=user.memberships.get(), role=Role.ADMIN)

    with pytest.raises(CommandError, match="Linking needs"):
        manage("link", version.full_name, f"{target.full_name}/copy", "--as", user)

    assert not target.collections.exists()


def test_an_alias_moves_with_a_reason():
    registry = RegistryFactory()
    first = linked_version(registry, "churn", aliases=("production",))
    second = linked_version(registry, "churn", files={"a": b"2"})

    said = manage(
        "set_alias", second.full_name, "production", "--reason", "Passed all checks."
    )

    move = second.collection.alias_moves.filter(name="production").latest("pk")
    assert said.out == second.full_name
    assert (move.from_number, move.to_number) == (first.number, second.number)
    assert move.reason == "Passed all checks."
    assert kinds()[-1] == "alias.move"


def test_latest_follows_by_itself():
    version = linked_version(RegistryFactory())

    said = manage("set_alias", version.full_name, "latest")

    assert said.err == "latest follows the newest version by itself."


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_a_protected_alias_takes_an_admin(role):
    version = linked_version(RegistryFactory())
    protect_alias(version.registry, "production", by=SYSTEM)
    user = person(version.registry, role)

    with pytest.raises(CommandError, match="needs the role"):
        manage("set_alias", version.full_name, "production", "--as", user)

    assert not version.aliases.filter(name="production").exists()


def test_a_version_number_is_no_alias():
    version = linked_version(RegistryFactory())

    with pytest.raises(CommandError, match="cannot be set as an alias"):
        manage("set_alias", version.full_name, "v7")


def test_hidden_and_missing_versions_say_the_same():
    version = linked_version(RegistryFactory(visibility=Registry.Visibility.RESTRICTED))
    user = person(version.registry)

    for name in (version.full_name, f"{version.registry.full_name}/missing:v0"):
        with pytest.raises(CommandError) as refused:
            manage("set_alias", name, "production", "--as", user)
        assert str(refused.value) == f"There is no version {name}."


def listed(*arguments: object) -> list[dict[str, Any]]:
    return json.loads(manage("list", *arguments, "--json").out)


def test_each_level_is_listed():
    registry = RegistryFactory(name="my registry")
    version = linked_version(registry, "churn v1.0", aliases=("production",))
    organization = registry.organization

    assert listed() == [
        {"name": organization.name, "display_name": organization.display_name}
    ]
    mine = listed(organization.name)[-1]
    assert (mine["name"], mine["types"], mine["versions"]) == ("my registry", "all", 1)
    assert mine["owner"] == registry.owner.user.username
    collection = listed(registry.full_name)[0]
    assert collection["name"] == "churn v1.0"
    assert collection["aliases"] == {"latest": 0, "production": 0}
    found = listed(version.collection.full_name)[0]
    assert (found["version"], found["bytes"]) == ("v0", version.artifact.size)
    assert sorted(found["aliases"]) == ["latest", "production"]


def test_a_list_reads_as_a_table():
    version = linked_version(RegistryFactory(), "churn v1.0")

    header, row = manage("list", version.collection.full_name).out.splitlines()

    assert header.split()[:4] == ["VERSION", "ALIASES", "FILES", "BYTES"]
    assert row.startswith("v0       latest   1      7 B")
    assert manage("list", f"{version.registry.organization.name}/model").out == (
        "Nothing here yet."
    )


def test_a_list_holds_what_the_person_sees_only():
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    linked_version(registry)
    member, outsider = person(registry), MembershipFactory().user
    organization = registry.organization.name

    assert [row["name"] for row in listed(organization, "--as", member)] == [
        "dataset",
        "model",
    ]
    assert organization not in [row["name"] for row in listed("--as", outsider)]
    with pytest.raises(CommandError, match="There is no organization"):
        listed(organization, "--as", outsider)
    with pytest.raises(CommandError, match="There is no registry"):
        listed(registry.full_name, "--as", member)


@pytest.mark.parametrize("level", ["organization", "registry", "collection"])
def test_a_longer_list_costs_no_more_queries(django_assert_max_num_queries, level):
    registry = RegistryFactory()
    for number in range(6):
        linked_version(registry, "churn", files={"a": b"%d" % number})
        linked_version(registry, f"other-{number}", files={"b": b"%d" % number})
        RegistryFactory(organization=registry.organization)
    place = {
        "organization": registry.organization.name,
        "registry": registry.full_name,
        "collection": f"{registry.full_name}/churn",
    }[level]

    with django_assert_max_num_queries(5):
        assert len(listed(place)) >= 6
