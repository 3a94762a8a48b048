"""Where everybody arrives: the registries of an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Organization
from registries.events import recent
from registries.models import Registry
from registries.models.star import with_stars
from registries.views.lookups import in_organization
from registries.views.paging import Order, moment, page_of, truth, wants_part, words
from registries.views.remembered import LAST_USED, opened_lately

if TYPE_CHECKING:
    from accounts.requests import SignedIn

CARDS = 24
STARRED_FIRST = Order(
    {"is_starred": truth, "updated_at": moment, "id": int}, descending=True
)


@require_safe
def index(request: SignedIn) -> HttpResponse:
    """Lead to the organization that was used last, or to the first."""
    seen = Organization.objects.visible_to(request.user).select_related("entity")
    last = seen.named(request.COOKIES.get(LAST_USED, "").replace("\0", "")).first()
    organization = last or seen.order_by("pk").first()
    if organization is None:
        return render(request, "registries/nowhere.html")
    return redirect("registries:home", organization.name)


@require_safe
@vary_on_headers("HX-Request")
@in_organization
def home(request: SignedIn, organization: Organization) -> HttpResponse:
    """Show the organization's registries that the person sees."""
    seen = Registry.objects.visible_to(request.user).filter(organization=organization)
    custom = seen.filter(is_core=False).matching(wanted := words(request, "filter"))
    cards = with_stars(custom.for_cards(), request.user)
    page = page_of(cards, STARRED_FIRST, request, size=CARDS)
    context = {"organization": organization, "filter": wanted, "page": page}
    if wants_part(request):
        return render(request, "registries/home.html#custom", context)
    core = with_stars(seen.filter(is_core=True).for_cards(), request.user)
    core = core.order_by(F("is_starred").desc(), "pk")
    events = recent(organization, seen)
    opened = opened_lately(request, organization)
    context |= {"core": core, "totals": seen.totals(), "events": events, "opened": opened}
    return render(request, "registries/home.html", context)
