"""A person's own page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Invalid
from accounts.forms import PlaceForm, ProfileForm, ThemeForm
from accounts.operations.profile import (
    change_profile,
    choose_default_entity,
    choose_theme,
    switch_shortcuts,
)
from accounts.requests import SignedIn, referring_path


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedIn) -> HttpResponse:
    """Show who is signed in; a POST changes the name."""
    form = ProfileForm(request.POST or None, initial={"full_name": request.user.full_name})
    if request.method == "POST" and form.is_valid():
        try:
            change_profile(request.user, **form.cleaned_data, by=request.actor)
        except Invalid as refusal:
            form.add_error("full_name", str(refusal))
        else:
            messages.success(request, "Name saved.")
            return redirect("accounts:profile")
    theme = ThemeForm(initial={"theme": request.user.theme})
    status = 422 if form.errors else 200
    context = {"form": form, "theme": theme, "place": PlaceForm(request.user)}
    return render(request, "accounts/profile.html", context, status=status)


@require_POST
def theme(request: SignedIn) -> HttpResponse:
    """Choose the colours of the pages, and go back to where the choice was made."""
    choose_theme(request.user, request.POST.get("theme", ""), by=request.actor)
    return redirect(referring_path(request) or "accounts:profile")


@require_POST
def shortcuts(request: SignedIn) -> HttpResponse:
    """Switch the keys of pages on or off."""
    switch_shortcuts(request.user, on="on" in request.POST, by=request.actor)
    messages.success(request, "Keyboard shortcuts saved.")
    return redirect("accounts:profile")


@require_POST
def place(request: SignedIn) -> HttpResponse:
    """Choose where one's runs go that name no team."""
    entity = request.POST.get("entity", "")
    choose_default_entity(request.user, entity, by=request.actor)
    messages.success(request, "Place of runs saved.")
    return redirect("accounts:profile")
