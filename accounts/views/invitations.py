"""The page behind the link of an invitation."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actors import Conflict, Invalid
from accounts.forms import SignUpForm
from accounts.models import Invitation, User
from accounts.operations.invitations import accept_invitation, is_theirs, sign_up_invited
from accounts.requests import Request


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: Request, token: str) -> HttpResponse:
    """Offer the place to whoever has the address; what is not open does not exist."""
    invited = Invitation.objects.select_related(
        "organization__entity", "invited_by__entity"
    )
    found = invited.of_token(token).first()
    if found is None:
        raise Http404
    if isinstance(request.user, User):
        return _accept(request, request.user, found)
    if User.objects.filter(email=found.email).exists():
        return render(request, "accounts/invitation_sign_in.html", {"invitation": found})
    return _sign_up(request, found)


def _accept(request: Request, user: User, found: Invitation) -> HttpResponse:
    if not is_theirs(found, user):
        raise Http404
    if request.method != "POST":
        return render(request, "accounts/invitation.html", {"invitation": found})
    accept_invitation(found, by=request.actor)
    messages.success(request, f"You are in {found.organization} now.")
    return redirect("registries:home", found.organization.name)


def _sign_up(request: Request, found: Invitation) -> HttpResponse:
    """Ask for a name and a password; then sign in."""
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        address = request.actor.address
        try:
            user = sign_up_invited(found, **form.cleaned_data, address=address)
        except (Invalid, Conflict) as refusal:
            form.add_error(getattr(refusal, "field", "username"), str(refusal))
        else:
            home = reverse("registries:home", args=[found.organization.name])
            response: HttpResponse = perform_login(request, user, redirect_url=home)
            return response
    context = {"invitation": found, "form": form}
    status = 422 if form.errors else 200
    return render(request, "accounts/invitation_sign_up.html", context, status=status)
