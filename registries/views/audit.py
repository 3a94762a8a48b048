"""What happened in an organization, for its Admins: by filters, in pages, as a file."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actors import require
from accounts.models import Event, Organization, User
from accounts.permissions import OrganizationPermission
from registries.events import LONG, in_audit_log, shortened
from registries.forms.base import end_of
from registries.forms.organizations import AuditForm
from registries.models import Registry
from registries.views.exports import FORMATS
from registries.views.lookups import in_organization
from registries.views.paging import NEWEST_EVENT, page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.requests import SignedIn

SIZE = 40
AT_ONCE = 500
"""Rows of an export that are in memory together."""
COLUMNS = (
    *("id", "at", "kind", "actor_name", "via", "key_id", "address"),
    *("subject_type", "subject_name", "registry_name", "collection_name"),
    *("before", "after", "reason"),
)
SERVER = "system"
"""What events call the server itself; nobody else can have the name."""


@require_safe
@in_organization
def audit(request: SignedIn, organization: Organization) -> HttpResponse:
    """Show the events, the newest first."""
    require(request.actor, OrganizationPermission.VIEW_AUDIT_LOG, organization)
    form = AuditForm(request.GET)
    found = _found(request, organization, form)
    filters = {name: form[name].value() for name in form.fields if form[name].value()}
    context = {
        "organization": organization,
        "form": form,
        "filters": filters,
        "page": page_of(shortened(found), NEWEST_EVENT, request, size=SIZE),
    }
    status = 422 if form.errors else 200
    return render(request, "organization/audit.html", context, status=status)


@require_safe
@in_organization
def export(request: SignedIn, organization: Organization) -> HttpResponseBase:
    """Send the events of the same filters as CSV or JSON, as they are read."""
    require(request.actor, OrganizationPermission.VIEW_AUDIT_LOG, organization)
    form = AuditForm(request.GET)
    found = _found(request, organization, form)
    kind = request.GET.get("format", "")
    if form.errors or kind not in FORMATS:
        raise BadRequest("The export needs a format, csv or json, and filters that hold.")
    content_type, write = FORMATS[kind]
    response = StreamingHttpResponse(
        write(_rows(found), COLUMNS), content_type=content_type
    )
    name = f"{organization.name}-audit-{timezone.now():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _found(
    request: SignedIn, organization: Organization, form: AuditForm
) -> QuerySet[Event]:
    """The events that match; a filter that names nothing here says so, and finds none."""
    events = in_audit_log(organization, request.user)
    if not form.is_valid():
        return events.none()
    wanted = form.cleaned_data
    if name := wanted["actor"]:
        if (actor := _actor(events, organization, name)) is None:
            form.add_error("actor", f"Nobody called {name} did anything here.")
        else:
            events = events.filter(actor)
    if name := wanted["registry"]:
        if registries := _registries(request, organization, name):
            events = events.filter(registry_id__in=registries)
        else:
            form.add_error("registry", f"{organization} has no registry called {name}.")
    return events.none() if form.errors else events.filter(_matches(wanted))


def _actor(events: QuerySet[Event], organization: Organization, name: str) -> Q | None:
    """Who is meant. Of others than the organization's people, those who acted in it."""
    if name.lower() == SERVER:
        return Q(actor_id=None)
    members = User.objects.filter(memberships__organization=organization)
    found = members.named(name).first()
    if found is None and "@" not in name:
        found = User.objects.named(name).first()
        if found is not None and not events.filter(actor_id=found.pk).exists():
            return None
    return None if found is None else Q(actor_id=found.pk)


def _registries(request: SignedIn, organization: Organization, name: str) -> list[int]:
    """The registries of that name; of one that the Admin does not see, only its present."""
    seen = Registry.objects.visible_to(request.user)
    known = organization.registries.filter(
        ~Q(visibility=Registry.Visibility.RESTRICTED)
        | Q(pk__in=seen.values("pk"))
        | Q(names__is_current=True, deleted_at=None),
        names__key=name.lower(),
    )
    return list(known.values_list("pk", flat=True).distinct())


def _matches(wanted: dict[str, Any]) -> Q:
    matches = Q()
    if kind := wanted["kind"]:
        matches &= Q(kind=kind)
    if day := wanted["since"]:
        matches &= Q(at__gte=datetime.combine(day, time(), UTC))
    if day := wanted["until"]:
        matches &= Q(at__lte=end_of(day))
    return matches


def _rows(events: QuerySet[Event]) -> Iterator[Event]:
    """The events some at a time, by key: nothing stays open while they are sent.

    Long texts, of which two together may be two mebibytes, are read one by one.
    """
    rest = NEWEST_EVENT.sort(shortened(events.only(*COLUMNS)))
    rows: deque[Any] = deque(rest[:AT_ONCE])
    while rows:
        row = rows.popleft()
        if row.kind not in LONG:
            row.before, row.after = row.old, row.new
        yield row
        if not rows:
            beyond = NEWEST_EVENT.beyond(NEWEST_EVENT.key(row), forward=True)
            rows.extend(rest.filter(beyond)[:AT_ONCE])
