"""API keys in the admin: seen and revoked, never issued, never a secret or its digest."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin.base import EVERYWHERE, OperationAdmin, administered
from accounts.admin.forms import actor
from accounts.models import ApiKey, ServiceAccount, User
from accounts.operations.keys import revoke_api_key


class ApiKeyAdmin(OperationAdmin):
    """The keys of service accounts, and one's own; for the installation those of all."""

    related = ("user__entity",)
    facts = (
        *("name", "ending", "account", "read_only", "state"),
        *("created_at", "expires_at", "last_used_at", "revoked_at"),
    )
    list_display = ("name", "ending", "account", "read_only", "state", "last_used_at")
    list_filter = ("read_only",)
    search_fields = ("name", "user__entity__name")
    ordering = ("-pk",)
    actions = ("revoke",)

    def mine(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        """Return the keys that the person may revoke."""
        user = cast("User", request.user)
        if user.is_superuser:
            return rows
        programs = ServiceAccount.objects.filter(
            user__is_service_account=True, organization__in=administered(request)
        )
        return rows.filter(Q(user=user) | Q(user__in=programs.values("user")))

    @admin.display(description="ends in", ordering="hint")
    def ending(self, obj: ApiKey) -> str:
        """Show what tells it from others, as the person's own page does."""
        return f"…{obj.hint}"

    @admin.display(ordering="user__entity__name")
    def account(self, obj: ApiKey) -> str:
        """Name whose key it is."""
        return obj.user.username

    @admin.display
    def state(self, obj: ApiKey) -> str:
        """Say whether it opens a door."""
        if obj.revoked_at is not None:
            return "Revoked"
        return "Live" if obj.is_live else "Expired"

    @admin.action(description="Revoke", location=EVERYWHERE)
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End the keys for good."""
        for key in queryset:
            revoke_api_key(key, by=actor(request))
        self.message_user(request, f"Revoked: {len(queryset)}.")
