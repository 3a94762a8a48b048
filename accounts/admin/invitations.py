"""Invitations in the admin: made, sent again, taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.base import EVERYWHERE, OperationAdmin, OrganizationFilter
from accounts.admin.forms import OperationForm, actor
from accounts.models import Invitation, Organization
from accounts.operations.invitations import invite, resend_invitation, revoke_invitation
from accounts.permissions import STANDING_ROLES, Role


class InvitationForm(OperationForm):
    """Whom to invite, where, and as what."""

    conflict_field = "email"

    organization = forms.ModelChoiceField(Organization.objects.none())
    email = forms.CharField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label="Organization role",
        choices=Role.choose(*reversed(STANDING_ROLES)),
        initial=Role.MEMBER,
    )

    def carry_out(self) -> Invitation:
        """Invite them."""
        return invite(**self.cleaned_data, by=self.by)


class StateFilter(admin.SimpleListFilter):
    """What has become of them."""

    title = "state"
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        """Return the states."""
        return [(name, name.title()) for name in ("open", "accepted", "revoked", "expired")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the invitations in the state that was chosen."""
        waiting = queryset.filter(accepted_at=None, revoked_at=None)
        states: dict[str | None, QuerySet[Invitation]] = {
            "open": queryset.open(),
            "accepted": queryset.exclude(accepted_at=None),
            "revoked": queryset.exclude(revoked_at=None),
            "expired": waiting.filter(expires_at__lte=timezone.now()),
        }
        return states.get(self.value(), queryset)


class InvitationAdmin(OperationAdmin):
    """Who was invited into the person's organizations."""

    add_form = InvitationForm
    related = ("organization", "invited_by__entity")
    facts = (
        *("email", "organization", "role", "inviter", "state"),
        *("created_at", "expires_at", "accepted_at", "revoked_at"),
    )
    list_display = ("email", "organization", "role", "state", "inviter", "expires_at")
    list_filter = (OrganizationFilter, StateFilter, "role")
    search_fields = ("email",)
    ordering = ("-pk",)
    actions = ("resend", "revoke")

    @admin.display(description="invited by", ordering="invited_by__entity__name")
    def inviter(self, obj: Invitation) -> str:
        """Name who invited them; the server has no name."""
        return str(obj.invited_by or "")

    @admin.display
    def state(self, obj: Invitation) -> str:
        """Say what has become of it."""
        if obj.accepted_at is not None:
            return "Accepted"
        if obj.revoked_at is not None:
            return "Revoked"
        return "Expired" if obj.is_expired else "Open"

    @admin.action(description="Send again, with a new link", location=EVERYWHERE)
    def resend(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Send new links; those before are dead."""
        sent = [resend_invitation(each, by=actor(request)) for each in queryset]
        self.message_user(request, f"New links are on their way: {len(sent)}.")

    @admin.action(description="Revoke", location=EVERYWHERE)
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Take the invitations back."""
        for invitation in queryset:
            revoke_invitation(invitation, by=actor(request))
        self.message_user(request, f"Revoked: {len(queryset)}.")
