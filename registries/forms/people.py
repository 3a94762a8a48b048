"""Forms of people, teams and programs of an organization."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Team
from accounts.permissions import STANDING_ROLES, Role
from registries.forms.base import StrictForm, name_input


class InviteForm(StrictForm):
    """Whom to invite into an organization, and as what."""

    conflict_field = "email"

    email = forms.CharField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    role = forms.ChoiceField(
        label="Organization role",
        choices=Role.choose(*reversed(STANDING_ROLES)),
        initial=Role.MEMBER,
        help_text="It can be changed later. Roles in registries are given there.",
    )


class ServiceAccountForm(StrictForm):
    """A new account for a program."""

    conflict_field = "name"

    name = forms.CharField(
        label="Name",
        strip=False,
        help_text="Letters, digits, - and _; at most 63. It stands in addresses.",
        widget=name_input({"class": "mono", "maxlength": 63, "autofocus": True}),
    )
    full_name = forms.CharField(
        label="Full name", required=False, strip=False, help_text="What people see."
    )
    role = forms.ChoiceField(
        label="Organization role",
        choices=Role.choose(Role.MEMBER, Role.VIEWER),
        help_text="Roles in registries are given there.",
    )
    team = forms.ModelChoiceField(
        label="Team",
        queryset=Team.objects.none(),
        required=False,
        empty_label="None",
        help_text="Its Admins manage the account, which ends with the team.",
    )

    def __init__(
        self, teams: QuerySet[Team], data: Any = None, *, needs_team: bool
    ) -> None:
        super().__init__(data)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = teams.order_by("entity__name")
        if needs_team:
            team.required, team.empty_label = True, "Choose a team"


class NewTeamForm(StrictForm):
    """A new team."""

    conflict_field = "name"

    name = forms.CharField(
        label="Name",
        strip=False,
        help_text="Letters, digits, - and _; at most 63. It stands in addresses.",
        widget=name_input({"class": "mono", "maxlength": 63, "autofocus": True}),
    )


class TeamMemberForm(StrictForm):
    """Whom to put into a team, and as what."""

    member = forms.CharField(
        label="Member",
        max_length=254,
        help_text="Username or e-mail of somebody in the organization.",
        widget=name_input({"autofocus": True}),
    )
    role = forms.ChoiceField(
        label="Team role",
        choices=Role.choose(*reversed(STANDING_ROLES)),
        initial=Role.MEMBER,
        help_text="What one may do in the team's projects.",
    )
