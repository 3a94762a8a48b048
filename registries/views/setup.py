"""The page behind the set-up link: the first account, and its organization."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import setup_link
from accounts.actors import Actor, Conflict, Invalid
from accounts.requests import Request
from registries.forms.organizations import SetUpForm
from registries.operations.organizations import set_up


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: Request, token: str) -> HttpResponse:
    """Make the first account and its organization; then sign in."""
    if not setup_link.is_valid(token):
        raise Http404
    form = SetUpForm(request.POST or None)
    if form.is_valid():
        installing = Actor(None, "web", address=request.actor.address, is_system=True)
        try:
            user = set_up(**form.cleaned_data, by=installing)
        except (Invalid, Conflict) as refusal:
            form.add_error(getattr(refusal, "field", None), str(refusal))
        else:
            response: HttpResponse = perform_login(request, user, redirect_url="/")
            return response
    status = 422 if form.errors else 200
    return render(request, "registries/setup.html", {"form": form}, status=status)
