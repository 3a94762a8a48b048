"""Offering somebody a place in an organization, by e-mail."""

from __future__ import annotations

import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Denied, Missing, authorize, refuse_read_only
from accounts.events import record
from accounts.jobs import enqueue
from accounts.models import (
    Invitation,
    Membership,
    Organization,
    Team,
    TeamMembership,
    User,
)
from accounts.operations.locks import hold
from accounts.operations.memberships import is_active_now, lock_members
from accounts.operations.teams import (
    add_team_member,
    join_team,
    locked_team,
    member_named,
    standing_role,
)
from accounts.operations.users import create_user
from accounts.permissions import OrganizationPermission, Role, TeamPermission

VALID_FOR = timedelta(days=7)


@transaction.atomic
def invite(
    organization: Organization,
    email: str,
    role: str,
    *,
    team: Team | None = None,
    team_role: str = Role.MEMBER,
    by: Actor,
) -> Invitation:
    """Offer a place in the organization, and in a team of it where one is named.

    The mail goes out once this is committed. Writes invitation.create.
    """
    authorize(by, OrganizationPermission.MANAGE_PEOPLE, organization)
    email, role = text.email(email), standing_role(role)
    if organization.memberships.filter(user__email=email).exists():
        raise Conflict(f"{email} is in {organization} already.")
    organization.invitations.filter(email=email, accepted_at=None, revoked_at=None).filter(
        expires_at__lte=timezone.now()
    ).update(revoked_at=timezone.now())
    invitation = Invitation(
        organization=organization,
        email=email,
        role=role,
        team=team,
        team_role=standing_role(team_role),
        invited_by=by.user,
    )
    _renew(invitation)
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError:
        raise Conflict(f"{email} is invited already. Send it again instead.") from None
    _record("invitation.create", invitation, by=by)
    enqueue("send_invitation", invitation=invitation.pk)
    return invitation


@transaction.atomic
def invite_into_team(
    team: Team, name: str, *, role: str = Role.MEMBER, by: Actor
) -> TeamMembership | Invitation:
    """Put somebody of the organization into a team; others are invited into both by mail.

    Writes team_member.add, or invitation.create.
    """
    team = locked_team(team)
    authorize(by, TeamPermission.MANAGE, team)
    members = team.organization.memberships.named(name)
    if "@" in name and not members.exists():
        organization = team.organization
        return invite(organization, name, Role.MEMBER, team=team, team_role=role, by=by)
    membership = member_named(team.organization, name)
    if team.memberships.filter(membership=membership).exists():
        raise Conflict(f"{membership.user} is in {team} already.")
    return add_team_member(team, membership, role, by=by)


@transaction.atomic
def resend_invitation(invitation: Invitation, *, by: Actor) -> Invitation:
    """Send a new link; the old one is dead. Writes invitation.resend."""
    invitation = _waiting(invitation)
    authorize(by, OrganizationPermission.MANAGE_PEOPLE, invitation.organization)
    _renew(invitation)
    invitation.save(update_fields=["nonce", "expires_at"])
    _record("invitation.resend", invitation, by=by)
    enqueue("send_invitation", invitation=invitation.pk)
    return invitation


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Actor) -> None:
    """Take an invitation back. Writes invitation.revoke."""
    invitation = _waiting(invitation)
    authorize(by, OrganizationPermission.MANAGE_PEOPLE, invitation.organization)
    _revoke(invitation, by=by)


def end_invitations(organization: Organization, user: User, *, by: Actor) -> None:
    """Take back what somebody who leaves a locked organization could come back with."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values("email")
    waiting = organization.invitations.filter(accepted_at=None, revoked_at=None)
    for invitation in hold(waiting.filter(email__in=addresses).order_by("pk")):
        _revoke(invitation, by=by)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, by: Actor) -> Membership:
    """Take the place; only somebody with that verified address may.

    Writes invitation.accept and membership.add, and team_member.add where there is a team.
    """
    refuse_read_only(by)
    organization = lock_members(invitation.organization)
    invitation = _waiting(invitation)
    if by.user is None or not is_theirs(invitation, by.user):
        raise Denied(f"This invitation is for {invitation.email}.")
    if invitation.expires_at <= timezone.now():
        raise Conflict("This invitation has expired. Ask for a new one.")
    if not is_active_now(by.user):
        raise Denied("This account is deactivated.")
    if organization.memberships.filter(user=by.user).exists():
        raise Conflict(f"You are in {organization} already.")
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    membership = Membership.objects.create(
        organization=organization, user=by.user, role=invitation.role
    )
    _record("invitation.accept", invitation, by=by)
    after = {"user": by.user.username, "role": membership.role}
    record("membership.add", membership, by=by, organization=organization, after=after)
    if invitation.team is not None and invitation.team.deleted_at is None:
        join_team(invitation.team, membership, Role(invitation.team_role), by=by)
    return membership


@transaction.atomic
def sign_up_invited(
    invitation: Invitation, *, username: str, full_name: str, password: str, address: str
) -> User:
    """Make an account with the invited address, which the link has verified, and accept.

    Writes user.create, invitation.accept and membership.add.
    """
    invitation = _waiting(invitation)
    user = create_user(
        email=invitation.email,
        username=username,
        full_name=full_name,
        password=password,
        by=Actor.system("invitation"),
    )
    accept_invitation(invitation, by=Actor(user=user, via="web", address=address))
    return user


def is_theirs(invitation: Invitation, user: User) -> bool:
    """Say whether the invited address is one that the person has verified."""
    addresses = EmailAddress.objects.filter(
        user=user, verified=True, email=invitation.email
    )
    return user.is_active and not user.is_service_account and addresses.exists()


def _waiting(invitation: Invitation) -> Invitation:
    """Lock the invitation, and return it if nobody has accepted or revoked it."""
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None)
    found = (
        hold(waiting)
        .select_related("organization__entity", "team__entity")
        .filter(pk=invitation.pk)
        .first()
    )
    if found is None:
        raise Missing("This invitation is no longer open.")
    return found


def _revoke(invitation: Invitation, *, by: Actor) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    _record("invitation.revoke", invitation, by=by)


def _renew(invitation: Invitation) -> None:
    invitation.nonce = secrets.token_hex(16)
    invitation.expires_at = timezone.now() + VALID_FOR


def _record(kind: str, invitation: Invitation, *, by: Actor) -> None:
    after = {"email": invitation.email, "role": invitation.role}
    if invitation.team is not None:
        after |= {"team": invitation.team.name, "team_role": invitation.team_role}
    record(kind, invitation, by=by, organization=invitation.organization, after=after)
