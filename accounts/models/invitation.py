"""Invitations into an organization."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.organization import Organization
from accounts.models.user import User
from accounts.permissions import STANDING_ROLES, Role


class Invitation(models.Model):
    """An offer of a place by e-mail: single use, 7 days. Only its link's hash is kept."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=17, choices=Role.choose(*STANDING_ROLES))
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

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
