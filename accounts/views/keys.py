"""A person's API keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts import sdk
from accounts.actors import Conflict, Invalid, Refusal
from accounts.forms import KeyForm, OnceForm, RotateForm
from accounts.models import ApiKey, User
from accounts.operations.keys import issue_api_key, revoke_api_key, rotate_api_key
from accounts.requests import SignedIn

PAGE = 50
DAY = 86_400


@require_safe
def keys(request: SignedIn) -> HttpResponse:
    """List the keys, the newest first."""
    return render(request, "accounts/keys.html", _listed(request))


def _listed(request: SignedIn) -> dict[str, Any]:
    after = request.GET.get("after", "")
    rows = request.user.api_keys.order_by("-pk")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    older = f"?after={shown[-1].pk}" if len(found) > PAGE else ""
    rows_here = {"keys": shown, "older": older, "newer": "?" if after else ""}
    return rows_here | logging_in()


def logging_in(secret: str = "") -> dict[str, str]:
    """Return what logs a program in, with a key or with a place for it."""
    return {"login": sdk.login(secret), "environment": sdk.environment(secret)}


@require_safe
def authorize(request: SignedIn) -> HttpResponse:
    """Lead to a new key."""
    return redirect("accounts:create_key")


@never_cache
@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def create_key(request: SignedIn) -> HttpResponse:
    """Ask for a name; a POST makes the key and shows its secret, once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = issued(request, request.user, form)
        except Invalid as refusal:
            form.add_error("name", str(refusal))
        else:
            shown = {"key": key, "secret": secret, **logging_in(secret)}
            return render(request, "accounts/key_created.html", shown)
    status = 422 if form.errors else 200
    context = {"form": form, "login": sdk.login()}
    return render(request, "accounts/key_new.html", context, status=status)


def issued(request: SignedIn, user: User, form: KeyForm) -> tuple[ApiKey, str]:
    """Issue the key of a form, once."""
    with sent_once(request, form):
        return issue_api_key(
            user,
            name=form.cleaned_data["name"],
            read_only=form.cleaned_data["read_only"],
            expires_at=form.expires_at(),
            by=request.actor,
        )


def rotated(request: SignedIn, key: ApiKey, form: RotateForm) -> tuple[ApiKey, str]:
    """Put another key in the place of one, once."""
    with sent_once(request, form):
        return rotate_api_key(key, hours=form.hours(), by=request.actor)


@contextmanager
def sent_once(request: SignedIn, form: OnceForm) -> Iterator[None]:
    """Let a key be made; a second click or a reload makes no other."""
    sent = f"key-form:{request.user.pk}:{form.cleaned_data['once']}"
    if not cache.add(sent, value=True, timeout=DAY):
        raise Conflict(
            "This form was sent already and made its key. If nobody noted the secret, "
            "revoke that key and create another."
        )
    try:
        yield
    except Refusal:
        cache.delete(sent)
        raise


@never_cache
@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def rotate_key(request: SignedIn, pk: int) -> HttpResponse:
    """Ask before another key takes the place of one; a POST makes it, shown once."""
    key = get_object_or_404(request.user.api_keys, pk=pk)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made, secret = rotated(request, key, form)
        shown = {"key": made, "secret": secret, **logging_in(secret)}
        return render(request, "accounts/key_created.html", shown)
    if not key.is_live:
        return redirect("accounts:keys")
    context = {"key": key, "form": form, **_listed(request)}
    return render(request, "accounts/key_rotate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: SignedIn, pk: int) -> HttpResponse:
    """Ask before revoking a key; a POST revokes it."""
    key = get_object_or_404(request.user.api_keys, pk=pk)
    if request.method == "POST":
        revoke_api_key(key, by=request.actor)
        messages.success(request, f"{key} is revoked. Programs with it are refused now.")
    if request.method == "POST" or key.revoked_at:
        return redirect("accounts:keys")
    return render(request, "accounts/key_revoke.html", {"key": key, **_listed(request)})
