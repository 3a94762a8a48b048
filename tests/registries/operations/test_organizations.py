from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.actors import Actor, Conflict, Denied, Invalid, Missing
from accounts.models import (
    ApiKey,
    Event,
    Invitation,
    Job,
    Membership,
    Organization,
    TeamMembership,
    User,
)
from accounts.operations.invitations import accept_invitation, invite
from accounts.operations.keys import issue_api_key
from accounts.operations.users import create_user
from accounts.permissions import Role
from registries.backends import role_in
from registries.models import Registry, RegistryMember
from registries.operations.members import set_role
from registries.operations.organizations import (
    add_member,
    change_organization_role,
    create_organization,
    create_service_account,
    deactivate_user,
    leave,
    remove_member,
    set_up,
)
from registries.operations.registries import create_registry
from tests.factories import (
    SYSTEM,
    EntityFactory,
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


SECOND = "second@example.org"
"""Another address of the same person."""


def administrator() -> Actor:
    return acting(UserFactory(is_superuser=True))


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def admin_of(organization: Organization) -> Membership:
    """Its only Admin: the one it was made with."""
    return organization.memberships.get(role=Role.ADMIN)


def owned(membership: Membership, **fields) -> Registry:
    return RegistryFactory(organization=membership.organization, owner=membership, **fields)


# Making organizations


def test_an_organization_begins_with_an_admin_and_two_core_registries():
    user = UserFactory()

    organization = create_organization("acme", "Acme Research", admin=user, by=SYSTEM)

    assert admin_of(organization).user == user
    cores = organization.registries.order_by("name")
    assert [(c.name, c.is_core, c.owner, c.visibility) for c in cores] == [
        ("dataset", True, None, "organization"),
        ("model", True, None, "organization"),
    ]
    for core in cores:
        assert not core.accepts_all_types
        assert [str(each) for each in core.accepted_types.all()] == [core.name]
    assert set(organization.registries.values_list("names__key", flat=True)) == {
        "model", "models", "dataset", "datasets",
    }  # fmt: skip


def test_whoever_makes_it_is_its_admin():
    by = administrator()

    organization = create_organization("acme", "Acme", by=by)

    assert admin_of(organization).user == by.user


def test_an_organization_needs_an_active_person_as_its_first_admin(unchanged):
    robot = UserFactory(is_service_account=True)

    for admin in (None, UserFactory(is_active=False), robot):
        with unchanged(), pytest.raises(Invalid) as refusal:
            create_organization("acme", "Acme", admin=admin, by=SYSTEM)
        assert refusal.value.field == "admin"


@pytest.mark.parametrize(
    ("name", "display_name"),
    [
        ("third", "ACME"),  # another's name, without regard to case
        ("third", "acme"),
        ("third", "Acme Research"),  # another's display name
        ("third", "ACME RESEARCH"),
        ("third", "Acme\u00a0Research"),  # NFKC makes this a space
        ("third", "ａｃｍｅ research"),  # noqa: RUF001 - full width
        ("third", "Ada"),  # a person's name
        ("third", "Vision"),  # a team's
        ("acme", "Third"),
        ("ACME", "Third"),
        ("ada", "Third"),
        ("Vision", "Third"),
        ("shop", "Third"),  # another's display name
    ],
)
def test_names_are_taken_across_kinds_and_forms(name, display_name, unchanged):
    create_organization("acme", "Acme Research", admin=UserFactory(), by=SYSTEM)
    create_organization("store", "Shop", admin=UserFactory(), by=SYSTEM)
    EntityFactory(name="ada")
    EntityFactory(name="vision")
    admin = UserFactory()

    with unchanged(), pytest.raises(Conflict, match="is not available"):
        create_organization(name, display_name, admin=admin, by=SYSTEM)


def test_a_display_name_may_be_the_organizations_own_name():
    organization = create_organization("acme", "ACME", admin=UserFactory(), by=SYSTEM)

    assert organization.display_name == "ACME"
    assert organization.entity.names.count() == 1


@pytest.mark.parametrize(
    ("name", "display_name", "field"),
    [
        ("", "Third", "name"),
        ("a b", "Third", "name"),
        ("settings", "Third", "name"),
        ("third", "", "display_name"),
        ("third", "a/b", "display_name"),
        ("third", " Third", "display_name"),
        ("third", "Thi\u202erd", "display_name"),
    ],
)
def test_bad_names_are_refused_by_field(name, display_name, field, unchanged):
    admin = UserFactory()

    with unchanged(), pytest.raises(Invalid) as refusal:
        create_organization(name, display_name, admin=admin, by=SYSTEM)

    assert refusal.value.field == field


SET_UP = {
    "email": "ada@example.org",
    "full_name": "Ada Lovelace",
    "username": "ada",
    "password": "correct horse battery staple",
    "organization": "acme",
    "display_name": "Acme",
}


def test_setting_up_makes_the_administrator_and_the_organization_once(unchanged):
    user = set_up(**SET_UP, by=SYSTEM)

    assert user.is_superuser
    assert user.check_password(SET_UP["password"])
    assert admin_of(Organization.objects.get()).user == user
    assert kinds() == ["user.create", "organization.create", "membership.add"]
    again = SET_UP | {"email": "b@example.org", "username": "b", "organization": "b"}
    with unchanged(), pytest.raises(Conflict, match="set up already"):
        set_up(**again, by=SYSTEM)


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "short"), ("username", "new"), ("email", "ada"), ("password", "ada")],
)
def test_setting_up_with_a_bad_value_leaves_nothing(field, value, unchanged):
    with unchanged(), pytest.raises(Invalid) as refusal:
        set_up(**SET_UP | {field: value}, by=SYSTEM)

    assert refusal.value.field == field


def test_nobody_but_the_server_sets_up(unchanged):
    with unchanged(), pytest.raises(Denied):
        set_up(**SET_UP, by=Actor(None, via="web"))


# Adding and changing


@pytest.mark.parametrize("word", ["owner", "restricted_viewer", "", "Admin", None])
def test_there_are_three_roles_in_an_organization(word, unchanged):
    membership, user = MembershipFactory(), UserFactory()

    for change in (
        lambda: add_member(membership.organization, user, word, by=SYSTEM),
        lambda: change_organization_role(membership, word, by=SYSTEM),
        lambda: create_service_account(
            membership.organization, "robot", role=str(word), by=SYSTEM
        ),
    ):
        with unchanged(), pytest.raises(Invalid) as refusal:
            change()
        assert refusal.value.field == "role"


def test_neither_the_deactivated_nor_programs_of_others_are_added(unchanged):
    organization = make_organization()
    robot = create_service_account(make_organization(), "robot", by=SYSTEM)

    for user in (UserFactory(is_active=False), robot):
        with unchanged(), pytest.raises(Invalid) as refusal:
            add_member(organization, user, Role.VIEWER, by=SYSTEM)
        assert refusal.value.field == "user"


def test_somebody_deactivated_a_moment_ago_is_not_added(unchanged):
    organization, user = make_organization(), UserFactory()
    User.objects.filter(pk=user.pk).update(is_active=False)

    with unchanged(), pytest.raises(Invalid):
        add_member(organization, user, Role.VIEWER, by=SYSTEM)


def test_a_service_account_is_never_admin(unchanged):
    organization = make_organization()
    robot = create_service_account(organization, "robot", by=SYSTEM)

    for change in (
        lambda: create_service_account(organization, "b", role=Role.ADMIN, by=SYSTEM),
        lambda: add_member(organization, robot, Role.ADMIN, by=SYSTEM),
        lambda: change_organization_role(robot.memberships.get(), Role.ADMIN, by=SYSTEM),
    ):
        with unchanged(), pytest.raises(Invalid, match="service account"):
            change()


@pytest.mark.parametrize("own", [Role.VIEWER, Role.MEMBER])
def test_the_admin_of_a_team_makes_no_program_that_may_more(own, unchanged):
    team = TeamFactory()
    boss = MembershipFactory(organization=team.organization, role=own)
    TeamMembershipFactory(team=team, membership=boss, role=Role.ADMIN)

    def make(role: Role) -> User:
        by, organization = acting(boss.user), team.organization
        return create_service_account(organization, "bot", role=role, team=team, by=by)

    if own is Role.VIEWER:
        with unchanged(), pytest.raises(Invalid, match="choose Viewer"):
            make(Role.MEMBER)
    assert make(own).memberships.get().role == own


def test_a_service_account_has_no_password_and_no_address():
    organization = make_organization()
    team = TeamFactory(organization=organization)

    robot = create_service_account(
        organization, "robot", role=Role.VIEWER, team=team, by=SYSTEM
    )

    assert not robot.has_usable_password()
    assert robot.email is None
    assert not robot.is_staff
    assert robot.memberships.get().role == Role.VIEWER
    assert TeamMembership.objects.get(membership__user=robot).role == Role.MEMBER


def test_a_service_account_is_of_a_team_of_its_organization(unchanged):
    organization = make_organization()
    deleted = TeamFactory(organization=organization, deleted_at=timezone.now())

    for team in (TeamFactory(), deleted):
        with unchanged(), pytest.raises((Invalid, Missing, Denied)):
            create_service_account(
                organization, "robot", team=team, by=acting(admin_of(organization).user)
            )


def test_changing_somebody_who_left_a_moment_ago_is_refused(unchanged):
    membership = MembershipFactory()
    Membership.objects.filter(pk=membership.pk).delete()

    with unchanged(), pytest.raises(Missing):
        change_organization_role(membership, Role.ADMIN, by=SYSTEM)


def test_an_admin_of_one_organization_changes_nobody_of_another(unchanged):
    admin, other = MembershipFactory(role=Role.ADMIN), MembershipFactory()

    for change in (
        lambda by: change_organization_role(other, Role.ADMIN, by=by),
        lambda by: remove_member(other, by=by),
        lambda by: add_member(other.organization, other.user, Role.ADMIN, by=by),
    ):
        with unchanged(), pytest.raises(Denied):
            change(acting(admin.user))


# The last Admin


@pytest.mark.parametrize("by", ["themselves", "system", "installation administrator"])
@pytest.mark.parametrize("way", ["demote", "remove", "leave", "deactivate", "re-add"])
def test_the_last_active_human_admin_stays(way, by, unchanged):
    organization = make_organization()
    last = admin_of(organization)
    MembershipFactory(
        organization=organization, role=Role.ADMIN, user=UserFactory(is_active=False)
    )
    MembershipFactory(
        organization=organization,
        role=Role.ADMIN,
        user=UserFactory(is_service_account=True),
    )
    actor = {
        "themselves": acting(last.user),
        "system": SYSTEM,
        "installation administrator": administrator(),
    }[by]
    ways = {
        "demote": lambda: change_organization_role(last, Role.MEMBER, by=actor),
        "remove": lambda: remove_member(last, by=actor),
        "leave": lambda: leave(organization, by=acting(last.user)),
        "deactivate": lambda: deactivate_user(last.user, by=actor),
        "re-add": lambda: add_member(organization, last.user, Role.VIEWER, by=actor),
    }
    refused = Denied if (way, by) == ("deactivate", "themselves") else Conflict

    with unchanged(), pytest.raises(refused):
        ways[way]()


def test_two_admins_may_go_one_after_the_other_but_not_both():
    organization = make_organization()
    first, second = (
        admin_of(organization),
        MembershipFactory(organization=organization, role=Role.ADMIN),
    )

    leave(organization, by=acting(first.user))

    with pytest.raises(Conflict, match="at least one active Admin"):
        leave(organization, by=acting(second.user))


def test_the_last_admin_of_one_of_two_organizations_is_not_deactivated(unchanged):
    user = UserFactory()
    first = MembershipFactory(user=user, role=Role.MEMBER)
    create_organization("second", "Second", admin=user, by=SYSTEM)
    TeamMembershipFactory(
        team=TeamFactory(organization=first.organization), membership=first
    )

    with unchanged(), pytest.raises(Conflict):
        deactivate_user(user, by=SYSTEM)


def test_the_last_installation_administrator_is_not_deactivated(unchanged):
    last = UserFactory(is_superuser=True)

    with unchanged(), pytest.raises(Conflict):
        deactivate_user(last, by=acting(last))
    deactivate_user(UserFactory(is_superuser=True), by=acting(last))


# Leaving


def holding(membership: Membership) -> Registry:
    """A registry of its organization in which they have every kind of grant."""
    registry = RegistryFactory(organization=membership.organization)
    team = TeamFactory(organization=membership.organization)
    TeamMembershipFactory(team=team, membership=membership)
    set_role(registry, membership.user, Role.ADMIN, by=SYSTEM)
    set_role(registry, team, Role.MEMBER, by=SYSTEM)
    return registry


WAYS = {
    "removed": lambda membership: remove_member(membership, by=SYSTEM),
    "left": lambda membership: leave(membership.organization, by=acting(membership.user)),
    "deactivated": lambda membership: deactivate_user(membership.user, by=SYSTEM),
}


@pytest.mark.parametrize("way", WAYS)
def test_leaving_ends_everything_there_at_once_and_for_good(way):
    membership = MembershipFactory()
    user, organization = membership.user, membership.organization
    registry = holding(membership)

    WAYS[way](membership)

    user = User.objects.get(pk=user.pk)
    assert role_in(registry, user) is None
    assert not Registry.objects.visible_to(user).exists()
    assert not Organization.objects.visible_to(user).exists()
    assert not TeamMembership.objects.filter(membership__user=user).exists()
    assert not RegistryMember.objects.filter(membership__user=user).exists()
    if way != "deactivated":
        add_member(organization, user, Role.VIEWER, by=SYSTEM)
        assert role_in(registry, User.objects.get(pk=user.pk)) == Role.VIEWER


@pytest.mark.parametrize("way", WAYS)
def test_keys_die_with_the_last_organization(way):
    user = UserFactory()
    first, last = MembershipFactory(user=user), MembershipFactory(user=user)
    key, _ = issue_api_key(user, name="laptop", by=SYSTEM)
    old, _ = issue_api_key(user, name="old", by=SYSTEM)
    ApiKey.objects.filter(pk=old.pk).update(revoked_at="2020-01-01T00:00Z")

    WAYS[way](first)
    assert ApiKey.objects.live().exists() is (way != "deactivated")

    if way != "deactivated":
        WAYS[way](last)
    assert not ApiKey.objects.live().exists()
    assert kinds().count("api_key.revoke") == 1
    assert ApiKey.objects.get(pk=old.pk).revoked_at.year == 2020
    assert Event.objects.get(kind="api_key.revoke").subject_id == key.pk


@pytest.mark.parametrize("way", WAYS)
def test_nobody_comes_back_with_an_old_invitation(way):
    membership = MembershipFactory()
    organization, user = membership.organization, membership.user
    for address in (user.email, SECOND):
        EmailAddress.objects.create(user=user, email=address, verified=True)
    Membership.objects.filter(pk=membership.pk).delete()
    offers = [invite(organization, a, "admin", by=SYSTEM) for a in (user.email, SECOND)]
    other = invite(organization, "other@example.org", "viewer", by=SYSTEM)
    elsewhere = invite(make_organization(), SECOND, "viewer", by=SYSTEM)
    again = add_member(organization, user, Role.MEMBER, by=SYSTEM)

    WAYS[way](again)

    revoked = Event.objects.filter(kind="invitation.revoke").order_by("pk")
    assert [event.subject_id for event in revoked] == [offer.pk for offer in offers]
    for offer in offers:
        with pytest.raises(Missing):
            accept_invitation(offer, by=acting(user))
    assert set(Invitation.objects.open()) == {other, elsewhere}


def test_a_service_accounts_keys_die_with_its_organization():
    organization = make_organization()
    robot = create_service_account(organization, "robot", by=SYSTEM)
    issue_api_key(robot, name="ci", by=SYSTEM)

    remove_member(robot.memberships.get(), by=acting(admin_of(organization).user))

    assert not ApiKey.objects.live().exists()


def test_what_they_owned_passes_to_the_admin_who_removes_them():
    membership = MembershipFactory()
    organization = membership.organization
    remover = MembershipFactory(organization=organization, role=Role.ADMIN)
    live = owned(membership, visibility=Registry.Visibility.RESTRICTED)
    trashed = owned(membership, deleted_at=timezone.now())
    Event.objects.all().delete()

    remove_member(membership, by=acting(remover.user))

    for registry in (live, trashed):
        registry.refresh_from_db()
        assert registry.owner == remover
    moves = list(Event.objects.filter(kind="registry.move_ownership").order_by("pk"))
    assert [event.registry_id for event in moves] == [live.pk, trashed.pk]
    assert {event.actor_name for event in moves} == {remover.user.username}
    assert [
        job.arguments for job in Job.objects.filter(name="announce").order_by("pk")
    ] == [{"event": event.pk} for event in moves]


@pytest.mark.parametrize("remover", ["system", "administrator", "administrator inside"])
def test_else_it_passes_to_the_longest_standing_admin(remover):
    membership = MembershipFactory()
    organization = membership.organization
    longest = admin_of(organization)
    MembershipFactory(organization=organization, role=Role.ADMIN)
    inside = administrator()
    MembershipFactory(organization=organization, user=inside.user, role=Role.MEMBER)
    registry = owned(membership)
    actor = {
        "system": SYSTEM,
        "administrator": administrator(),
        "administrator inside": inside,
    }[remover]

    remove_member(membership, by=actor)

    registry.refresh_from_db()
    assert registry.owner == longest


def test_the_heir_is_an_active_human_and_keeps_no_second_role():
    membership = MembershipFactory()
    organization = membership.organization
    longest = admin_of(organization)
    User.objects.filter(pk=longest.user_id).update(is_active=False)
    heir = MembershipFactory(organization=organization, role=Role.ADMIN)
    registry = owned(membership)
    set_role(registry, heir.user, Role.VIEWER, by=SYSTEM)

    remove_member(membership, by=SYSTEM)

    registry.refresh_from_db()
    assert registry.owner == heir
    assert not registry.members.exists()


def test_who_leaves_moves_ownership_first_but_for_the_trash(unchanged):
    membership = MembershipFactory()
    live, trashed = owned(membership), owned(membership, deleted_at=timezone.now())

    with unchanged(), pytest.raises(Conflict, match=f"what you own first: {live.name}"):
        leave(membership.organization, by=acting(membership.user))
    with unchanged(), pytest.raises(Conflict, match="what you own first"):
        remove_member(membership, by=acting(membership.user))

    Registry.objects.filter(pk=live.pk).update(deleted_at=timezone.now())
    leave(membership.organization, by=acting(membership.user))
    for registry in (live, trashed):
        registry.refresh_from_db()
        assert registry.owner == admin_of(membership.organization)


def test_an_admin_who_owns_and_is_deactivated_leaves_it_to_another():
    organization = make_organization()
    first, second = (
        admin_of(organization),
        MembershipFactory(organization=organization, role=Role.ADMIN),
    )
    registry = create_registry(organization, "Fraud", by=acting(second.user))

    deactivate_user(second.user, by=SYSTEM)

    registry.refresh_from_db()
    assert registry.owner == first


def test_deactivating_leaves_every_organization_and_records_each():
    user = UserFactory()
    places = [MembershipFactory(user=user) for _ in range(2)]
    Event.objects.all().delete()

    deactivate_user(user, by=SYSTEM)

    assert kinds() == ["membership.remove", "membership.remove", "user.deactivate"]
    assert {event.organization_id for event in Event.objects.all()[:2]} == {
        place.organization_id for place in places
    }
    assert not User.objects.get(pk=user.pk).is_active


def test_the_deactivated_may_do_nothing_any_more(unchanged):
    admin = MembershipFactory(role=Role.ADMIN)
    stale = User.objects.get(pk=admin.user_id)  # as a request that began before has it
    deactivate_user(admin.user, by=SYSTEM)
    other = MembershipFactory(organization=admin.organization)

    for change in (
        lambda by: add_member(admin.organization, other.user, Role.ADMIN, by=by),
        lambda by: remove_member(other, by=by),
        lambda by: create_registry(admin.organization, "a", by=by),
        lambda by: leave(admin.organization, by=by),
    ):
        with unchanged(), pytest.raises(Denied):
            change(acting(stale))


def test_the_removed_give_themselves_nothing_back(unchanged):
    registry = RegistryFactory()
    user = person(registry, Role.ADMIN)
    stale = User.objects.get(pk=user.pk)
    remove_member(user.memberships.get(), by=SYSTEM)

    with unchanged(), pytest.raises(Denied):
        set_role(registry, user, Role.ADMIN, by=acting(stale))


def test_leaving_where_one_is_not_is_refused(unchanged):
    organization = make_organization()

    for by in (SYSTEM, acting(UserFactory()), administrator(), Actor(None, via="test")):
        with unchanged(), pytest.raises(Denied):
            leave(organization, by=by)


def test_a_person_made_again_takes_no_old_name():
    user = create_user(email="a@example.org", username="Ada", by=SYSTEM)
    deactivate_user(user, by=SYSTEM)

    with pytest.raises(Conflict):
        create_user(email="b@example.org", username="ada", by=SYSTEM)
    with pytest.raises(Conflict):
        create_user(email="A@example.org", username="b", by=SYSTEM)
