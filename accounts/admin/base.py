"""What every part of the admin has in common: operations change things, Django never does.

Django's admin saves what a form has put into an instance. Here forms are plain fields, and
the operations of all other doors do the work, with their rules and their events. A page is
done as a whole or not at all; why not stands at the field. Rows of other organizations do
not exist, and there is no second log beside the events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast, override

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation, ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.forms.models import modelform_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.actors import Refusal, forget
from accounts.admin.forms import OperationForm, Refused, actor
from accounts.models import Organization

if TYPE_CHECKING:
    from accounts.models import User

ID = re.compile(r"[0-9]{1,18}")
MOST = 100
"""How many rows stand in one form, and how many organizations in a filter."""
MOST_LISTED = 10_000
EVERYWHERE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
"""Where an action can be chosen: for many rows, and on the page of one."""


def administered(request: HttpRequest) -> QuerySet[Organization]:
    """The organizations that the person runs."""
    return Organization.objects.administered_by(cast("User", request.user))


class OrganizationFilter(admin.SimpleListFilter):
    """Whose rows; for somebody who runs several organizations."""

    title = "organization"
    parameter_name = "organization"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        """Return the person's organizations, if there is a choice."""
        mine = administered(request).order_by("display_name")[:MOST]
        found = [(str(pk), name) for pk, name in mine.values_list("pk", "display_name")]
        return found if len(found) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the rows of the organization that was chosen."""
        value = self.value()
        if value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(organization_id=value)


class CappedPaginator(Paginator):
    """Counts no further than to what anybody pages through."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, or the most that are listed."""
        return cast("QuerySet", self.object_list)[:MOST_LISTED].count()


class OperationAdmin(admin.ModelAdmin):
    """Rows of the organizations that somebody runs, and operations on them."""

    add_form: type[OperationForm] | None = None
    change_form: type[OperationForm] | None = None
    facts: tuple[str, ...] = ()
    """What the page of a row shows, besides fields."""
    related: tuple[str, ...] = ()
    """What a row is shown with."""
    consequence = ""
    """What ends with a row that is removed; where there is none, `delete_model` does not
    exist.
    """

    view_on_site = False
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = CappedPaginator

    def mine(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Return those of the rows that the person may know of."""
        return rows.filter(organization__in=administered(request))

    def grants(self, request: HttpRequest, obj: Any) -> bool:
        """Say whether the person may change the row at all."""
        return False

    def offers(self, request: HttpRequest, obj: Any, field: str) -> bool:
        """Say whether the person may fill in that field of a row, or of a new one."""
        return obj is None or self.grants(request, obj)

    # Who sees and does what

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say whether the person sees any of it."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say yes: the site lets nobody else in, and `mine` finds their rows only."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say whether rows are made here."""
        return self.add_form is not None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may change the row."""
        if self.change_form is None:
            return False
        return obj is None or self.grants(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may remove the row."""
        return bool(self.consequence) and (obj is None or self.grants(request, obj))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Take nothing but the filters of the page: no other column is spelled out."""
        return lookup in {
            getattr(each, "parameter_name", f"{each}__exact")
            for each in self.get_list_filter(request)
        }

    # Rows and forms

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the rows that exist for the person."""
        rows = self.mine(request, super().get_queryset(request))
        return rows.select_related(*self.related) if self.related else rows

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row; one that is missing and one of others are the same 404."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what the page shows besides fields."""
        return () if obj is None else self.facts

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return what the page shows, fields at the end."""
        form = self.get_form(request, obj)
        return [*self.get_readonly_fields(request, obj), *form.base_fields]

    @override
    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        """Return the plain form, with those fields that the person may fill in."""
        form = (self.add_form if obj is None else self.change_form) or OperationForm
        without = {n: None for n in form.base_fields if not self.offers(request, obj, n)}
        return modelform_factory(
            self.model, form=bound(form, request, **without), fields=()
        )

    # What happens

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page; or do what was filled in, all of it or nothing."""
        args = (object_id, form_url, extra_context)
        status = 422
        try:
            response = super().changeform_view(request, *args)
        except Refused as refused:
            request.refused = refused  # type: ignore[attr-defined]  # `bound` hands it on
            status = refused.status
            forget(cast("User", request.user))
            response = super().changeform_view(request, *args)
        if (getattr(response, "context_data", None) or {}).get("errors"):
            response.status_code = status
        return response

    def save_form(self, request: HttpRequest, form: OperationForm, change: Any) -> Model:
        """Make what is new; a change waits until every form of the page is valid."""
        return form.instance if change else form.perform()

    def save_model(
        self, request: HttpRequest, obj: Model, form: OperationForm, change: Any
    ) -> None:
        """Carry the change out."""
        if change and form.has_changed():
            form.perform()

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: Any
    ) -> None:
        """Carry out what was filled in below."""
        for formset in formsets:
            formset.carry_out()

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask before a removal; or remove, and go back with the reason if it is refused."""
        try:
            more = {"consequence": self.consequence}
            return super().delete_view(request, object_id, more)
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            names = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return redirect(names, object_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Remove each of the rows."""
        for obj in queryset:
            self.delete_model(request, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the rows alone: what hangs on them, others may not know of."""
        named = [str(obj) for obj in objs]
        return named, {str(self.opts.verbose_name_plural): len(named)}, set(), []

    def response_action(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> HttpResponse | None:
        """Do something with all that were selected, or with none of them."""
        if not all(map(ID.fullmatch, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("Rows are selected by their number.")
        try:
            with transaction.atomic():
                return super().response_action(request, queryset, action_location)
        except Refusal as refusal:
            self.message_user(request, f"Nothing was changed. {refusal}", messages.ERROR)
            return None

    # The one log

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the events about the row."""
        found = self.get_object(request, unquote(object_id))
        kind = found._meta.concrete_model._meta.model_name
        events = reverse("admin:accounts_event_changelist")
        return redirect(f"{events}?about={kind}-{found.pk}")

    @override
    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[Any]:
        """Say nothing: the event does."""
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Write nothing: the operation has written its event."""

    log_change = log_addition  # type: ignore[assignment]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Write nothing either."""


def bound(
    form: type[OperationForm], request: HttpRequest, **attributes: Any
) -> type[OperationForm]:
    """Return the form as one person fills it in, in one request."""
    given = {
        "by": actor(request),
        "mine": administered(request),
        "refused": getattr(request, "refused", None),
    }
    return type(form.__name__, (form,), given | attributes)
