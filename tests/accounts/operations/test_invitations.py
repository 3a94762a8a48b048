from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.models import Event, Invitation, Job, Membership
from accounts.operations.invitations import (
    accept_invitation,
    invite,
    resend_invitation,
    revoke_invitation,
    sign_up_invited,
)
from accounts.permissions import Role
from tests.factories import (
    PASSWORD,
    SYSTEM,
    MembershipFactory,
    UserFactory,
    acting,
    make_organization,
)

pytestmark = pytest.mark.django_db
ADDRESS = "new@example.org"


def verified(email: str = ADDRESS):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def admin_of(organization):
    return acting(MembershipFactory(organization=organization, role=Role.ADMIN).user)


def test_inviting_asks_for_a_mail_and_stores_no_secret():
    organization = make_organization()

    invitation = invite(
        organization, "New@Example.org", "member", by=admin_of(organization)
    )

    assert (invitation.email, invitation.role) == (ADDRESS, Role.MEMBER)
    assert Job.objects.get(name="send_invitation").arguments == {
        "invitation": invitation.pk
    }
    assert Event.objects.get(kind="invitation.create").after["email"] == ADDRESS
    assert Invitation.objects.of_token(invitation.token).get() == invitation


@pytest.mark.parametrize("token", ["", "x", "W10:x:y", "\u0000"])
def test_a_forged_token_finds_nothing(token):
    assert not Invitation.objects.of_token(token).exists()


def test_a_member_invites_nobody():
    organization = make_organization()
    member = acting(MembershipFactory(organization=organization).user)

    with pytest.raises(Denied):
        invite(organization, ADDRESS, "viewer", by=member)

    assert not Invitation.objects.exists()


def test_who_is_in_or_invited_already_is_a_conflict():
    organization = make_organization()
    present = MembershipFactory(organization=organization).user
    invite(organization, ADDRESS, "viewer", by=SYSTEM)

    for address in (present.email, ADDRESS):
        with pytest.raises(Conflict):
            invite(organization, address, "viewer", by=SYSTEM)


@pytest.mark.parametrize(("email", "role"), [("nobody", "viewer"), (ADDRESS, "owner")])
def test_bad_input_is_named(email, role):
    with pytest.raises(Invalid):
        invite(make_organization(), email, role, by=SYSTEM)


def test_accepting_makes_a_member_once():
    invitation = invite(make_organization(), ADDRESS, "viewer", by=SYSTEM)
    user = verified()

    membership = accept_invitation(invitation, by=acting(user))

    assert membership.role == Role.VIEWER
    kinds = Event.objects.filter(actor_id=user.pk).values_list("kind", flat=True)
    assert sorted(kinds) == ["invitation.accept", "membership.add"]
    with pytest.raises(Missing):
        accept_invitation(invitation, by=acting(user))


def test_only_the_verified_address_accepts():
    invitation = invite(make_organization(), ADDRESS, "viewer", by=SYSTEM)
    unverified = UserFactory(email=ADDRESS)

    for user in (unverified, verified("other@example.org")):
        with pytest.raises(Denied):
            accept_invitation(invitation, by=acting(user))

    assert not Membership.objects.filter(user=unverified).exists()


def test_after_seven_days_the_link_is_dead():
    invitation = invite(make_organization(), ADDRESS, "viewer", by=SYSTEM)
    user = verified()

    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert not Invitation.objects.of_token(invitation.token).exists()
        with pytest.raises(Conflict):
            accept_invitation(invitation, by=acting(user))
        again = invite(invitation.organization, ADDRESS, "member", by=SYSTEM)

    assert again.role == Role.MEMBER


def test_sending_again_kills_the_old_link():
    invitation = invite(make_organization(), ADDRESS, "viewer", by=SYSTEM)
    old = invitation.token

    new = resend_invitation(invitation, by=admin_of(invitation.organization)).token

    assert not Invitation.objects.of_token(old).exists()
    assert Invitation.objects.of_token(new).exists()


def test_a_revoked_invitation_is_gone():
    invitation = invite(make_organization(), ADDRESS, "viewer", by=SYSTEM)
    admin = admin_of(invitation.organization)

    revoke_invitation(invitation, by=admin)

    assert not Invitation.objects.of_token(invitation.token).exists()
    for change in (resend_invitation, revoke_invitation):
        with pytest.raises(Missing):
            change(invitation, by=admin)


def test_signing_up_through_the_link_verifies_the_address_and_accepts():
    invitation = invite(make_organization(), ADDRESS, "member", by=SYSTEM)

    user = sign_up_invited(
        invitation,
        username="newcomer",
        full_name="New",
        password=PASSWORD,
        address="127.0.0.1",
    )

    assert user.memberships.get().organization == invitation.organization
    assert EmailAddress.objects.get(user=user).verified


def test_a_failed_sign_up_leaves_the_invitation_open():
    invitation = invite(make_organization(), ADDRESS, "member", by=SYSTEM)
    UserFactory(username="taken")

    with pytest.raises(Conflict):
        sign_up_invited(
            invitation, username="Taken", full_name="", password=PASSWORD, address=""
        )

    assert Invitation.objects.open().contains(invitation)
