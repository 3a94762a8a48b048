"""Registries in the admin: what they are, who sees them, who has which role in them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from accounts.actors import Invalid, may
from accounts.admin.base import (
    EVERYWHERE,
    OperationAdmin,
    OrganizationFilter,
)
from accounts.admin.forms import OperationForm, actor
from accounts.admin.inlines import HolderForm, OperationInline
from accounts.permissions import Role
from registries.forms.base import parts
from registries.forms.registries import ACCEPTED
from registries.models import Registry, RegistryMember
from registries.operations.contents import append_types, switch_types, types_there
from registries.operations.members import (
    add_members,
    change_role,
    move_ownership,
    remove_role,
)
from registries.operations.registries import (
    change_visibility,
    delete_registry,
    edit_registry,
    take_access,
)
from registries.permissions import GIVEN_ROLES, Permission

TAKES = {
    "name": Permission.EDIT_REGISTRY,
    "description": Permission.EDIT_REGISTRY,
    "accepted": Permission.SWITCH_TYPES,
    "types": Permission.APPEND_TYPES,
    "visibility": Permission.CHANGE_VISIBILITY,
    "owner": Permission.MOVE_OWNERSHIP,
}
"""What each field takes."""
SAID_BY = {"label": "name", "seen_by": "visibility", "held_by": "owner"}
"""The facts that a field says too, where there is one."""


class RegistryForm(OperationForm):
    """What may be changed of a registry."""

    name = forms.CharField(strip=False, help_text="A former name goes on leading here.")
    description = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    accepted = forms.ChoiceField(label="Accepted artifacts type", choices=ACCEPTED)
    types = forms.CharField(
        label="Add types",
        required=False,
        strip=False,
        help_text="Several at once: separate them with a comma. Saved, a type stays.",
    )
    visibility = forms.ChoiceField(
        label="Registry visibility",
        choices=Registry.Visibility,
        help_text="Its settings page says who loses and who gains access.",
    )
    owner = forms.CharField(
        help_text="Username or e-mail of somebody with access. The Owner becomes Admin."
    )

    def present(self) -> dict[str, Any]:
        """Return what the fields show of the registry."""
        registry: Registry = self.instance
        return super().present() | {
            "accepted": "all" if registry.accepts_all_types else "specify",
            "types": "",
            "owner": str(registry.owner.user) if registry.owner else "",
        }

    def carry_out(self) -> Registry:
        """Do all of it, each by its own operation."""
        registry: Registry = self.instance
        changed = set(self.changed_data)
        new = {name: self.cleaned_data[name] for name in changed}
        if texts := {name: new[name] for name in ("name", "description") if name in new}:
            edit_registry(registry, **texts, by=self.by)
        if changed & {"accepted", "types"}:
            self._accept(registry)
        if "visibility" in changed:
            change_visibility(registry, new["visibility"], by=self.by)
        if "owner" in changed:
            self._move(registry, new["owner"])
        return registry

    def _accept(self, registry: Registry) -> None:
        """Switch to all types, switch to a list, or add to the list."""
        names = parts(self.cleaned_data["types"])
        if "accepted" not in self.changed_data:
            append_types(registry, names, by=self.by)
        elif self.cleaned_data["accepted"] == "all":
            switch_types(registry, None, by=self.by)
        else:
            types = [*sorted(types_there(registry)), *names]
            switch_types(registry, types, by=self.by)

    def _move(self, registry: Registry, name: str) -> None:
        people = registry.organization.memberships.select_related("user__entity")
        if (found := people.named(name).first()) is None:
            raise Invalid("owner", f"Nobody in {registry.organization} is called that.")
        move_ownership(registry, found.user, by=self.by)


class RegistryMemberForm(HolderForm):
    """A person or team with a role in a registry."""

    role = forms.ChoiceField(
        label="Registry role", choices=Role.choose(*GIVEN_ROLES), initial=Role.VIEWER
    )

    def holder(self) -> str:
        """Name the person or team."""
        return str(self.instance.holder)

    def carry_out(self) -> RegistryMember:
        """Give the role, or change the one that was given."""
        registry, role = self.instance.registry, self.cleaned_data["role"]
        if self.instance.pk is None:
            names = [self.cleaned_data["member"].strip()]
            return add_members(registry, names, role, by=self.by)[0]
        seen = self.instance.role
        return change_role(registry, self._who(), role, instead_of=seen, by=self.by)

    def remove(self) -> None:
        """End the role."""
        remove_role(
            self.instance.registry, self._who(), instead_of=self.instance.role, by=self.by
        )

    def _who(self) -> Any:
        return self.instance.team or self.instance.membership.user


class RegistryMemberInline(OperationInline):
    """The roles that were given in a registry."""

    model = RegistryMember
    form = RegistryMemberForm
    fields = ("member", "role")
    related = ("membership__user__entity", "team__entity", "registry__organization")
    permission = Permission.MANAGE_MEMBERS
    verbose_name = "given role"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegistryMember]:
        """Return the grants that have not expired."""
        rows: Any = super().get_queryset(request)
        return cast("QuerySet[RegistryMember]", rows.in_force())


class RegistryAdmin(OperationAdmin):
    """The registries of the person's organizations.

    Of a restricted one without access, name, owner and size, until access is taken.
    """

    change_form = RegistryForm
    consequence = "It goes to the trash, where its Admins can restore it."
    inlines = (RegistryMemberInline,)
    related = ("organization__entity", "owner__user__entity")
    outside = ("label", "organization", "seen_by", "held_by", "size")
    """What is known of a registry without access to it."""
    facts = (*outside, "listed_types", "collection_count", "version_count", "created_at")
    list_display = outside
    list_filter = (OrganizationFilter, "visibility")
    search_fields = ("name",)
    ordering = ("name",)
    actions = ("take",)

    def mine(self, request: HttpRequest, rows: QuerySet[Registry]) -> QuerySet[Registry]:
        """Return the live ones, and whether the person sees into them."""
        seen = Registry.objects.visible_to(request.user).filter(pk=OuterRef("pk"))
        found: Any = super().mine(request, rows)
        return cast("QuerySet[Registry]", found.live().annotate(is_seen=Exists(seen)))

    def grants(self, request: HttpRequest, obj: Registry) -> bool:
        """Say whether there is anything that the person may change."""
        return any(self.offers(request, obj, name) for name in TAKES)

    def offers(self, request: HttpRequest, obj: Registry | None, field: str) -> bool:
        """Ask for what the field takes; a core registry's name is fixed."""
        if obj is None or (obj.is_core and field == "name"):
            return False
        return may(actor(request), TAKES[field], obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may put it into the trash."""
        return obj is None or may(actor(request), Permission.DELETE_REGISTRY, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return no more than the outside of what the person does not see into."""
        if not obj.is_seen:
            return self.outside
        said = {name for name, field in SAID_BY.items() if self.offers(request, obj, field)}
        return tuple(name for name in self.facts if name not in said)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return the roles, if the person sees into the registry."""
        return self.inlines if obj.is_seen else ()

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Lead to the page of what the person sees into."""
        return str(obj.get_absolute_url()) if obj is not None and obj.is_seen else None

    def delete_model(self, request: HttpRequest, obj: Registry) -> None:
        """Put it into the trash."""
        delete_registry(obj, by=actor(request))

    @admin.display(description="registry", ordering="name")
    def label(self, obj: Registry) -> str:
        """Name it as pages do."""
        return obj.display_name

    @admin.display(description="visibility", ordering="visibility")
    def seen_by(self, obj: Registry) -> str:
        """Say who sees it."""
        return obj.get_visibility_display()

    @admin.display(description="owner", ordering="owner__user__entity__name")
    def held_by(self, obj: Registry) -> str:
        """Name its Owner; a core registry has none."""
        return str(obj.owner.user) if obj.owner else ""

    @admin.display(ordering="logical_bytes")
    def size(self, obj: Registry) -> str:
        """Say how much it holds."""
        return filesizeformat(obj.logical_bytes)

    @admin.display(description="accepted types")
    def listed_types(self, obj: Registry) -> str:
        """Name the types that it accepts."""
        if obj.accepts_all_types:
            return "All types"
        return ", ".join(obj.accepted_types.values_list("name", flat=True))

    @admin.action(description="Take access: become Admin", location=EVERYWHERE)
    def take(self, request: HttpRequest, queryset: QuerySet[Registry]) -> None:
        """Become Admin of restricted registries; their Admins are told."""
        for registry in queryset:
            take_access(registry, by=actor(request))
        done = f"You are Admin of {', '.join(map(str, queryset))} now. All Admins are told."
        self.message_user(request, done)
