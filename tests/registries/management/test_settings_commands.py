"""What the settings page of a registry does, without a browser."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.utils import timezone

from accounts.models import Event
from accounts.permissions import Role
from registries.backends import role_in
from registries.models import Registry
from registries.operations.access import request_access
from registries.permissions import GRANTS, Permission
from tests.commands import manage
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    acting,
    linked_version,
    person,
)

pytestmark = pytest.mark.django_db
RESTRICTED = Registry.Visibility.RESTRICTED


def kinds(count: int) -> list[str]:
    """The kinds of the newest events, in order."""
    newest = Event.objects.order_by("-pk").values_list("kind", flat=True)[:count]
    return list(reversed(newest))


def types_of(registry: Registry) -> list[str]:
    return sorted(registry.accepted_types.values_list("name", flat=True))


# Permissions


def test_permissions_are_listed_with_the_role_and_why():
    registry = RegistryFactory(name="fraud")
    noor = person(registry, username="noor")
    RegistryMemberFactory(
        registry=registry,
        membership=noor.memberships.get(),
        role=Role.VIEWER,
        reason="Cover",
    )
    team = TeamFactory(organization=registry.organization, name="risk")
    team.memberships.create(membership=noor.memberships.get(), role=Role.VIEWER)
    RegistryMemberFactory(registry=registry, team=team, role=Role.MEMBER)

    said = manage("list", registry.full_name, "--permissions", "--user", "noor").out

    role, *why, empty, head = said.splitlines()[:6]
    assert role == f"noor has Member in {registry.full_name}."
    assert why == [
        "Member: through team risk.",
        "Viewer: given here, “Cover”.",
        "The strongest role counts.",
    ]
    assert (empty, head.split()) == ("", ["NUMBER", "PERMISSION", "ALLOWED", "WORDING"])
    rows = {line.split()[1]: line.split()[2] for line in said.splitlines()[6:]}
    assert (rows["link_artifact"], rows["change_visibility"]) == ("yes", "no")
    assert len(rows) == 28


def test_permissions_are_listed_to_whoever_may_see_the_settings(monkeypatch):
    registry = RegistryFactory()
    user = person(registry).username
    others = GRANTS[Role.VIEWER] - {Permission.VIEW_SETTINGS}
    monkeypatch.setitem(GRANTS, Role.VIEWER, others)

    with pytest.raises(CommandError, match="Viewing the settings needs"):
        manage("list", registry.full_name, "--permissions", "--as", user)


@pytest.mark.parametrize(
    ("standing", "visibility", "role", "rule"),
    [
        (Role.MEMBER, "organization", "Viewer", "the organization's default counts"),
        (Role.ADMIN, "organization", "Admin", "Nothing stronger was given here."),
        (Role.ADMIN, "restricted", "no role", "No rule gives a role here."),
    ],
)
def test_permissions_name_the_rule_that_decided(standing, visibility, role, rule):
    registry = RegistryFactory(visibility=visibility)
    user = person(registry, standing=standing)

    said = manage("list", registry.full_name, "--permissions", "--user", user).out

    assert said.startswith(f"{user} has {role} in {registry.full_name}.\n")
    assert rule in said
    assert ("  yes  " in said) is (role != "no role")


def test_permissions_of_an_owner_and_as_json():
    registry = RegistryFactory()
    owner = registry.owner.user

    said = manage(
        "list", registry.full_name, "--permissions", "--json", "--as", owner.username
    )

    found = json.loads(said.out)
    assert (found["user"], found["role"]) == (owner.username, "owner")
    assert found["reasons"] == [{"role": "owner", "why": "owner of this registry"}]
    assert "has every permission" in found["rule"]
    assert all(row["allowed"] for row in found["permissions"])


def test_an_installation_administrator_passes_every_check_without_a_role():
    registry, ada = RegistryFactory(), person(RegistryFactory(), is_superuser=True)

    said = manage("list", registry.full_name, "--permissions", "--user", ada).out

    assert f"{ada} has no role in" in said
    assert "An installation administrator passes every check." in said
    assert "  no  " not in said


def test_permissions_are_of_somebody_in_a_registry():
    registry = RegistryFactory(visibility=RESTRICTED)
    outsider = person(registry)
    name = registry.full_name

    for arguments, sentence in (
        ((name, "--permissions"), "Say whose permissions"),
        ((name, "--user", outsider), "add --permissions"),
        ((registry.organization.name, "--permissions"), "name ORG/REGISTRY"),
        ((name, "--permissions", "--as", outsider), f"There is no registry {name}"),
    ):
        with pytest.raises(CommandError, match=sentence):
            manage("list", *arguments)


# General, types, aliases


def test_everything_general_is_edited_at_once():
    registry = RegistryFactory(name="fraud")
    organization = registry.organization.name
    arguments = ("--name", "fraud v2", "--description", "By *name*.", "--icon", "eye")

    said = manage("edit_registry", f"{organization}/fraud", *arguments)
    manage("edit_registry", f"{organization}/fraud", "--release", "fraud")

    registry.refresh_from_db()
    assert said.out == registry.full_name == f"{organization}/fraud v2"
    assert (registry.description, registry.icon) == ("By *name*.", "eye")
    assert kinds(3) == ["registry.rename", "registry.edit", "registry.release_name"]
    with pytest.raises(CommandError, match="There is no registry"):
        manage("edit_registry", f"{organization}/fraud", "--icon", "eye")


def test_types_are_listed_appended_and_opened_again():
    registry = RegistryFactory()
    linked_version(registry, "churn")
    name = registry.full_name

    with pytest.raises(CommandError, match="there is no list to add to"):
        manage("edit_registry", name, "--add-type", "onnx")
    with pytest.raises(CommandError, match="has to keep what is in use"):
        manage("edit_registry", name, "--only-type", "onnx")
    manage("edit_registry", name, "--only-type", "model", "--only-type", "onnx")
    manage("edit_registry", name, "--add-type", "report")
    assert types_of(registry) == ["model", "onnx", "report"]
    manage("edit_registry", name, "--all-types")

    registry.refresh_from_db()
    assert registry.accepts_all_types
    assert kinds(3) == [
        "registry.switch_types",
        "registry.append_types",
        "registry.switch_types",
    ]


def test_of_three_ways_to_say_types_one_is_taken():
    with pytest.raises(CommandError, match="Say one of"):
        manage("edit_registry", RegistryFactory().full_name, "--add-type=a", "--all-types")


def test_aliases_are_protected_and_freed():
    registry = RegistryFactory()

    manage("edit_registry", registry.full_name, "--protect", "a", "--protect", "b")
    manage("edit_registry", registry.full_name, "--unprotect", "a")

    assert registry.protected_aliases.get().name == "b"
    assert kinds(1) == ["registry.unprotect_alias"]


def test_one_refusal_leaves_everything_as_it_was(unchanged):
    registry = RegistryFactory()
    member = person(registry, Role.MEMBER)

    with unchanged(), pytest.raises(CommandError, match="needs the role Admin"):
        manage(
            "edit_registry",
            registry.full_name,
            "--icon=eye",
            "--protect=a",
            "--as",
            member.username,
        )


# Trash, ownership


def test_a_registry_goes_to_the_trash_and_comes_back():
    registry = RegistryFactory(name="fraud")
    name = registry.full_name

    assert manage("delete_registry", name).out == f"{name} is in the trash, for 30 days."
    with pytest.raises(CommandError, match=f"There is no registry {name}"):
        manage("list", name)
    assert manage("restore_registry", name.upper()).out == name

    assert manage("list", name).out == "Nothing here yet."
    assert kinds(2) == ["registry.delete", "registry.restore"]


def test_a_former_name_deletes_nothing():
    registry = RegistryFactory(name="fraud")
    former = registry.full_name
    manage("edit_registry", former, "--name", "fraud-2")

    with pytest.raises(CommandError, match=r"It is called .*/fraud-2: say that name"):
        manage("delete_registry", former)

    assert Registry.objects.live().filter(pk=registry.pk).exists()


def test_of_two_in_the_trash_the_last_one_comes_back():
    first = RegistryFactory(name="fraud")
    manage("delete_registry", first.full_name)
    second = RegistryFactory(name="fraud", organization=first.organization)
    manage("delete_registry", second.full_name)

    manage("restore_registry", second.full_name)

    assert Registry.objects.live().get(is_core=False) == second
    with pytest.raises(CommandError, match="taken by another registry now"):
        manage("restore_registry", first.full_name)


def test_who_may_not_restore_finds_nothing_in_the_trash():
    registry = RegistryFactory()
    member = person(registry, Role.MEMBER)
    name, missing = registry.full_name, f"{registry.organization.name}/missing"
    manage("delete_registry", name)

    for named in (name, missing):
        with pytest.raises(CommandError) as refused:
            manage("restore_registry", named, "--as", member)
        assert str(refused.value) == f"There is no registry {named} in the trash."


def test_ownership_moves():
    registry = RegistryFactory()
    before, heir = registry.owner.user, person(registry, Role.VIEWER)

    said = manage("move_ownership", registry.full_name, heir, "--as", before)

    assert said.out == f"{heir} owns {registry.full_name}."
    registry.refresh_from_db()
    assert (role_in(registry, heir), role_in(registry, before)) == (Role.OWNER, Role.ADMIN)


# Roles: for a time, asked for, taken


def test_a_role_may_end_by_itself():
    registry = RegistryFactory()
    user = person(registry)

    manage("set_role", registry.full_name, user, "member", "--expires", 30)

    left = registry.members.get().expires_at - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_a_role_is_asked_for_and_given_for_a_time():
    registry = RegistryFactory()
    user = person(registry)

    said = manage(
        "request_access", registry.full_name, "member", "--message=On call", "--as", user
    )
    assert said.out == f"{user} asked for the role Member in {registry.full_name}."
    said = manage(
        "answer_request",
        registry.full_name,
        user,
        "accept",
        "--expires",
        7,
        "--role=viewer",
    )

    given = registry.members.get()
    assert said.out == f"{user} is Viewer in {registry.full_name}."
    assert (given.role, given.reason, bool(given.expires_at)) == ("viewer", "On call", True)
    assert kinds(3) == ["access.request", "registry_member.add", "access.accept"]


def test_a_role_is_asked_for_and_declined_once():
    registry = RegistryFactory()
    user = person(registry)
    request_access(registry, Role.ADMIN, by=acting(user))
    answer = ("answer_request", registry.full_name, user, "decline", "--reason=Ask Noor")

    manage(*answer)
    with pytest.raises(CommandError, match="asks for no role"):
        manage(*answer)

    assert Event.objects.get(kind="access.decline").reason == "Ask Noor"
    assert not registry.members.exists()


def test_whether_somebody_asked_is_told_to_admins_only():
    registry = RegistryFactory()
    member, user = person(registry, Role.MEMBER), person(registry)

    with pytest.raises(CommandError, match="needs the role Admin"):
        manage("answer_request", registry.full_name, user, "accept", "--as", member)


def test_access_is_taken_by_admins_who_do_not_see_the_registry():
    registry = RegistryFactory(visibility=RESTRICTED)
    admin = person(registry, standing=Role.ADMIN)
    member = person(registry)
    name, missing = registry.full_name, f"{registry.organization.name}/missing"

    with pytest.raises(CommandError, match="needs the role Admin in the organization"):
        manage("take_access", name, "--as", member)
    with pytest.raises(CommandError, match="needs the role Admin in the organization"):
        manage("take_access", missing, "--as", member)
    with pytest.raises(CommandError, match="There is no restricted registry"):
        manage("take_access", missing, "--as", admin)
    with pytest.raises(CommandError, match="Only somebody in"):
        manage("take_access", name)
    said = manage("take_access", name, "--as", admin)

    assert said.out == f"{admin} is Admin in {name}."
    assert role_in(registry, admin) == Role.ADMIN


def test_an_alias_is_taken_off_the_version_that_has_it():
    registry = RegistryFactory()
    first = linked_version(registry, "churn", aliases=("production",))
    second = linked_version(registry, "churn", files={"a": b"2"})

    with pytest.raises(CommandError, match="production is not on"):
        manage("set_alias", second.full_name, "production", "--remove")
    manage("set_alias", first.full_name, "production", "--remove", "--reason=Broken")

    assert not first.aliases.filter(name="production").exists()
    assert Event.objects.get(kind="alias.remove").reason == "Broken"


# Programs and teams


def test_a_service_account_is_made_in_a_team():
    team = TeamFactory()
    name = team.organization.name

    said = manage(
        "create_service_account", f"{name}/ci", "--team", team.name, "--role=viewer"
    )

    account = team.memberships.get().membership
    assert said.out == account.user.username == "ci"
    assert (account.role, account.user.is_service_account) == (Role.VIEWER, True)


def test_a_team_is_deleted_by_its_admin():
    admin = MembershipFactory()
    name = f"{admin.organization.name}/vision"
    manage("create_team", name, "--as", admin.user)

    assert manage("delete_team", name, "--as", admin.user).out == (
        f"The team {name} is deleted."
    )

    with pytest.raises(CommandError, match="There is no team"):
        manage("delete_team", name)
