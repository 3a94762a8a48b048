from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actors import Actor, Conflict, Denied, Invalid, Missing, TooLarge
from accounts.models import Event, Job
from accounts.permissions import Role
from registries.backends import role_in
from registries.models import Registry
from registries.models.registry import CORE
from registries.operations.contents import protect_alias
from registries.operations.registries import (
    change_visibility,
    create_registry,
    take_access,
)
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    acting,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db

ORGANIZATION, RESTRICTED = Registry.Visibility.ORGANIZATION, Registry.Visibility.RESTRICTED


def role(registry: Registry, user) -> Role | None:
    registry = Registry.objects.get(pk=registry.pk)
    return role_in(registry, type(user).objects.get(pk=user.pk))


# Creating


def test_the_creator_becomes_owner_and_a_restricted_one_starts_alone():
    creator = MembershipFactory()
    admin = MembershipFactory(organization=creator.organization, role=Role.ADMIN)

    registry = create_registry(
        creator.organization, "Fraud", visibility=RESTRICTED, by=acting(creator.user)
    )

    assert registry.owner == creator
    assert role(registry, creator.user) == Role.OWNER
    assert role(registry, admin.user) is None
    assert not registry.members.exists()
    assert registry.accepts("anything")
    assert Event.objects.last().after == {"visibility": "restricted", "types": None}


def test_a_list_of_types_is_kept_once_each_in_order():
    registry = create_by_member(types=["model", "data set", "model"])

    assert [str(each) for each in registry.accepted_types.all()] == ["model", "data set"]
    assert not registry.accepts_all_types
    assert not registry.accepts("dataset")


def create_by_member(**values) -> Registry:
    member = MembershipFactory()
    values = {"name": "Fraud"} | values
    return create_registry(member.organization, **values, by=acting(member.user))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "a/b"}),
        ("name", {"name": " a"}),
        ("name", {"name": "x" * 114}),
        ("description", {"description": "a\0"}),
        ("visibility", {"visibility": "public"}),
        ("visibility", {"visibility": ""}),
        ("types", {"types": []}),
        ("types", {"types": ["job"]}),
        ("types", {"types": ["model", "a/b"]}),
        ("icon", {"icon": "../x"}),
    ],
)
def test_a_bad_value_is_refused_and_nothing_made(field, values, unchanged):
    member = MembershipFactory()
    values = {"name": "Fraud"} | values

    with unchanged(), pytest.raises(Invalid) as refusal:
        create_registry(member.organization, **values, by=acting(member.user))

    assert refusal.value.field == field


def test_a_description_is_at_most_a_mebibyte(unchanged):
    member = MembershipFactory()

    with unchanged(), pytest.raises(TooLarge):
        create_registry(
            member.organization, "a", description="x" * 1_048_577, by=acting(member.user)
        )


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        ("model", "Models"),
        ("Model", "Models"),
        ("Models", "Models"),
        ("dataset", "Datasets"),
        ("DATASETS", "Datasets"),
        ("fraud", "Fraud"),
        ("FRAUD", "Fraud"),
    ],
)
def test_the_holder_of_a_taken_name_is_named_to_who_sees_it(name, holder, unchanged):
    owner = MembershipFactory()
    create_registry(
        owner.organization, "Fraud", visibility=RESTRICTED, by=acting(owner.user)
    )

    with (
        unchanged(),
        pytest.raises(Conflict, match=f"already has a registry named {holder}"),
    ):
        create_registry(owner.organization, name, by=acting(owner.user))


def test_to_anybody_else_a_taken_name_is_not_available(unchanged):
    owner = MembershipFactory()
    create_registry(
        owner.organization, "Fraud", visibility=RESTRICTED, by=acting(owner.user)
    )
    other = MembershipFactory(organization=owner.organization)

    with unchanged(), pytest.raises(Conflict) as refusal:
        create_registry(owner.organization, "FRAUD", by=acting(other.user))

    assert str(refusal.value) == "The name FRAUD is not available."


def test_a_name_is_taken_in_one_organization_only():
    assert create_by_member(name="Fraud").name == create_by_member(name="Fraud").name


def test_an_old_name_stays_taken_while_its_registry_lives_and_is_free_in_the_trash():
    registry = create_by_member(name="Fraud")
    registry.names.update(is_current=False)
    by = acting(registry.owner.user)
    with pytest.raises(Conflict):
        create_registry(registry.organization, "fraud", by=by)

    registry.names.update(live=False)

    assert create_registry(registry.organization, "fraud", by=by)


def test_only_the_installation_names_another_owner(unchanged):
    member, other = (
        (m := MembershipFactory()),
        MembershipFactory(organization=m.organization),
    )
    admin = MembershipFactory(organization=m.organization, role=Role.ADMIN)

    for by in (member.user, admin.user):
        with unchanged(), pytest.raises(Denied):
            create_registry(member.organization, "a", owner=other.user, by=acting(by))
    for name, by in (("a", SYSTEM), ("b", acting(UserFactory(is_superuser=True)))):
        registry = create_registry(member.organization, name, owner=other.user, by=by)
        assert registry.owner == other


def test_the_installation_has_to_name_an_active_person_inside(unchanged):
    organization = make_organization()
    inside = MembershipFactory(organization=organization, user=UserFactory(is_active=False))
    robot = MembershipFactory(
        organization=organization, user=UserFactory(is_service_account=True)
    )

    for owner in (None, UserFactory(), inside.user, robot.user):
        for by in (SYSTEM, acting(UserFactory(is_superuser=True))):
            with unchanged(), pytest.raises(Invalid) as refusal:
                create_registry(organization, "a", owner=owner, by=by)
            assert refusal.value.field == "owner"


# Visibility


def test_restricting_keeps_the_owner_and_whoever_restricts():
    registry = RegistryFactory()
    admin = person(registry, standing=Role.ADMIN)
    others = [person(registry), person(registry, standing=Role.ADMIN)]

    change_visibility(registry, RESTRICTED, by=acting(admin))

    assert role(registry, admin) == Role.ADMIN
    assert role(registry, registry.owner.user) == Role.OWNER
    assert [role(registry, other) for other in others] == [None, None]


def test_restricting_strengthens_a_weaker_role_of_whoever_restricts():
    registry = RegistryFactory()
    admin = person(registry, Role.RESTRICTED_VIEWER, standing=Role.ADMIN)
    Event.objects.all().delete()

    change_visibility(registry, RESTRICTED, by=acting(admin))

    assert role(registry, admin) == Role.ADMIN
    event = Event.objects.get(kind="registry_member.change_role")
    assert event.before == {"member": admin.username, "role": "restricted_viewer"}
    assert event.after == {"member": admin.username, "role": "admin"}


def test_restricting_gives_nothing_to_who_has_it():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    through_team, given = person(registry), person(registry, Role.ADMIN)
    TeamMembershipFactory(team=team, membership=through_team.memberships.get())
    registry.members.create(team=team, role=Role.ADMIN)

    for by in (acting(through_team), acting(given), acting(registry.owner.user), SYSTEM):
        change_visibility(registry, RESTRICTED, by=by)
        change_visibility(registry, ORGANIZATION, by=by)

    assert registry.members.count() == 2


def test_the_installation_administrator_from_outside_gets_no_role():
    registry = RegistryFactory()

    change_visibility(registry, RESTRICTED, by=acting(UserFactory(is_superuser=True)))

    assert not registry.members.exists()
    registry.refresh_from_db()
    assert registry.is_restricted


def test_opening_lets_everybody_in_with_the_default():
    registry = RegistryFactory(visibility=RESTRICTED)
    member, admin = person(registry), person(registry, standing=Role.ADMIN)
    Event.objects.all().delete()

    change_visibility(registry, ORGANIZATION, by=acting(registry.owner.user))

    assert (role(registry, member), role(registry, admin)) == (Role.VIEWER, Role.ADMIN)
    event = Event.objects.get()
    assert (event.before, event.after) == ("restricted", "organization")
    assert (event.registry_id, event.registry_name) == (registry.pk, registry.name)


@pytest.mark.parametrize("word", ["public", "", "Organization", None])
def test_there_are_two_visibilities(word, unchanged):
    registry = RegistryFactory()

    with unchanged(), pytest.raises(Invalid) as refusal:
        change_visibility(registry, word, by=SYSTEM)

    assert refusal.value.field == "visibility"


@pytest.mark.parametrize("core", CORE)
def test_a_core_registry_is_visible_for_ever_and_says_so_only_inside(core, unchanged):
    registry = make_organization().registries.get(name=core)
    insiders = [
        SYSTEM,
        acting(person(registry)),
        acting(person(registry, Role.ADMIN, standing=Role.ADMIN)),
        acting(UserFactory(is_superuser=True)),
    ]
    outsiders = [acting(UserFactory()), Actor(None, via="test")]

    for by in insiders:
        with unchanged(), pytest.raises(Conflict, match="whole organization"):
            change_visibility(registry, RESTRICTED, by=by)
    for by in outsiders:
        with unchanged(), pytest.raises(Denied):
            change_visibility(registry, RESTRICTED, by=by)


# Taking access


def test_taking_access_is_recorded_and_announced():
    registry = RegistryFactory(visibility=RESTRICTED)
    admin = person(registry, standing=Role.ADMIN)
    Event.objects.all().delete()

    take_access(registry, by=acting(admin))

    assert role(registry, admin) == Role.ADMIN
    event = Event.objects.get()
    assert event.actor_name == admin.username
    assert Job.objects.get(name="announce").arguments == {"event": event.pk}


def test_taking_access_ends_an_expiry_and_a_weaker_role():
    registry = RegistryFactory(visibility=RESTRICTED)
    admin = person(registry, Role.VIEWER, standing=Role.ADMIN)
    registry.members.update(expires_at=timezone.now())

    take_access(registry, by=acting(admin))

    assert role(registry, admin) == Role.ADMIN
    assert registry.members.get().expires_at is None


def test_the_owner_and_who_has_it_take_nothing(unchanged):
    registry = RegistryFactory(visibility=RESTRICTED)
    registry.organization.memberships.filter(pk=registry.owner_id).update(role=Role.ADMIN)
    given = person(registry, Role.ADMIN, standing=Role.ADMIN)

    for user in (registry.owner.user, given):
        with unchanged():
            take_access(registry, by=acting(user))


def test_an_open_registry_and_a_core_one_need_no_taking(unchanged):
    registry = RegistryFactory()
    admin = person(registry, standing=Role.ADMIN)

    for open_one in (registry, registry.organization.registries.get(name="model")):
        with unchanged(), pytest.raises(Conflict, match="not restricted"):
            take_access(open_one, by=acting(admin))


def test_nobody_takes_access_from_outside_or_to_the_trash(unchanged):
    registry = RegistryFactory(visibility=RESTRICTED)
    admin = person(registry, standing=Role.ADMIN)
    admin_elsewhere = acting(MembershipFactory(role=Role.ADMIN).user)

    for by in (SYSTEM, acting(UserFactory(is_superuser=True))):
        with unchanged(), pytest.raises(Conflict, match="Only somebody in"):
            take_access(registry, by=by)
    with unchanged(), pytest.raises(Denied):
        take_access(registry, by=admin_elsewhere)
    Registry.objects.filter(pk=registry.pk).update(deleted_at=timezone.now())
    with unchanged(), pytest.raises(Missing):
        take_access(registry, by=acting(admin))


# Protected aliases


@pytest.mark.parametrize("name", ["latest", "v1", "", "a/b", "a:b"])
def test_what_the_server_moves_cannot_be_protected(name, unchanged):
    registry = RegistryFactory()

    with unchanged(), pytest.raises(Invalid) as refusal:
        protect_alias(registry, name, by=SYSTEM)

    assert refusal.value.field == "alias"


def test_what_is_in_the_trash_is_not_changed(unchanged):
    registry = RegistryFactory()
    Registry.objects.filter(pk=registry.pk).update(deleted_at=timezone.now())

    for change in (
        lambda by: protect_alias(registry, "production", by=by),
        lambda by: change_visibility(registry, RESTRICTED, by=by),
    ):
        for by in (SYSTEM, acting(registry.owner.user)):
            with unchanged(), pytest.raises(Missing):
                change(by)
