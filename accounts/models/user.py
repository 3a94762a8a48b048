"""People and service accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Q

from accounts.models.entity import Entity
from accounts.text import is_askable

THEMES = ("system", "light", "dark")
"""The colours of a person's pages; system follows the device."""


class UserQuerySet(models.QuerySet["User"]):
    """Which users."""

    def people(self) -> UserQuerySet:
        """Those who sign in themselves."""
        return self.filter(is_service_account=False)

    def visible_to(self, user: User) -> UserQuerySet:
        """Those who share an organization with the user, and the user."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        mine = user.memberships.values("organization")
        return self.filter(
            Q(pk=user.pk)
            | Q(
                pk__in=type(user)
                .objects.filter(memberships__organization__in=mine)
                .values("pk")
            )
        )

    def named(self, name: str) -> UserQuerySet:
        """The one with that e-mail address or username, without regard to case."""
        if not is_askable(name):
            return self.none()
        if "@" in name:
            return self.filter(email=name.strip().lower())
        return self.filter(entity__names__key=name.strip().casefold())


class User(AbstractBaseUser):
    """A person, or a service account. Deactivated, never deleted (rules.md, section 2).

    Without Django's PermissionsMixin, which would say yes for every superuser before any of
    our backends is asked, also about rows in the trash.
    """

    entity = models.OneToOneField(Entity, models.PROTECT, related_name="user")
    email = models.EmailField(max_length=254, unique=True, null=True, blank=True)
    full_name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_superuser = models.BooleanField(default=False)
    is_service_account = models.BooleanField(default=False)
    team = models.ForeignKey(
        "accounts.Team",
        models.SET_NULL,
        related_name="service_accounts",
        null=True,
        blank=True,
    )
    """Whose Admins manage a service account, too; it ends with the team."""
    default_team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, related_name="+", null=True, blank=True
    )
    """Whose projects runs go to without further words, while the person is in it."""
    theme = models.CharField(
        max_length=6,
        default="system",
        choices=[(t, t.title()) for t in THEMES],
    )
    has_shortcuts = models.BooleanField(default=True)
    """Whether single keys do something on the person's pages."""
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserQuerySet.as_manager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(is_service_account=True, email__isnull=True, is_superuser=False)
                | Q(is_service_account=False, email__isnull=False),
                name="people_have_an_email_and_service_accounts_none",
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(is_service_account=True),
                name="only_service_accounts_are_of_a_team",
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def username(self) -> str:
        """The name of the user's entity."""
        return self.entity.name

    @property
    def display_name(self) -> str:
        """The full name, or the username where there is none."""
        return self.full_name or self.username

    @property
    def is_staff(self) -> bool:
        """Whether the admin may let the user in; whether it does, `administers` says."""
        return self.is_active and not self.is_service_account

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """Ask each backend in turn, for superusers too."""
        return self.is_active and any(
            backend.has_perm(self, permission, obj) for backend in get_backends()
        )
