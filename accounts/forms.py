"""Forms of accounts. They check shape only; operations know the rules."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    UserTokenForm,
)
from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts.backends import default_entity
from accounts.jobs import enqueue
from accounts.models import Team, User
from accounts.models.user import THEMES

PASSWORD_HINT = "At least 12 characters, not a common password."  # noqa: S105
NEVER = "never"


class PlainFields(forms.Form):
    """A form whose labels stand above their fields only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(PlainFields, LoginForm):
    """E-mail address or username, and password."""

    password = PasswordField(label="Password", autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["login"] = forms.CharField(
            label="E-mail or username", max_length=254, widget=forms.TextInput(attrs=attrs)
        )
        next_one = "password" if self.is_bound else "login"
        self.fields[next_one].widget.attrs["autofocus"] = True

    def user_credentials(self) -> dict[str, str]:
        """Return what EmailBackend looks a person up by."""
        login = self.cleaned_data["login"]
        kind = "email" if "@" in login else "username"
        return {kind: login, "password": self.cleaned_data["password"]}


class ForgottenPasswordForm(ResetPasswordForm):
    """The address that a link is sent to, if a person has it.

    The worker looks: the answer takes as long, and is the same, whoever is asked for.
    """

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    def clean_email(self) -> str:
        """Return the address as accounts have it."""
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Ask the worker for the mail."""
        email: str = self.cleaned_data["email"]
        enqueue("mail_password_reset", address=email)
        return email


class ResetLinkForm(UserTokenForm):
    """Whose link it is; a deactivated account's is dead."""

    def clean(self) -> dict[str, Any]:
        """Check the link."""
        cleaned: dict[str, Any] = super().clean()
        if self.reset_user is None or not self.reset_user.is_active:
            raise get_adapter().validation_error("invalid_password_reset")
        return cleaned


class NewPasswordForm(PlainFields, ResetPasswordKeyForm):
    """The new password of somebody who came with a link."""

    password1 = SetPasswordField(label="New password", help_text=PASSWORD_HINT)
    password2 = PasswordField(label="New password again", autocomplete="new-password")


class AnotherPasswordForm(PlainFields, ChangePasswordForm):
    """The present password, and another."""

    oldpassword = PasswordField(label="Current password", autocomplete="current-password")
    password1 = SetPasswordField(label="New password", help_text=PASSWORD_HINT)
    password2 = PasswordField(label="New password again", autocomplete="new-password")


class SignUpForm(forms.Form):
    """The account of somebody who was invited; the address is the invitation's."""

    full_name = forms.CharField(
        label="Your name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    username = forms.CharField(
        label="Username",
        max_length=63,
        help_text="Letters, digits, - and _. It stands in addresses.",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ProfileForm(forms.Form):
    """What people say about themselves."""

    full_name = forms.CharField(
        label="Full name",
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class ThemeForm(forms.Form):
    """The colours of the pages."""

    theme = forms.ChoiceField(
        choices=[(name, name.title()) for name in THEMES], widget=forms.RadioSelect
    )


class PlaceForm(forms.Form):
    """Where a person's runs go that name no team."""

    entity = forms.ChoiceField(label="Team or person")

    def __init__(self, user: User) -> None:
        super().__init__(initial={"entity": default_entity(user).name})
        teams = Team.objects.live().filter(memberships__membership__user=user)
        names = teams.order_by("entity__name").values_list("entity__name", flat=True)
        self.fields["entity"].choices = [  # type: ignore[attr-defined]
            (user.username, f"{user.username}, your own"),
            *((name, name) for name in names),
        ]


class OnceForm(forms.Form):
    """A form that makes something once, however often it is sent."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class KeyForm(OnceForm):
    """A new API key."""

    name = forms.CharField(
        label="Name",
        max_length=128,
        help_text="Where the key is used, such as the name of a machine.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    days = forms.ChoiceField(
        label="Expires",
        initial="90",
        choices=[
            ("30", "In 30 days"),
            ("90", "In 90 days"),
            ("365", "In 365 days"),
            (NEVER, "Never"),
        ],
    )
    read_only = forms.BooleanField(
        label="Read-only",
        required=False,
        help_text="Programs with this key see and download, and change nothing.",
    )

    def expires_at(self) -> datetime | None:
        """Return when the key ends, None for never."""
        days: str = self.cleaned_data["days"]
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))


class RotateForm(OnceForm):
    """How long the old key goes on."""

    ends = forms.TypedChoiceField(
        label="The old key ends",
        coerce=int,
        choices=[(0, "now"), (1, "in an hour"), (24, "in a day"), (168, "in a week")],
        help_text="Programs that have it are refused from then on.",
    )

    def hours(self) -> int:
        """Return the hours that the old key goes on."""
        return int(self.cleaned_data["ends"])
