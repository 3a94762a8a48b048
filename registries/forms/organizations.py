"""Forms of an organization: the first one, its settings, its audit log."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.permissions import DEFAULT_ROLES, Role
from registries.events import KINDS
from registries.forms.base import SeenForm, name_input


class SetUpForm(forms.Form):
    """The first person and their organization."""

    full_name = forms.CharField(
        label="Your name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    username = forms.CharField(
        label="Username",
        max_length=63,
        help_text="Letters, digits, - and _. It stands in addresses.",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 12 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    display_name = forms.CharField(
        label="Organization",
        max_length=113,
        help_text="As people know it: Northwind Labs.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    organization = forms.CharField(
        label="Organization's short name",
        max_length=63,
        help_text="As addresses and programs have it: northwind.",
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )


class OrganizationForm(SeenForm):
    """The settings of an organization."""

    conflict_field = "display_name"

    display_name = forms.CharField(
        label="Display name",
        strip=False,
        widget=forms.TextInput(attrs={"maxlength": 113, "autocomplete": "off"}),
    )
    default_role = forms.ChoiceField(
        label="Default role in registries",
        choices=Role.choose(*DEFAULT_ROLES),
        help_text="What everybody has in a registry with visibility Organization, "
        "unless given more.",
    )
    registry_creators = forms.ChoiceField(
        label="Who creates registries",
        choices=[(Role.MEMBER, "Members and Admins"), (Role.ADMIN, "Only Admins")],
    )
    trash_days = forms.IntegerField(
        label="Days in the trash",
        help_text="How long what was deleted can be restored: 1 to 365 days.",
        widget=forms.NumberInput(attrs={"min": 1, "max": 365}),
    )


class AuditForm(forms.Form):
    """What is looked for among the events; it comes in an address."""

    actor = forms.CharField(
        label="Who",
        required=False,
        max_length=254,
        widget=name_input({"placeholder": "Username or e-mail"}),
    )
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "All kinds"), *((kind, kind) for kind in KINDS)],
    )
    registry = forms.CharField(
        label="Registry",
        required=False,
        max_length=128,
        widget=name_input({"placeholder": "Name"}),
    )
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """Compare the days."""
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This day is before the first one.")
        return cleaned
