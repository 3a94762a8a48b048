"""Registries, their names, members, accepted types and protected aliases."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, Count, Q, Sum, When
from django.db.models.functions import Coalesce, Left
from django.urls import reverse
from django.utils import timezone

from accounts.models import Entity, Membership, Organization, Team, User
from accounts.permissions import Role
from accounts.text import is_askable
from registries.models.ordering import by_letters
from registries.permissions import GIVEN_ROLES

CORE = {
    "model": ("Models", "Trained models of every team, before and after release."),
    "dataset": (
        "Datasets",
        "Frozen training, validation and test sets with their licences.",
    ),
}
"""Every organization's core registries by name: what pages call them, and a description."""

PREFIX = "wandb-registry-"
"""What the name of a registry begins with for the `wandb` SDK."""
BEGINNING = 300
"""How many characters of a description lists may show."""


class RegistryQuerySet(models.QuerySet["Registry"]):
    """Which registries."""

    def live(self) -> RegistryQuerySet:
        """Those not in the trash."""
        return self.filter(deleted_at=None)

    def named(self, name: str) -> RegistryQuerySet:
        """The live one that has, or had, that name; a former name still leads to it."""
        found = self.filter(names__key=name.lower(), names__live=True)
        return found if is_askable(name) else self.none()

    def matching(self, words: str) -> RegistryQuerySet:
        """Those with the words in their name."""
        if not is_askable(words):
            return self.none()
        return self.filter(name__icontains=words) if words else self

    def for_cards(self) -> RegistryQuerySet:
        """With what a card shows, and no more of the description than its beginning."""
        return (
            self.select_related("organization__entity")
            .prefetch_related("accepted_types")
            .defer("description")
            .annotate(beginning=Left("description", BEGINNING))
        )

    def totals(self) -> dict[str, int]:
        """How many registries, collections and versions."""
        return self.aggregate(
            registries=Count("pk"),
            collections=Coalesce(Sum("collection_count"), 0),
            versions=Coalesce(Sum("version_count"), 0),
        )

    def visible_to(self, user: Any) -> RegistryQuerySet:
        """The live registries in which the user has any role (rules.md, section 4)."""
        if not user.is_active or user.is_anonymous:
            return self.none()
        if user.is_superuser:
            return self.live()
        return self.live().filter(
            Q(organization__in=Membership.objects.filter(user=user).values("organization")),
            Q(visibility=Registry.Visibility.ORGANIZATION)
            | Q(owner__user=user)
            | Q(pk__in=RegistryMember.objects.held_by(user).values("registry")),
        )


class Registry(models.Model):
    """A curated shelf of an organization: core, made with it, or custom, made by people."""

    class Visibility(models.TextChoices):
        ORGANIZATION = "organization", "Organization"
        RESTRICTED = "restricted", "Restricted"

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="registries"
    )
    name = models.CharField(max_length=113)
    description = models.TextField(blank=True)
    icon = models.CharField(max_length=16, default="registry")
    visibility = models.CharField(
        max_length=12, choices=Visibility, default=Visibility.ORGANIZATION
    )
    is_core = models.BooleanField(default=False, editable=False)
    accepts_all_types = models.BooleanField(default=True)
    owner = models.ForeignKey(
        Membership, models.RESTRICT, null=True, blank=True, related_name="owned_registries"
    )
    collection_count = models.PositiveIntegerField(default=0, editable=False)
    version_count = models.PositiveIntegerField(default=0, editable=False)
    file_count = models.PositiveBigIntegerField(default=0, editable=False)
    logical_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    unique_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    unique_counted_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    is_starred: bool
    """With `with_stars` only."""

    objects = RegistryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "registries"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_core=False)
                | Q(
                    visibility="organization",
                    owner=None,
                    accepts_all_types=False,
                    deleted_at=None,
                ),
                name="core_registry_is_open_ownerless_listed_and_kept",
                violation_error_message=(
                    "A core registry is visible to the whole organization."
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_core=True) | Q(owner__isnull=False),
                name="custom_registry_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=("organization", "restricted")),
                name="registry_visibility_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        """The registry's page."""
        return reverse("registries:registry", args=[self.organization.name, self.name])

    @property
    def registry(self) -> Registry:
        """Itself: everything in a registry answers this."""
        return self

    @property
    def display_name(self) -> str:
        """The name that pages show: core registries have one of their own."""
        return CORE[self.name][0] if self.is_core else self.name

    @property
    def full_name(self) -> str:
        """ORGANIZATION/REGISTRY, as commands take it."""
        return f"{self.organization.name}/{self.name}"

    @property
    def sdk_name(self) -> str:
        """ORGANIZATION/wandb-registry-REGISTRY, as the `wandb` SDK takes it."""
        return f"{self.organization.name}/{PREFIX}{self.name}"

    @property
    def trash_days(self) -> int:
        """How long the trash keeps it, and its collections."""
        return self.organization.trash_days

    @property
    def is_live(self) -> bool:
        """Whether it is not in the trash."""
        return self.deleted_at is None

    @property
    def is_restricted(self) -> bool:
        """Whether only users and teams that were added see it."""
        return self.visibility == self.Visibility.RESTRICTED

    def admins(self) -> models.QuerySet[User]:
        """The active people who are Admin or Owner here, by whatever rule."""
        grants = self.members.in_force().filter(role=Role.ADMIN)
        is_admin = (
            Q(owned_registries=self)
            | Q(registry_roles__in=grants)
            | Q(
                team_memberships__team__registry_roles__in=grants,
                team_memberships__team__deleted_at=None,
            )
        )
        if not self.is_restricted:
            is_admin |= Q(organization=self.organization_id, role=Role.ADMIN)
        memberships = Membership.objects.filter(is_admin)
        people: models.QuerySet[User] = User.objects.people().filter(is_active=True)
        return people.filter(memberships__in=memberships).distinct()

    def accepts(self, artifact_type: str) -> bool:
        """Whether artifacts of the type can be linked here."""
        return self.accepts_all_types or any(
            accepted.name == artifact_type for accepted in self.accepted_types.all()
        )

    def people(self) -> models.QuerySet[Membership]:
        """The members of the organization who can act at all."""
        return self.organization.memberships.filter(user__is_active=True)

    def people_by_themselves(self) -> models.QuerySet[Membership]:
        """The people with a role of their own here: Owner, given, or through a team."""
        given = self.members.in_force()
        in_teams = given.filter(team__deleted_at=None)
        return self.people().filter(
            Q(pk=self.owner_id)
            | Q(pk__in=given.filter(team=None).values("membership"))
            | Q(pk__in=in_teams.values("team__memberships__membership"))
        )

    def people_by_default(self) -> models.QuerySet[Membership]:
        """The people whom the visibility Organization alone lets in, or would let in."""
        by_themselves = self.people_by_themselves().values("pk")
        return self.people().exclude(Q(pk__in=by_themselves) | Q(user__is_superuser=True))

    def holders(self) -> models.QuerySet[Entity]:
        """The people and teams with a role here: the Owner, those given one, all others."""
        given = self.members.in_force().filter(Q(team=None) | Q(team__deleted_at=None))
        people = self.people_by_themselves() if self.is_restricted else self.people()
        owner = Membership.objects.filter(owned_registries=self)
        has_own = Q(pk__in=given.filter(team=None).values("membership__user__entity"))
        is_team = Q(pk__in=given.filter(membership=None).values("team__entity"))
        return Entity.objects.filter(
            Q(pk__in=people.values("user__entity")) | is_team
        ).annotate(
            rank=Case(
                When(pk__in=owner.values("user__entity"), then=0),
                When(has_own | is_team, then=1),
                default=2,
            ),
            sort_name=by_letters("name"),
        )


class RegistryName(models.Model):
    """A present or former name of a registry; the only place of its uniqueness.

    While its registry is live, a name is taken, and former names lead to the registry.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    registry = models.ForeignKey(Registry, models.CASCADE, related_name="names")
    key = models.CharField(max_length=113)
    is_current = models.BooleanField(default=True)
    live = models.BooleanField(default=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "key"],
                condition=Q(live=True),
                name="registry_name_is_unique_in_organization",
            ),
            models.UniqueConstraint(
                fields=["registry"],
                condition=Q(is_current=True),
                name="registry_has_one_current_name",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class RegistryMemberQuerySet(models.QuerySet["RegistryMember"]):
    """Which grants."""

    def in_force(self) -> RegistryMemberQuerySet:
        """Those that have not expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))

    def held_by(self, user: User) -> RegistryMemberQuerySet:
        """The grants in force that the user holds, directly or through a team."""
        return self.in_force().filter(
            Q(membership__user=user)
            | Q(team__memberships__membership__user=user, team__deleted_at=None)
        )


class RegistryMember(models.Model):
    """A role given in a registry: to a member of its organization, or to a team."""

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="members")
    membership = models.ForeignKey(
        Membership, models.CASCADE, null=True, blank=True, related_name="registry_roles"
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="registry_roles"
    )
    role = models.CharField(max_length=17, choices=Role.choose(*GIVEN_ROLES))
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RegistryMemberQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(membership__isnull=True) ^ Q(team__isnull=True),
                name="registry_member_is_a_person_or_a_team",
            ),
            models.CheckConstraint(
                condition=Q(role__in=GIVEN_ROLES), name="registry_member_role_can_be_given"
            ),
            models.UniqueConstraint(
                fields=["registry", "membership"], name="registry_member_is_one_per_person"
            ),
            models.UniqueConstraint(
                fields=["registry", "team"], name="registry_member_is_one_per_team"
            ),
        ]

    def __str__(self) -> str:
        return self.holder

    @property
    def holder(self) -> str:
        """The name of the user or team."""
        return str(self.team or (self.membership and self.membership.user))

    @property
    def shown(self) -> str:
        """What pages call them."""
        return self.membership.user.display_name if self.membership else str(self.team)


class AcceptedType(models.Model):
    """A type that was saved for a registry: it can never be removed."""

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="accepted_types")
    name = models.CharField(max_length=128)

    class Meta:
        default_permissions = ()
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "name"], name="accepted_type_is_one_per_registry"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProtectedAlias(models.Model):
    """An alias that only Admins of the registry put on a version or take off it."""

    registry = models.ForeignKey(Registry, models.CASCADE, related_name="protected_aliases")
    name = models.CharField(max_length=128)

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "name"], name="protected_alias_is_one_per_registry"
            )
        ]

    def __str__(self) -> str:
        return self.name
