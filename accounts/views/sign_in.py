"""Signing in, out, and forgotten passwords: allauth's views behind our pages."""

from __future__ import annotations

from allauth.account.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetDoneView,
    PasswordResetFromKeyView,
    PasswordResetView,
)
from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse_lazy

RETRY_AFTER = "300"


class Answers:
    """A form that was refused is answered with a status that says so."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again: 422, or 429 after too many attempts."""
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = 422
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = 429
            response["Retry-After"] = RETRY_AFTER
        return response


class SignIn(Answers, LoginView):
    """Ask for name and password."""

    template_name = "accounts/sign_in.html"


class SignOut(LogoutView):
    """Ask first; a POST signs out."""

    template_name = "accounts/sign_out.html"
    http_method_names = ["get", "head", "post"]


class ForgottenPassword(Answers, PasswordResetView):
    """Ask for the address that a link goes to."""

    template_name = "accounts/password_forgotten.html"


class LinkSent(PasswordResetDoneView):
    """Say that a link is on its way, whether or not it is."""

    template_name = "accounts/password_link_sent.html"


class NewPassword(Answers, PasswordResetFromKeyView):
    """Ask whoever comes with a link for a new password."""

    template_name = "accounts/password_new.html"
    success_url = reverse_lazy("account_login")


class AnotherPassword(Answers, PasswordChangeView):
    """Ask for the present password and another."""

    template_name = "accounts/password_change.html"
