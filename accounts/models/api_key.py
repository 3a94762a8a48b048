"""API keys: shown once, kept as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.organization import Organization
from accounts.models.team import Team
from accounts.models.user import User


def digest(secret: str) -> str:
    """Return what is stored of a key: its HMAC-SHA256, under a key kept for this alone."""
    return hmac.new(
        settings.API_KEY_PEPPER.encode(), secret.encode(), hashlib.sha256
    ).hexdigest()


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Which keys."""

    def live(self) -> ApiKeyQuerySet:
        """Those that open a door now."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
            revoked_at=None,
            user__is_active=True,
        )

    def managed_by(self, user: User) -> ApiKeyQuerySet:
        """Their own, those of programs they see to, and all for who runs the whole."""
        if user.is_superuser:
            return self.all()
        in_organization = Organization.objects.administered_by(user)
        in_team = Team.objects.managed_by(user)
        programs = User.objects.filter(is_service_account=True).filter(
            Q(memberships__organization__in=in_organization.values("pk"))
            | Q(team__in=in_team.values("pk"))
        )
        return self.filter(Q(user=user) | Q(user__in=programs.values("pk")))

    def of_secret(self, secret: str) -> ApiKeyQuerySet:
        """The key with that secret."""
        return self.filter(digest=digest(secret))


class ApiKey(models.Model):
    """A key with which a program acts as a user."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=128)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4, help_text="The last four characters.")
    read_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"

    @property
    def is_live(self) -> bool:
        """Whether the key itself still opens a door."""
        is_over = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not is_over
