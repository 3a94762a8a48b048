from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import Event, Invitation, Organization, User
from accounts.operations.invitations import (
    accept_invitation,
    invite,
    resend_invitation,
    revoke_invitation,
    sign_up_invited,
)
from accounts.permissions import Role
from registries.operations.organizations import add_member, deactivate_user
from tests.concurrency import anew, at_once, refused, rounds
from tests.factories import PASSWORD, SYSTEM, UserFactory, make_organization

pytestmark = pytest.mark.django_db(transaction=True)


@transaction.atomic
def invited() -> tuple[Organization, Invitation, User]:
    """Somebody with an account, and the place that they are offered."""
    organization, user = make_organization(), UserFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return organization, invite(organization, user.email, Role.MEMBER, by=SYSTEM), user


def joined(organization: Organization) -> int:
    """How often somebody joined after its first Admin."""
    events = Event.objects.filter(organization_id=organization.pk, kind="membership.add")
    return events.count() - 1


@rounds
def test_an_invitation_is_accepted_once(count):
    for _ in range(count):
        organization, invitation, user = invited()

        results = at_once(*[partial(accept_invitation, invitation, by=anew(user))] * 3)

        assert len(refused(results)) == 2
        assert (
            joined(organization) == organization.memberships.filter(user=user).count() == 1
        )


@rounds
def test_one_person_signs_up_with_an_invitation(count):
    for number in range(count):
        organization = make_organization()
        invitation = invite(organization, f"{number}@example.org", Role.VIEWER, by=SYSTEM)

        def sign_up(name: str, invitation: Invitation = invitation) -> User:
            return sign_up_invited(
                invitation, username=name, full_name="", password=PASSWORD, address="::1"
            )

        results = at_once(*[partial(sign_up, f"{n}-new-{number}") for n in range(3)])

        assert len(refused(results)) == 2
        assert User.objects.filter(email=invitation.email).count() == 1
        assert joined(organization) == 1


MEANWHILE: dict[str, Callable[[Invitation, User], Any]] = {
    "revoked": lambda invitation, user: revoke_invitation(invitation, by=SYSTEM),
    "sent again": lambda invitation, user: resend_invitation(invitation, by=SYSTEM),
    "added by an Admin": lambda invitation, user: add_member(
        invitation.organization, user, Role.VIEWER, by=SYSTEM
    ),
    "deactivated": lambda invitation, user: deactivate_user(user, by=SYSTEM),
}


@rounds
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_an_invitation_is_accepted_or_not_whatever_happens_meanwhile(meanwhile, count):
    for _ in range(count):
        organization, invitation, user = invited()

        accepted, _ = at_once(
            partial(accept_invitation, invitation, by=anew(user)),
            partial(MEANWHILE[meanwhile], invitation, user),
        )

        invitation.refresh_from_db()
        assert (invitation.accepted_at is None) is bool(refused([accepted]))
        assert not (invitation.accepted_at and invitation.revoked_at)
        assert joined(organization) <= 1
        inactive = organization.memberships.filter(user__is_active=False)
        assert not inactive.exists()


@rounds
def test_an_address_is_invited_once(count):
    for number in range(count):
        organization = make_organization()
        email = f"{number}@example.org"

        results = at_once(*[partial(invite, organization, email, "viewer", by=SYSTEM)] * 4)

        assert len(refused(results)) == 3
        assert organization.invitations.count() == 1
