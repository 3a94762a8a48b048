"""The events in the admin: read, and nothing else."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import ID, OperationAdmin, OrganizationFilter, administered
from accounts.models import Event, User
from accounts.models.event import NEWEST
from registries.events import known_to
from registries.models import Registry


class AboutFilter(admin.SimpleListFilter):
    """The history of one row, where its page leads: `?about=team-7`."""

    title = "row"
    parameter_name = "about"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        """Return the row that was asked for."""
        value = self.value()
        kind, _, pk = (value or "").partition("-")
        return [(cast("str", value), f"{kind} {pk}")] if ID.fullmatch(pk) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the events about the row; those in a registry, where it is one."""
        kind, _, pk = cast("str", self.value()).partition("-")
        if kind == "registry":
            return queryset.filter(registry_id=pk)
        return queryset.filter(subject_type=kind, subject_id=pk)


class EventAdmin(OperationAdmin):
    """What happened in the person's organizations, but not behind closed doors."""

    facts = (
        *("at", "kind", "actor_name", "via", "address", "organization_name"),
        *("registry_name", "collection_name", "subject_name", "before", "after", "reason"),
    )
    list_display = ("at", "actor_name", "kind", "subject_name", "registry_name", "via")
    list_filter = (AboutFilter, OrganizationFilter)
    search_fields = ("=actor_name", "^kind")
    sortable_by = ()

    def mine(self, request: HttpRequest, rows: QuerySet[Event]) -> QuerySet[Event]:
        """Return what the audit logs of the person's organizations have; or all of it."""
        user = cast("User", request.user)
        if user.is_superuser:
            return rows
        # The numbers and not a subquery: databases find those in an index by time.
        mine = list(administered(request).values_list("pk", flat=True))
        may_know = known_to(user, Registry.objects.filter(organization__in=mine))
        return rows.filter(may_know, organization_id__in=mine)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the newest first, in the order that an index has for the rows."""
        is_everything = cast("User", request.user).is_superuser
        return ("-pk",) if is_everything else NEWEST

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Return the events; texts from before and after are read on their page only."""
        rows: QuerySet[Event] = super().get_queryset(request)
        match: Any = request.resolver_match
        is_list = match.url_name.endswith("_changelist")
        return rows.defer("before", "after", "reason") if is_list else rows
