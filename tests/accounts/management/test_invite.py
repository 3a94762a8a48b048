from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError

from accounts.models import Event, Job
from accounts.permissions import Role
from tests.commands import manage
from tests.factories import MembershipFactory, UserFactory, make_organization

pytestmark = pytest.mark.django_db
ADDRESS = "ines@example.org"


@pytest.fixture
def organization():
    return make_organization("northwind")


@pytest.fixture
def ines():
    """Somebody with that address, which is verified."""
    user = UserFactory(username="ines", email=ADDRESS)
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True, primary=True)
    return user


def invite(*arguments: object) -> str:
    return manage("invite", "northwind", ADDRESS, *arguments).out


def test_an_invitation_goes_out_and_is_accepted(organization, ines):
    assert invite("--role", "viewer") == f"{ADDRESS} is invited; the link goes out by mail."
    assert Job.objects.get().name == "send_invitation"

    assert invite("--accept", "--as", "ines") == "ines is Viewer in northwind."

    assert ines.memberships.get().role == Role.VIEWER
    kinds = list(Event.objects.order_by("-pk").values_list("kind", flat=True)[:3])
    assert kinds == ["membership.add", "invitation.accept", "invitation.create"]


def test_an_invitation_is_sent_again_and_taken_back(organization, ines):
    invite()
    before = organization.invitations.get().nonce

    assert invite("--resend") == f"{ADDRESS} gets a new link; the one before is dead."
    assert organization.invitations.get().nonce != before
    assert invite("--revoke") == f"The invitation of {ADDRESS} is revoked."

    for verb in ("--revoke", "--resend"):
        with pytest.raises(CommandError, match="There is no invitation of"):
            invite(verb)
    with pytest.raises(CommandError, match="There is no invitation of"):
        invite("--accept", "--as", "ines")


def test_nobody_accepts_for_another_and_none_is_told_of_it(organization):
    somebody = MembershipFactory(organization=organization).user
    invite()

    for arguments in (("--as", somebody), ()):
        with pytest.raises(CommandError) as refused:
            invite("--accept", *arguments)
        assert str(refused.value) == f"There is no invitation of {ADDRESS} to northwind."


@pytest.mark.parametrize("verb", [(), ("--resend",), ("--revoke",)])
def test_whether_somebody_is_invited_is_told_to_admins_only(organization, verb):
    member = MembershipFactory(organization=organization).user

    with pytest.raises(CommandError, match="Managing people needs the role Admin"):
        invite(*verb, "--as", member)
