"""People, service accounts and users in the admin."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from accounts.admin.base import EVERYWHERE, OperationAdmin, OrganizationFilter
from accounts.admin.forms import OperationForm, actor
from accounts.models import Membership, Organization, ServiceAccount, User
from accounts.permissions import STANDING_ROLES, Role
from registries.models import Registry
from registries.operations.organizations import (
    change_organization_role,
    create_service_account,
    deactivate_user,
    remove_member,
)

PROGRAM_ROLES = (Role.MEMBER, Role.VIEWER)
"""The organization roles of a service account."""


class RoleForm(OperationForm):
    """The organization role of somebody."""

    conflict_field = "role"

    role = forms.ChoiceField(
        label="Organization role", choices=Role.choose(*reversed(STANDING_ROLES))
    )

    def carry_out(self) -> Membership:
        """Give them the role."""
        role = self.cleaned_data["role"]
        return change_organization_role(self.instance, role, by=self.by)


class PeopleAdmin(OperationAdmin):
    """Memberships of one kind of account: roles are changed, memberships end."""

    is_program = False

    change_form = RoleForm
    consequence = (
        "Their teams, registry roles and access in the organization end at once. "
        "Coming back does not bring them back."
    )
    related = ("user__entity", "organization__entity")
    facts: tuple[str, ...] = ("person", "full_name", "email", "organization", "created_at")
    list_display: tuple[str, ...] = ("person", "full_name", "email", "organization", "role")
    list_filter = (OrganizationFilter, "role")
    search_fields: ClassVar[tuple[str, ...]] = (
        "user__entity__name",
        "user__full_name",
        "user__email",
    )
    ordering = ("user__entity__name",)

    def mine(
        self, request: HttpRequest, rows: QuerySet[Membership]
    ) -> QuerySet[Membership]:
        """Return the memberships of that kind of account."""
        return super().mine(request, rows).filter(user__is_service_account=self.is_program)

    def grants(self, request: HttpRequest, obj: Membership) -> bool:
        """Say yes: `mine` finds nobody but in organizations that the person runs."""
        return True

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """End all that they have in the organization, at once."""
        remove_member(obj, by=actor(request))

    @admin.display(description="username", ordering="user__entity__name")
    def person(self, obj: Membership) -> str:
        """Name the account."""
        return obj.user.username

    @admin.display(ordering="user__full_name")
    def full_name(self, obj: Membership) -> str:
        """Name the person as they write themselves."""
        return obj.user.full_name

    @admin.display(description="e-mail", ordering="user__email")
    def email(self, obj: Membership) -> str:
        """Show the address."""
        return obj.user.email or ""


class MembershipAdmin(PeopleAdmin):
    """The people of the person's organizations."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the people, and the registries of theirs that pass to somebody else."""
        named, counts, lacking, kept = super().get_deleted_objects(objs, request)
        owned = Registry.objects.filter(owner__in=[obj.pk for obj in objs])
        passing = [f"{name}: its ownership passes on" for name in _names(owned)]
        return [*named, *passing], counts, lacking, kept


def _names(registries: QuerySet[Registry]) -> list[str]:
    return list(registries.order_by("name").values_list("name", flat=True))


class NewServiceAccountForm(OperationForm):
    """An account for a program."""

    conflict_field = "name"

    organization = forms.ModelChoiceField(Organization.objects.none())
    name = forms.CharField(
        strip=False,
        help_text="Letters, digits, - and _; at most 63. It stands in addresses.",
    )
    full_name = forms.CharField(
        required=False, strip=False, help_text="What people see; may be empty."
    )
    role = forms.ChoiceField(
        label="Organization role", choices=Role.choose(*PROGRAM_ROLES), initial=Role.MEMBER
    )

    def carry_out(self) -> ServiceAccount:
        """Make it. Keys are given where their secret is shown once: not here."""
        made = create_service_account(**self.cleaned_data, by=self.by)
        return ServiceAccount.objects.get(user=made)


class ProgramRoleForm(RoleForm):
    """The organization role of a service account."""

    role = forms.ChoiceField(label="Organization role", choices=Role.choose(*PROGRAM_ROLES))


class ServiceAccountAdmin(PeopleAdmin):
    """The programs of the person's organizations."""

    is_program = True

    add_form = NewServiceAccountForm
    change_form = ProgramRoleForm
    facts = ("person", "full_name", "organization", "keys", "created_at")
    list_display = ("person", "full_name", "organization", "role", "keys")
    search_fields = ("user__entity__name", "user__full_name")

    def mine(
        self, request: HttpRequest, rows: QuerySet[Membership]
    ) -> QuerySet[Membership]:
        """Return the service accounts with their keys counted."""
        live = Q(user__api_keys__revoked_at=None)
        found = super().mine(request, rows)
        return found.annotate(keys=Count("user__api_keys", filter=live))

    @admin.display(description="API keys", ordering="keys")
    def keys(self, obj: Any) -> int:
        """Count the keys that were not revoked."""
        return int(obj.keys)


class UserAdmin(OperationAdmin):
    """Every account, for the installation administrator alone."""

    related = ("entity",)
    facts = (
        *("username", "full_name", "email", "is_active", "is_superuser"),
        *("is_service_account", "date_joined", "last_login"),
    )
    list_display = ("username", "full_name", "email", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser", "is_service_account")
    search_fields = ("entity__name", "full_name", "email")
    ordering = ("entity__name",)
    actions = ("deactivate",)

    def mine(self, request: HttpRequest, rows: QuerySet[User]) -> QuerySet[User]:
        """Return everybody, or nobody."""
        return rows if self.has_view_permission(request) else rows.none()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person runs the installation."""
        return cast("User", request.user).is_superuser

    @admin.display(ordering="entity__name")
    def username(self, obj: User) -> str:
        """Name the account."""
        return obj.username

    @admin.action(description="Deactivate: leaves every organization", location=EVERYWHERE)
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Close the accounts."""
        for user in queryset:
            deactivate_user(user, by=actor(request))
        self.message_user(request, f"Deactivated: {len(queryset)}.")
