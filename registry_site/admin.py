"""The Django admin, for Admins of organizations and the installation administrator."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast, override

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.options import IS_POPUP_VAR, SOURCE_MODEL_VAR, TO_FIELD_VAR
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver

from accounts.actors import forget
from accounts.admin import ApiKeyAdmin, InvitationAdmin
from accounts.backends import administers
from accounts.models import (
    ApiKey,
    Event,
    Invitation,
    Membership,
    ServiceAccount,
    Team,
    User,
)
from registries.admin import (
    EventAdmin,
    MembershipAdmin,
    RegistryAdmin,
    ServiceAccountAdmin,
    TeamAdmin,
    UserAdmin,
)
from registries.models import Registry

LEFT_OUT = {
    "autocomplete",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "view_on_site",
}
"""What the site's own pages do, and what looks rows up by names that anybody may send."""
POPUPS = {IS_POPUP_VAR, SOURCE_MODEL_VAR, TO_FIELD_VAR}


class Site(AdminSite):
    """The admin.

    Visitors are sent to the ordinary sign-in page from every address below it, be there
    something or not. Of those who are signed in, everybody but organization Admins and the
    installation administrator gets 404, from every address too (rules.md, section 4).
    """

    site_title = "Accession"
    site_header = "Accession"
    index_title = "Admin"

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may see at least something here."""
        return administers(request.user)

    @override
    def admin_view(  # type: ignore[override]
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """Let nobody else in; nor anybody into lists that are not theirs, or by a popup."""
        guarded = super().admin_view(view, cacheable)
        part = getattr(view, "__self__", None)

        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            if isinstance(part, ModelAdmin) and not part.has_view_permission(request):
                raise Http404
            if POPUPS & (request.GET.keys() | request.POST.keys()):
                raise BadRequest("The admin opens no windows.")
            if any("\0" in value for _, each in request.GET.lists() for value in each):
                raise BadRequest("No row holds that.")
            return self._still_here(request, guarded(request, *args, **kwargs))

        return update_wrapper(answer, view)

    def _still_here(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Lead whoever has just lost the right to be here somewhere else."""
        if isinstance(response, HttpResponseRedirect):
            forget(cast("User", request.user))
            if not self.has_permission(request):
                return redirect("/")
        return response

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Return the addresses; people sign in and out where everybody does."""
        return [
            each
            for each in super().get_urls()
            if getattr(each, "name", None) not in LEFT_OUT
        ]


site = Site()
site.register(ApiKey, ApiKeyAdmin)
site.register(Event, EventAdmin)
site.register(Invitation, InvitationAdmin)
site.register(Membership, MembershipAdmin)
site.register(Registry, RegistryAdmin)
site.register(ServiceAccount, ServiceAccountAdmin)
site.register(Team, TeamAdmin)
site.register(User, UserAdmin)
