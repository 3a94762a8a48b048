"""Forms of roles in a registry: given, changed, asked for."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.permissions import Role
from registries.forms.base import StrictForm, end_of, name_input, parts
from registries.models import AccessRequest
from registries.permissions import GIVEN_ROLES


class AddMemberForm(StrictForm):
    """People and teams, and the role that they get."""

    conflict_field = "member"

    member = forms.CharField(
        label="Member",
        strip=False,
        max_length=10_000,
        help_text="E-mail, username or team. Several at once: separate them with a comma.",
        widget=name_input(),
    )
    role = forms.ChoiceField(
        label="Registry role", choices=Role.choose(*GIVEN_ROLES), initial=Role.VIEWER
    )
    expires_at = forms.DateField(
        label="Until",
        required=False,
        help_text="The role ends with this day, in UTC.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(label="Reason", required=False, max_length=1000)

    def values(self) -> dict[str, Any]:
        """Return what the operation takes, by its own names."""
        cleaned = self.cleaned_data
        return {
            "names": parts(cleaned["member"]),
            "role": cleaned["role"],
            "expires_at": end_of(cleaned["expires_at"]),
            "reason": cleaned["reason"],
        }


class RoleForm(StrictForm):
    """The role that somebody gets, and the one that was seen before."""

    role = forms.ChoiceField(choices=Role.choose(*GIVEN_ROLES))
    instead_of = forms.ChoiceField(choices=Role.choose(*GIVEN_ROLES), required=False)


class SeenRoleForm(StrictForm):
    """The role that ends."""

    instead_of = forms.ChoiceField(choices=Role.choose(*GIVEN_ROLES))


class RequestForm(StrictForm):
    """The role that somebody asks for, and what they need it for."""

    conflict_field = "role"

    role = forms.ChoiceField(label="Role")
    message = forms.CharField(
        label="What do you need it for?",
        required=False,
        strip=False,
        help_text="The registry's Admins get it by mail. So do you, when one answers.",
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "placeholder": "Scoring the autumn campaign, until 15 December",
            }
        ),
    )

    def __init__(self, present: Role, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        stronger = [role for role in GIVEN_ROLES if role.rank > present.rank]
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = Role.choose(*stronger)


class AcceptForm(StrictForm):
    """The role that somebody gets who asked for one, and how long."""

    conflict_field = "role"

    role = forms.ChoiceField(label="Role", choices=Role.choose(*GIVEN_ROLES))
    expires_at = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, asked: AccessRequest, data: Any = None) -> None:
        super().__init__(
            data, initial={"role": asked.role}, auto_id=f"accept_{asked.pk}_%s"
        )

    def values(self) -> dict[str, Any]:
        """Return what the operation takes, by its own names."""
        cleaned = self.cleaned_data
        return {"role": cleaned["role"], "expires_at": end_of(cleaned["expires_at"])}


class DeclineForm(StrictForm):
    """Why somebody does not get the role that they asked for."""

    reason = forms.CharField(label="Reason", required=False, max_length=1000)
