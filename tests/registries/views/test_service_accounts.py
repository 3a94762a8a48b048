"""Accounts for programs: made, given keys, removed."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Conflict
from accounts.models import ApiKey, Event, User
from accounts.operations.keys import issue_api_key
from accounts.operations.teams import remove_team_member
from accounts.permissions import Role
from registries.operations.organizations import create_service_account, delete_team
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    TeamFactory,
    TeamMembershipFactory,
    make_organization,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db

SECRET = re.compile(r"accession-\w{40}")


@pytest.fixture
def organization():
    return make_organization("acme")


@pytest.fixture
def admin(organization):
    return signed_in(organization.memberships.get().user)


@pytest.fixture
def robot(organization) -> User:
    return create_service_account(organization, "ci-bot", full_name="Nightly", by=SYSTEM)


@pytest.fixture
def key(robot) -> ApiKey:
    in_a_month = timezone.now() + timedelta(days=30)
    made, _ = issue_api_key(
        robot, name="ci", read_only=True, expires_at=in_a_month, by=SYSTEM
    )
    return made


def rotation(ends: str) -> dict[str, str]:
    return {"ends": ends, "once": str(uuid.uuid4())}


def place(path: str = "") -> str:
    return f"/orgs/acme/service-accounts/{path}"


def test_without_accounts_the_page_says_what_will_be_there(admin, organization):
    assert "No service accounts yet" in words(admin.get(place()))
    assert place() in links(admin.get("/orgs/acme/people/"))


def test_an_account_is_made_in_a_team(admin, organization):
    team = TeamFactory(organization=organization)
    sent = {"name": "ci-bot", "full_name": "Nightly", "role": "viewer", "team": team.pk}

    response = admin.post(place("new/"), sent, follow=True)

    assert response.redirect_chain == [(place("ci-bot/"), 302)]
    made = User.objects.get(is_service_account=True)
    assert made.memberships.get().role == Role.VIEWER
    assert made.memberships.get().team_memberships.get().team == team


def test_a_team_admin_manages_the_accounts_of_the_team(organization, robot):
    team = TeamFactory(organization=organization, name="vision")
    membership = MembershipFactory(organization=organization, role=Role.VIEWER)
    TeamMembershipFactory(team=team, membership=membership, role=Role.ADMIN)
    client = signed_in(membership.user)
    assert place() in links(client.get("/orgs/acme/teams/vision/"))

    refused = client.post(place("new/"), {"name": "trainer", "role": "viewer"})
    sent = {"name": "trainer", "role": "viewer", "team": team.pk}
    made = client.post(place("new/"), sent, follow=True)

    assert refused.status_code == 422
    assert made.redirect_chain == [(place("trainer/"), 302)]
    shown = client.get(place())
    assert place("trainer/") in links(shown)
    assert place("ci-bot/") not in links(shown)


def test_an_account_ends_with_its_team(admin, organization):
    team = TeamFactory(organization=organization, name="vision")
    made = create_service_account(organization, "trainer", team=team, by=SYSTEM)
    _, secret = issue_api_key(made, name="ci", by=SYSTEM)
    delete_team(team, by=SYSTEM)

    assert not ApiKey.objects.live().of_secret(secret).exists()
    assert not made.memberships.exists()
    assert Event.objects.get(kind="api_key.revoke").organization_id == organization.pk


def test_an_account_is_not_taken_out_of_its_team(organization):
    team = TeamFactory(organization=organization, name="vision")
    made = create_service_account(organization, "trainer", team=team, by=SYSTEM)

    with pytest.raises(Conflict, match="remove the account"):
        remove_team_member(team, made.memberships.get(), by=SYSTEM)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"name": "", "role": "member"}, 422),
        ({"name": "a b", "role": "member"}, 422),
        ({"name": "acme", "role": "member"}, 409),
        ({"name": "bot", "role": "admin"}, 422),
        ({"name": "bot", "role": "member", "team": "999"}, 422),
        ({"name": "bot", "role": "member", "is_superuser": "1"}, 400),
        ({"name": "bot", "role": "member", "organization": "2"}, 400),
    ],
)
def test_a_bad_account_is_refused_at_the_field(admin, sent, status, unchanged):
    with unchanged():
        response = admin.post(place("new/"), sent)

    assert response.status_code == status


def test_a_team_of_another_organization_is_none_of_the_choices(admin, unchanged):
    sent = {"name": "bot", "role": "member", "team": TeamFactory().pk}

    with unchanged():
        assert admin.post(place("new/"), sent).status_code == 422


def test_a_secret_is_shown_once(admin, robot):
    form = {"name": "ci", "days": "90", "once": str(uuid.uuid4()), "read_only": "on"}

    response = admin.post(place("ci-bot/keys/new/"), form)

    assert SECRET.search(response.content.decode())
    assert "no-store" in response["Cache-Control"]
    assert ApiKey.objects.get(user=robot).read_only is True
    page = admin.get(place("ci-bot/"))
    assert not SECRET.search(page.content.decode())
    assert admin.post(place("ci-bot/keys/new/"), form).status_code == 409


@pytest.mark.parametrize(("ends", "is_live"), [("0", False), ("24", True)])
def test_another_key_takes_the_place_of_one(admin, key, ends, is_live):
    address, sent = place(f"ci-bot/keys/{key.pk}/rotate/"), rotation(ends)

    response = admin.post(address, sent)
    again = admin.post(address, sent)

    assert again.status_code == 409
    assert key.user.api_keys.count() == 2
    assert SECRET.search(response.content.decode())
    made = ApiKey.objects.latest("pk")
    assert (made.name, made.read_only) == ("ci", True)
    assert made.expires_at > timezone.now() + timedelta(days=29)
    key.refresh_from_db()
    assert key.is_live is is_live
    if is_live:
        assert key.expires_at < timezone.now() + timedelta(hours=25)


@pytest.mark.parametrize("ends", ["", "-1", "9999", "x"])
def test_another_end_is_no_choice(admin, key, ends, unchanged):
    with unchanged():
        response = admin.post(place(f"ci-bot/keys/{key.pk}/rotate/"), rotation(ends))

    assert not SECRET.search(response.content.decode())


def test_a_key_is_revoked_after_a_question(admin, key):
    address = place(f"ci-bot/keys/{key.pk}/revoke/")

    assert "Revoke ci?" in words(admin.get(address))
    admin.post(address)

    key.refresh_from_db()
    assert key.is_live is False
    assert admin.post(address).status_code == 409


def test_a_removed_account_loses_its_keys(admin, robot, key):
    assert "1 live API key" in words(admin.get(place("ci-bot/remove/")))

    admin.post(place("ci-bot/remove/"))

    key.refresh_from_db()
    assert key.is_live is False
    assert not robot.memberships.exists()
    assert admin.get(place("ci-bot/")).status_code == 404
    assert Event.objects.filter(kind="membership.remove").count() == 1


def test_people_keys_of_others_and_accounts_elsewhere_are_not_there(
    admin, robot, unchanged
):
    other = create_service_account(make_organization("other"), "far", by=SYSTEM)
    far, _ = issue_api_key(other, name="far", by=SYSTEM)
    person = User.objects.get(
        memberships__organization__entity__name="acme", email__isnull=False
    )
    own, _ = issue_api_key(person, name="own", by=SYSTEM)
    addresses = [
        *(place(f"{name}/") for name in ("far", person.username, "nobody")),
        *(place(f"{name}/remove/") for name in ("far", person.username)),
        *(
            place(f"ci-bot/keys/{key.pk}/{verb}/")
            for key in (far, own)
            for verb in ("rotate", "revoke")
        ),
    ]

    with unchanged():
        answers = {admin.post(each, rotation("0")).status_code for each in addresses}

    assert answers <= {404, 405}
