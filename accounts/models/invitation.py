"""Invitations into an organization."""

from __future__ import annotations

from django.core import signing
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.organization import Organization
from accounts.models.team import Team
from accounts.models.user import User
from accounts.permissions import STANDING_ROLES, Role

SALT = "accounts.invitation"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Which invitations."""

    def open(self) -> InvitationQuerySet:
        """Those that can be accepted now."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def of_token(self, token: str) -> InvitationQuerySet:
        """The open one whose link holds the token."""
        try:
            pk, nonce = signing.loads(token, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError):
            return self.none()
        return self.open().filter(pk=pk, nonce=nonce)


class Invitation(models.Model):
    """An offer of a place, by e-mail: single use, for 7 days."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=17, choices=Role.choose(*STANDING_ROLES))
    team = models.ForeignKey(
        Team, models.SET_NULL, related_name="invitations", null=True, blank=True
    )
    """What the person joins too, unless it is deleted by then; in `team_role`."""
    team_role = models.CharField(
        max_length=17, choices=Role.choose(*STANDING_ROLES), default=Role.MEMBER
    )
    nonce = models.CharField(max_length=32, help_text="Changes when it is sent again.")
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_is_one_per_organization_and_email",
            ),
            models.CheckConstraint(
                condition=Q(role__in=STANDING_ROLES), name="invitation_role_is_a_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= timezone.now()

    @property
    def token(self) -> str:
        """What its link holds: signed, so that nothing secret is stored."""
        return signing.dumps([self.pk, self.nonce], salt=SALT)
