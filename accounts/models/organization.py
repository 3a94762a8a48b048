"""Organizations and who is in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.entity import Entity
from accounts.models.user import User
from accounts.permissions import CREATOR_ROLES, DEFAULT_ROLES, STANDING_ROLES, Role
from accounts.text import fold, is_askable

TRASH_DAYS = 30
"""How long the trash keeps what is deleted, unless the organization says otherwise."""


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Which organizations."""

    def visible_to(self, user: User) -> OrganizationQuerySet:
        """Those that the user is in; all of them for the installation administrator."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(memberships__user=user)

    def administered_by(self, user: User) -> OrganizationQuerySet:
        """Those that the user is Admin of; all for the installation administrator."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(memberships__user=user, memberships__role=Role.ADMIN)

    def named(self, name: str) -> OrganizationQuerySet:
        """The one with that name or display name, without regard to case."""
        return (
            self.filter(entity__names__key=fold(name)) if is_askable(name) else self.none()
        )


class Organization(models.Model):
    """The company: it has people, teams and registries."""

    entity = models.OneToOneField(Entity, models.PROTECT, related_name="organization")
    display_name = models.CharField(max_length=113)
    default_role = models.CharField(
        max_length=17, choices=Role.choose(*DEFAULT_ROLES), default=Role.VIEWER
    )
    registry_creators = models.CharField(
        max_length=17, choices=Role.choose(*CREATOR_ROLES), default=Role.MEMBER
    )
    trash_days = models.PositiveSmallIntegerField(default=TRASH_DAYS)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(default_role__in=DEFAULT_ROLES),
                name="organization_default_role_is_a_viewer",
            ),
            models.CheckConstraint(
                condition=Q(registry_creators__in=CREATOR_ROLES),
                name="organization_registry_creators_are_members_or_admins",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def name(self) -> str:
        """The name of the organization's entity, as addresses have it."""
        return self.entity.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Which memberships."""

    def named(self, name: str) -> MembershipQuerySet:
        """That of the user with that e-mail address or username."""
        return self.filter(user__in=User.objects.named(name).values("pk"))

    def human_admins(self) -> MembershipQuerySet:
        """Those that count for "an organization keeps at least one active human Admin"."""
        return self.filter(
            role=Role.ADMIN, user__is_active=True, user__is_service_account=False
        )


class Membership(models.Model):
    """A user's standing in an organization. All that they hold there goes with this row."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=17, choices=Role.choose(*STANDING_ROLES))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"],
                name="membership_is_one_per_organization_and_user",
            ),
            models.CheckConstraint(
                condition=Q(role__in=STANDING_ROLES), name="membership_role_is_a_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}"


class ServiceAccount(Membership):
    """The membership of a service account: it has one, in its organization."""

    class Meta:
        proxy = True
        default_permissions = ()
