"""Teams in the admin: made, filled, deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.actors import Invalid
from accounts.admin.base import OperationAdmin, OrganizationFilter
from accounts.admin.forms import OperationForm, actor
from accounts.admin.inlines import HolderForm, OperationInline
from accounts.models import Organization, Team, TeamMembership
from accounts.operations.teams import add_team_member, create_team, remove_team_member
from accounts.permissions import STANDING_ROLES, Role, TeamPermission
from registries.operations.organizations import delete_team


class NewTeamForm(OperationForm):
    """A new team."""

    conflict_field = "name"

    organization = forms.ModelChoiceField(Organization.objects.none())
    name = forms.CharField(
        strip=False,
        help_text="Letters, digits, - and _; at most 63. It stands in addresses.",
    )

    def carry_out(self) -> Team:
        """Make the team."""
        return create_team(**self.cleaned_data, by=self.by)


class TeamMemberForm(HolderForm):
    """Somebody in a team."""

    role = forms.ChoiceField(
        label="Team role",
        choices=Role.choose(*reversed(STANDING_ROLES)),
        initial=Role.MEMBER,
    )

    def holder(self) -> str:
        """Name who is in the team."""
        return str(self.instance.membership.user)

    def carry_out(self) -> TeamMembership:
        """Put them into the team, or change their role there."""
        team, role = self.instance.team, self.cleaned_data["role"]
        if self.instance.pk is not None:
            return add_team_member(team, self.instance.membership, role, by=self.by)
        people = team.organization.memberships.named(self.cleaned_data["member"])
        if (found := people.first()) is None:
            raise Invalid("member", f"Nobody in {team.organization} is called that.")
        return add_team_member(team, found, role, by=self.by)

    def remove(self) -> None:
        """Take them out of the team."""
        remove_team_member(self.instance.team, self.instance.membership, by=self.by)


class TeamMemberInline(OperationInline):
    """Who is in a team."""

    model = TeamMembership
    form = TeamMemberForm
    fields = ("member", "role")
    related = ("membership__user__entity", "membership__organization", "team__entity")
    permission = TeamPermission.MANAGE
    verbose_name = "member"


class TeamAdmin(OperationAdmin):
    """The teams of the person's organizations."""

    add_form = NewTeamForm
    change_form = OperationForm
    consequence = (
        "Its members, its roles in registries, and its service accounts with their keys "
        "end at once. Its name and projects stay."
    )
    inlines = (TeamMemberInline,)
    related = ("entity", "organization__entity")
    facts = ("team", "organization", "people", "created_at")
    list_display = ("team", "organization", "people", "created_at")
    list_filter = (OrganizationFilter,)
    search_fields = ("entity__name",)
    ordering = ("entity__name",)

    def mine(self, request: HttpRequest, rows: QuerySet[Team]) -> QuerySet[Team]:
        """Return the live teams with their people counted."""
        found: QuerySet[Team] = super().mine(request, rows).filter(deleted_at=None)
        return found.annotate(people=Count("memberships"))

    def grants(self, request: HttpRequest, obj: Team) -> bool:
        """Say yes: `mine` finds no team but of organizations that the person runs."""
        return True

    def get_inlines(self, request: HttpRequest, obj: Team | None) -> Any:
        """Return who is in the team, once there is one."""
        return () if obj is None else self.inlines

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        """End the team; its projects stay."""
        delete_team(obj, by=actor(request))

    @admin.display(ordering="entity__name")
    def team(self, obj: Team) -> str:
        """Name the team."""
        return obj.name

    @admin.display(ordering="people")
    def people(self, obj: Any) -> int:
        """Count who is in the team."""
        return int(obj.people)
