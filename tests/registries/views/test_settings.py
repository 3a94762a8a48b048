"""A registry's settings: facts, visibility with its consequences, members and roles."""

from __future__ import annotations

import pytest

from accounts.models import Event, Membership
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.contents import protect_alias
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    make_organization,
    person,
)
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db

ORGANIZATION, RESTRICTED = Registry.Visibility


@pytest.fixture
def registry():
    organization = make_organization("northwind", display_name="Northwind Labs")
    registry = RegistryFactory(organization=organization, name="serving")
    registry.owner.user.full_name = "Anouk de Vries"
    registry.owner.user.save()
    return registry


@pytest.fixture
def owner(registry):
    return signed_in(registry.owner.user)


def settings_of(client, registry, **query: str):
    return client.get(f"{registry.get_absolute_url()}settings/", query)


def preview(client, registry, visibility: str, **headers: str):
    address = f"{registry.get_absolute_url()}settings/visibility/"
    return client.get(address, {"visibility": visibility}, headers=headers)


def change(client, registry, visibility: str, **kwargs):
    address = f"{registry.get_absolute_url()}settings/visibility/"
    return client.post(address, {"visibility": visibility}, **kwargs)


@pytest.mark.parametrize("role", [Role.RESTRICTED_VIEWER, Role.VIEWER, Role.MEMBER])
def test_who_may_not_change_them_reads_them(registry, role):
    protect_alias(registry, "production", by=SYSTEM)

    text = words(settings_of(signed_in(person(registry, role)), registry))

    assert "You can read these settings, not change them." in text
    assert "Anouk de Vries, the Owner, can give it." in text
    assert "everybody in Northwind Labs, as Viewer unless given more" in text
    assert "Every type is accepted." in text
    assert "production" in text
    assert f"Your role: {role.label} given here" in text
    assert "Show who is affected" not in text


def test_an_admin_has_the_dropdown_with_its_two_options(registry):
    page = settings_of(signed_in(person(registry, Role.ADMIN)), registry)

    body = page.content.decode()
    assert '<option value="organization" selected>Organization</option>' in body
    assert '<option value="restricted">Restricted</option>' in body
    assert "You can read these settings" not in body


def test_before_restricting_it_names_who_will_lose_access(registry, owner):
    person(registry, full_name="Jonas Lindqvist")
    person(registry, standing=Role.ADMIN, full_name="Samuel Okafor")
    person(registry, Role.VIEWER, full_name="Given Here")
    in_team = person(registry, full_name="In Team")
    team = TeamFactory(organization=registry.organization)
    TeamMembershipFactory(team=team, membership=in_team.memberships.get())
    RegistryMemberFactory(registry=registry, team=team)
    founder = registry.organization.memberships.order_by("pk").first().user

    whole = preview(owner, registry, RESTRICTED)
    part = preview(owner, registry, RESTRICTED, **{"hx-request": "true"})

    for page in (whole, part):
        text = words(page)
        assert "3 people will lose access:" in text
        for name in ("Jonas Lindqvist", "Samuel Okafor", founder.display_name):
            assert name in text
        assert "Restrict and remove access of 3 people" in text
        assert "Keep Organization" in text
    assert "Given Here" not in words(part)
    assert "In Team" not in words(part)
    assert part.content.decode().strip().startswith("<section")
    assert not Registry.objects.get(pk=registry.pk).is_restricted


def test_who_restricts_by_inherited_right_does_not_count_as_losing_it(registry):
    admin = signed_in(person(registry, standing=Role.ADMIN))

    assert "1 person will lose access" in words(preview(admin, registry, RESTRICTED))

    change(admin, registry, RESTRICTED)
    assert settings_of(admin, registry).status_code == 200


def test_before_opening_it_names_who_will_get_access(registry, owner):
    change(owner, registry, RESTRICTED)
    person(registry, full_name="Jonas Lindqvist")

    text = words(preview(owner, registry, ORGANIZATION))

    assert "2 people will get access:" in text
    assert "Jonas Lindqvist" in text
    assert "Open to 2 more people" in text
    assert "They become Viewer" in text


def test_more_than_ten_are_counted(registry, owner):
    for _ in range(14):
        person(registry)

    text = words(preview(owner, registry, RESTRICTED))

    assert "15 people will lose access:" in text
    assert "and 5 more." in text


def test_the_same_value_changes_nothing(registry, owner):
    text = words(preview(owner, registry, ORGANIZATION))

    assert "Show who is affected" in text
    assert "will lose access" not in text


def test_it_is_changed_recorded_and_told(registry, owner):
    person(registry)

    page = change(owner, registry, RESTRICTED, follow=True)

    assert Registry.objects.get(pk=registry.pk).is_restricted
    assert page.redirect_chain[0][0].endswith("/settings/#visibility")
    assert "2 people lost access." in words(page)
    event = Event.objects.get(kind="registry.change_visibility")
    assert (event.before, event.after, event.via) == (ORGANIZATION, RESTRICTED, "web")


def test_looking_changes_nothing(registry, owner, unchanged):
    settings_of(owner, registry)
    with unchanged():
        settings_of(owner, registry)
        preview(owner, registry, RESTRICTED)


@pytest.mark.parametrize("role", [Role.RESTRICTED_VIEWER, Role.VIEWER, Role.MEMBER])
def test_who_may_not_change_it_is_refused(registry, role):
    client = signed_in(person(registry, role))

    for page in (
        preview(client, registry, RESTRICTED),
        change(client, registry, RESTRICTED),
    ):
        assert page.status_code == 403
        assert "Changing the visibility needs the role Admin" in words(page)
    assert not Registry.objects.get(pk=registry.pk).is_restricted


def test_a_core_registry_says_why_it_cannot_be_changed(registry):
    core = registry.organization.registries.get(name="model")
    admin = signed_in(person(core, standing=Role.ADMIN))

    page = settings_of(admin, core)

    sentence = "A core registry is always visible to the whole organization."
    assert sentence in words(page)
    assert "disabled" in page.content.decode()
    refused = change(admin, core, RESTRICTED)
    assert refused.status_code == 409
    assert sentence in words(refused)


@pytest.mark.parametrize(
    "data", [{}, {"visibility": "public"}, {"visibility": "restricted", "owner": "1"}]
)
def test_what_the_form_does_not_offer_is_refused(registry, owner, data):
    address = f"{registry.get_absolute_url()}settings/visibility/"

    assert owner.post(address, data).status_code == 400
    assert owner.get(address, data).status_code == 400
    assert not Registry.objects.get(pk=registry.pk).is_restricted


def test_the_table_says_each_role_and_where_it_comes_from(registry):
    person(registry, Role.MEMBER, full_name="Priya Raman")
    person(registry, full_name="Jonas Lindqvist")
    person(registry, Role.VIEWER, standing=Role.ADMIN, full_name="Samuel Okafor")
    in_team = person(registry, Role.VIEWER, full_name="Mei-Ling Chen")
    team = TeamFactory(organization=registry.organization, name="risk-modeling")
    TeamMembershipFactory(team=team, membership=in_team.memberships.get())
    RegistryMemberFactory(registry=registry, team=team, role=Role.MEMBER)
    robot = UserFactory(username="ci-bot", is_service_account=True)
    member = MembershipFactory(organization=registry.organization, user=robot)
    RegistryMemberFactory(registry=registry, membership=member, role=Role.MEMBER)

    reader = signed_in(person(registry, Role.VIEWER))
    text = words(settings_of(reader, registry))

    for row in (
        "Anouk de Vries Owner",
        "Owner owner of this registry",
        "Member given here",
        "Viewer Member through team risk-modeling",
        "Viewer Admin as organization Admin",
        "risk-modeling team of 1 person",
        "Member given to the team",
        "ci-bot given here service account Member",
        "Viewer organization default",
    ):
        assert row in text, row


def test_a_restricted_registry_lists_only_those_who_were_added(registry, owner):
    person(registry, full_name="Not Added")
    person(registry, standing=Role.ADMIN, full_name="Organization Admin")
    person(registry, Role.VIEWER, full_name="Was Added")
    change(owner, registry, RESTRICTED)

    text = words(settings_of(owner, registry))

    assert "Was Added" in text
    assert "Anouk de Vries" in text
    assert "Not Added" not in text
    assert "as organization Admin" not in text.partition("User or team")[2]


def test_deactivated_people_and_deleted_teams_are_not_listed(registry, owner):
    person(registry, Role.VIEWER, is_active=False, full_name="Gone Person")
    team = TeamFactory(organization=registry.organization, name="gone-team")
    RegistryMemberFactory(registry=registry, team=team)
    team.deleted_at = team.created_at
    team.save()

    text = words(settings_of(owner, registry))

    assert "Gone Person" not in text
    assert "gone-team" not in text


@pytest.mark.parametrize("wanted", ["lindq", "jonas-l", "jonas@example", "JÖ"])
def test_people_are_found_by_name_username_and_email(registry, owner, wanted):
    person(
        registry, username="jonas-l", email="jonas@example.com", full_name="Jö Lindqvist"
    )
    person(registry, full_name="Somebody Else")

    whole = settings_of(owner, registry, member=wanted)
    address = f"{registry.get_absolute_url()}settings/"
    part = owner.get(address, {"member": wanted}, headers={"hx-request": "true"})

    for page in (whole, part):
        assert "Jö Lindqvist" in words(page)
        assert "Somebody Else" not in words(page)
    assert part.content.decode().strip().startswith('<div id="members">')


def test_teams_are_found_by_name_and_nobody_is_told(registry, owner):
    team = TeamFactory(organization=registry.organization, name="risk-modeling")
    RegistryMemberFactory(registry=registry, team=team)

    assert "team of 0 people" in words(settings_of(owner, registry, member="RISK"))
    assert "Nobody with a role here matches “none”." in words(
        settings_of(owner, registry, member="none")
    )


def test_people_come_in_pages_each_once_the_given_first(registry, owner):
    for number in range(40):
        person(registry, Role.VIEWER if number % 2 else None)
    team = TeamFactory(organization=registry.organization)
    RegistryMemberFactory(registry=registry, team=team)
    page, seen = settings_of(owner, registry), []
    while True:
        seen += page.context["holders"]
        following = page.context["page"].next
        if not following:
            break
        page = owner.get(f"{registry.get_absolute_url()}settings/{following}")

    names = [holder.entity.name for holder in seen]
    assert len(names) == len(set(names)) == 40 + 3
    assert seen[0].standing.role == Role.OWNER
    given = [holder.standing.given is not None for holder in seen[1:]]
    assert given == sorted(given, reverse=True)


def test_an_organization_of_others_stays_out(registry, owner):
    MembershipFactory(user=UserFactory(full_name="Other Company"))

    assert "Other Company" not in words(settings_of(owner, registry))
    assert Membership.objects.count() > 3
