"""Teams of an organization."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.entity import Entity
from accounts.models.organization import Membership, Organization
from accounts.models.user import User
from accounts.permissions import STANDING_ROLES, Role


class TeamQuerySet(models.QuerySet["Team"]):
    """Which teams."""

    def live(self) -> TeamQuerySet:
        """Those not deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> TeamQuerySet:
        """The live teams of the user's organizations."""
        organizations = Organization.objects.visible_to(user)
        return self.live().filter(organization__in=organizations.values("pk"))

    def managed_by(self, user: User) -> TeamQuerySet:
        """The live teams that the user is Admin of."""
        if not user.is_active:
            return self.none()
        mine = TeamMembership.objects.filter(membership__user=user, role=Role.ADMIN)
        return self.live().filter(pk__in=mine.values("team"))


class Team(models.Model):
    """People of one organization, with projects; may hold a role in a registry.

    A deleted team keeps its row, for its name and its projects stay; it has no members.
    """

    entity = models.OneToOneField(Entity, models.PROTECT, related_name="team")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="teams")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name of the team's entity."""
        return self.entity.name


class TeamMembership(models.Model):
    """A member of the organization, as a member of one of its teams."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="team_memberships"
    )
    role = models.CharField(max_length=17, choices=Role.choose(*STANDING_ROLES))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["team", "membership"],
                name="team_membership_is_one_per_team_and_member",
            ),
            models.CheckConstraint(
                condition=Q(role__in=STANDING_ROLES),
                name="team_membership_role_is_a_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership.user} in {self.team}"
