"""Members and roles on the settings page: what it does, and what it answers."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from accounts.permissions import Role
from registries.models import RegistryMember
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def registry():
    return RegistryFactory()


@pytest.fixture
def admin(registry, client):
    """A client whose person is Admin of the registry."""
    client.force_login(person(registry, Role.ADMIN, username="anouk"))
    return client


def at(name, registry, *more):
    names = [registry.organization.name, registry.name, *more]
    return reverse(f"registries:{name}", args=names)


def given(registry):
    return {member.holder: member.role for member in registry.members.all()}


def test_adding_takes_addresses_usernames_and_teams_at_once(registry, admin):
    person(registry, username="noor")
    person(registry, username="lea")
    TeamFactory(organization=registry.organization, name="risk")
    sent = {"member": "noor@example.org, LEA,risk ,lea", "role": "viewer"}

    response = admin.post(at("add_member", registry), sent)

    assert response.status_code == 302
    assert given(registry) == {
        "anouk": "admin",
        "noor": "viewer",
        "lea": "viewer",
        "risk": "viewer",
    }


@pytest.mark.parametrize(
    "sent",
    [
        {"member": "nobody"},
        {"member": "outsider@example.org"},
        {"member": "outsider"},
        {"member": "noor, strangers"},
        {"member": ""},
        {"member": " , "},
        {"member": "a\0b"},
        {"member": "x" * 5000},
        {"member": ",".join(str(n) for n in range(200))},
        {"role": "owner"},
        {"role": ""},
        {"expires_at": "2001-01-01"},
        {"expires_at": "someday"},
        {"reason": "x" * 2000},
    ],
    ids=str,
)
def test_what_cannot_be_added_is_said_at_its_field(registry, admin, sent, unchanged):
    person(registry, username="noor")
    other = make_organization()
    TeamFactory(organization=other, name="strangers")
    MembershipFactory(organization=other, user__username="outsider")
    sent = {"member": "noor", "role": "viewer"} | sent
    [wrong] = [name for name in ("expires_at", "reason") if name in sent] or [
        "role" if sent["role"] != "viewer" else "member"
    ]

    with unchanged():
        response = admin.post(at("add_member", registry), sent, headers=HTMX)

    assert response.status_code == 422
    assert list(response.context["add_form"].errors) == [wrong]
    assert 'id="add-member" aria-labelledby="h-add" open' in response.text


def test_strangers_and_nobody_are_refused_in_the_same_words(registry, admin):
    MembershipFactory(user__username="outsider")
    answers = []
    for name in ("outsider", "nobodyyy"):
        response = admin.post(at("add_member", registry), {"member": name, "role": "admin"})
        answers.append(response.context["add_form"].errors["member"][0].replace(name, ""))

    assert answers[0] == answers[1]


def test_a_role_given_already_is_not_changed_by_adding(registry, admin, unchanged):
    person(registry, Role.MEMBER, username="noor")
    sent = {"member": "noor", "role": "admin"}

    with unchanged():
        response = admin.post(at("add_member", registry), sent, headers=HTMX)

    assert response.status_code == 409
    assert "given the role Member already" in response.text


def test_a_role_may_end_by_itself_and_keeps_its_end_when_it_changes(registry, admin):
    person(registry, username="noor")
    day = timezone.now().date().replace(year=timezone.now().year + 1, day=1)
    sent = {"member": "noor", "role": "viewer", "expires_at": day, "reason": "Audit"}
    admin.post(at("add_member", registry), sent)

    sent = {"role": "member", "instead_of": "viewer"}
    response = admin.post(at("change_role", registry, "noor"), sent, headers=HTMX)

    kept = registry.members.get(membership__user__entity__name="noor")
    assert (kept.role, kept.reason, kept.expires_at.date()) == ("member", "Audit", day)
    assert "until 1 " in response.text


def test_choosing_a_role_changes_the_row_and_says_so(registry, admin):
    person(registry, Role.VIEWER, username="noor")
    sent = {"role": "member", "instead_of": "viewer"}

    response = admin.post(at("change_role", registry, "noor"), sent, headers=HTMX)

    assert response.status_code == 200
    assert response.text.startswith("\n<tr id=") or "<tr id=" in response.text
    assert "noor has the role Member now." in response.text
    assert given(registry)["noor"] == "member"


def test_choosing_a_role_for_somebody_who_inherits_one_gives_it(registry, admin):
    person(registry, username="noor")
    sent = {"role": "restricted_viewer", "instead_of": ""}

    response = admin.post(at("change_role", registry, "noor"), sent)

    assert response.status_code == 302
    assert given(registry)["noor"] == "restricted_viewer"


def test_deleting_says_what_the_person_falls_back_to(registry, admin):
    person(registry, Role.MEMBER, username="noor")
    sent = {"instead_of": "member"}

    response = admin.post(at("end_role", registry, "noor"), sent, headers=HTMX)

    assert "noor is Viewer now: organization default." in response.text
    assert given(registry) == {"anouk": "admin"}


def test_deleting_from_a_restricted_registry_ends_access(registry, admin):
    registry.visibility = "restricted"
    registry.save()
    noor = person(registry, Role.MEMBER, username="noor")

    response = admin.post(
        at("end_role", registry, "noor"), {"instead_of": "member"}, headers=HTMX
    )

    assert "<tr" not in response.text
    assert "noor has no access to" in response.text
    admin.force_login(noor)
    assert admin.get(at("settings", registry)).status_code == 404


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(
    ("action", "sent"),
    [
        ("change_role", {"role": "admin", "instead_of": "viewer"}),
        ("change_role", {"role": "admin", "instead_of": ""}),
        ("end_role", {"instead_of": "viewer"}),
    ],
)
def test_a_form_that_is_out_of_date_changes_nothing(registry, admin, action, sent, headers):
    person(registry, Role.MEMBER, username="noor")

    response = admin.post(at(action, registry, "noor"), sent, headers=headers)

    assert response.status_code == 409
    assert given(registry)["noor"] == "member"
    assert (
        "Somebody else changed this meanwhile: noor has the role Member." in response.text
    )


@pytest.mark.parametrize("action", ["change_role", "end_role"])
def test_a_row_that_is_gone_is_taken_off_the_page(registry, admin, action):
    registry.visibility = "restricted"
    registry.save()
    person(registry, username="noor")
    sent = {"role": "admin", "instead_of": "viewer"}
    if action == "end_role":
        del sent["role"]

    response = admin.post(at(action, registry, "noor"), sent, headers=HTMX)

    assert response.status_code in {409, 422}
    assert "<tr" not in response.text
    assert 'role="alert"' in response.text


def test_the_same_change_twice_is_one_change(registry, admin):
    person(registry, Role.VIEWER, username="noor")
    for _ in range(2):
        sent = {"role": "member", "instead_of": "viewer"}
        response = admin.post(at("change_role", registry, "noor"), sent, headers=HTMX)

    assert response.status_code == 200
    assert Event.objects.filter(kind="registry_member.change_role").count() == 1


@pytest.mark.parametrize("action", ["change_role", "end_role", "make_owner"])
@pytest.mark.parametrize("name", ["outsider", "strangers", "nobody", "add", "%2e%2e"])
def test_who_is_not_in_the_organization_is_not_there(
    registry, admin, unchanged, action, name
):
    other = make_organization()
    TeamFactory(organization=other, name="strangers")
    MembershipFactory(organization=other, user__username="outsider")

    with unchanged():
        response = admin.post(
            at(action, registry, name), {"role": "admin", "instead_of": "viewer"}
        )

    assert response.status_code == 404


FIELDS = [*(field.attname for field in RegistryMember._meta.concrete_fields), "registry"]


@pytest.mark.parametrize("action", ["change_role", "end_role", "add_member"])
@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"role", "reason", "expires_at"}))
def test_no_field_of_the_row_is_taken_from_a_form(
    registry, admin, unchanged, action, field
):
    person(registry, Role.VIEWER, username="noor")
    more = [] if action == "add_member" else ["noor"]
    sent = {"role": "member", "instead_of": "viewer", field: "1"}

    with unchanged():
        response = admin.post(at(action, registry, *more), sent)

    assert response.status_code == 400


@pytest.mark.parametrize("role", [Role.RESTRICTED_VIEWER, Role.VIEWER, Role.MEMBER])
def test_weaker_roles_read_and_change_nothing(registry, client, role, unchanged):
    person(registry, Role.VIEWER, username="noor")
    client.force_login(person(registry, role))
    calls = [
        (at("add_member", registry), {"member": "noor", "role": "admin"}),
        (at("change_role", registry, "noor"), {"role": "admin", "instead_of": "viewer"}),
        (at("end_role", registry, "noor"), {"instead_of": "viewer"}),
        (at("make_owner", registry, "noor"), {}),
    ]

    with unchanged():
        answers = [client.post(*call).status_code for call in calls]
        page = client.get(at("settings", registry)).text

    assert answers == [403] * 4
    assert client.get(calls[0][0]).status_code == 403
    assert "Add new member" not in page
    assert "<select id=" not in page
    assert ">Delete</button>" not in page


def test_the_owner_makes_somebody_else_the_owner(registry, client):
    person(registry, Role.MEMBER, username="noor")
    client.force_login(registry.owner.user)
    address = at("make_owner", registry, "noor")

    asked = client.get(address)
    response = client.post(address)

    assert "Make noor the Owner?" in asked.text
    assert response.status_code == 302
    registry.refresh_from_db()
    assert registry.owner.user.username == "noor"


@pytest.mark.parametrize("name", ["risk", "robot"])
def test_a_team_or_a_service_account_is_not_made_owner(registry, client, name):
    team = TeamFactory(organization=registry.organization, name="risk")
    RegistryMemberFactory(registry=registry, team=team, role=Role.ADMIN)
    person(registry, Role.ADMIN, username="robot", is_service_account=True)
    client.force_login(registry.owner.user)

    assert client.get(at("make_owner", registry, name)).status_code == 404
    assert client.post(at("make_owner", registry, name)).status_code == 422


def test_a_core_registry_has_members_and_no_owner(registry, client):
    core = registry.organization.registries.get(name="model")
    person(registry, username="noor")
    admin = person(registry, standing=Role.ADMIN)
    client.force_login(admin)

    added = client.post(at("add_member", core), {"member": "noor", "role": "member"})
    moved = client.post(at("make_owner", core, "noor"))

    assert (added.status_code, moved.status_code) == (302, 409)
    assert given(core) == {"noor": "member"}


@pytest.mark.parametrize("visibility", ["organization", "restricted"])
@pytest.mark.parametrize("is_htmx", [True, False])
def test_who_ends_their_own_role_is_led_to_what_they_still_see(
    registry, admin, visibility, is_htmx
):
    registry.visibility = visibility
    registry.save()
    headers = HTMX if is_htmx else {}

    response = admin.post(
        at("end_role", registry, "anouk"), {"instead_of": "admin"}, headers=headers
    )

    address = response["HX-Redirect"] if is_htmx else response["Location"]
    assert admin.get(address).status_code == 200
    assert ("settings" in address) is (visibility == "organization")


def test_why_names_every_rule_with_the_strongest_first(registry, admin):
    noor = person(registry, Role.VIEWER, username="noor", full_name="Noor")
    team = TeamFactory(organization=registry.organization, name="risk")
    team.memberships.create(membership=noor.memberships.get(), role=Role.MEMBER)
    RegistryMemberFactory(registry=registry, team=team, role=Role.MEMBER)

    page = " ".join(admin.get(at("settings", registry)).text.split())

    assert "<b>Member</b>: through team risk." in page
    assert "Also Viewer: given here." in page


def test_the_list_stays_where_it_was_looked_at(registry, admin):
    person(registry, Role.VIEWER, username="noor")
    address = f"{at('change_role', registry, 'noor')}?member=noo&evil=1"

    response = admin.post(address, {"role": "member", "instead_of": "viewer"})

    assert response["Location"] == f"{at('settings', registry)}?member=noo#members"
