"""Asking for a role in a registry."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Membership, User
from accounts.permissions import Role
from registries.models.registry import Registry
from registries.permissions import GIVEN_ROLES


class AccessRequest(models.Model):
    """A member of the organization asks the registry's Admins for a role."""

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="access_requests")
    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="access_requests"
    )
    role = models.CharField(max_length=17, choices=Role.choose(*GIVEN_ROLES))
    message = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    is_granted = models.BooleanField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "membership"],
                condition=Q(answered_at=None),
                name="access_request_is_one_per_person",
            ),
            models.CheckConstraint(
                condition=Q(role__in=GIVEN_ROLES), name="access_request_role_can_be_given"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership.user} asks for {self.get_role_display()}"
