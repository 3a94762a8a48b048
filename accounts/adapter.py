"""What allauth asks us."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import User
from accounts.operations.passwords import change_password
from accounts.requests import is_path


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from commands and links that an Admin gives: sign-up is closed."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Name and password do not match.",
        "too_many_login_attempts": "Too many attempts. Try again in five minutes.",
        "enter_current_password": "This is not the current password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Say no: every answer is a page."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Lead to pages of this site only."""
        return is_path(url)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the profile."""
        return reverse("accounts:profile")

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Answer somebody who was deactivated while signing in like a stranger."""
        return redirect("account_login")

    def set_password(self, user: Any, password: str) -> None:
        """Change the password of whoever is signed in, or proved to own the account."""
        assert isinstance(user, User)
        seen = self.request.actor
        by = Actor(user=user, via=seen.via, address=seen.address)
        change_password(user, password, by=by)
