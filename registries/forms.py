"""Forms check shape only; the rules are the operations'."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import BadRequest

from accounts.actors import Conflict, Invalid, TooLarge
from accounts.models import Organization
from accounts.permissions import DEFAULT_ROLES, Role
from registries.events import KINDS
from registries.models import Registry
from registries.permissions import GIVEN_ROLES

ACCEPTED = (("all", "All types"), ("specify", "Specify types"))
ICON_NAMES = {
    "registry": "Archive",
    "model": "Cube",
    "dataset": "Drum",
    "rocket": "Rocket",
    "wave": "Wave",
    "eye": "Eye",
    "scale": "Scales",
    "layers": "Layers",
    "flask": "Flask",
    "chart": "Chart",
    "code": "Code",
    "bookmark": "Bookmark",
}
"""What the symbols of a registry are called."""
STALE = "Somebody else changed this meanwhile. Reload the page."
SEPARATORS = re.compile(r"[,\n\r]+")


class StrictForm(forms.Form):
    """A form that takes its own fields only, and gives an operation's refusal to the field.

    What was typed is kept as it was: an operation trims and normalizes, not the form.
    """

    conflict_field = ""
    status = 200

    def full_clean(self) -> None:
        """Refuse fields that the form does not have: nobody sends them by accident."""
        unknown = set(self.data) - set(self.fields) - {"csrfmiddlewaretoken"}
        if unknown:
            raise BadRequest(f"There is no field {', '.join(sorted(unknown))}.")
        super().full_clean()
        if self.errors:
            self.status = 422

    def carries_out[T](self, operation: Callable[[], T]) -> T | None:
        """Return what the operation returns, or None with its refusal at the field."""
        try:
            return operation()
        except Invalid as invalid:
            self.refuse(invalid.field, str(invalid), 422)
        except Conflict as conflict:
            self.refuse(self.conflict_field, str(conflict), 409)
        except TooLarge as too_large:
            self.refuse("", str(too_large), 413)
        return None

    def refuse(self, field: str, message: str, status: int) -> None:
        """Show why it did not happen, at the field that it is about."""
        self.add_error(field if field in self.fields else None, message)
        self.status = status


class SeenForm(StrictForm):
    """A form that sends along what it showed, so that an old page puts nothing back.

    What was left as it was shown stays as it is; what somebody else has changed meanwhile
    is a conflict.
    """

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        shown = " ".join(f"{name}={_mark(self.initial.get(name))}" for name in self.fields)
        self.fields["seen"] = forms.CharField(
            required=False,
            # No id, for a page has several; and browsers would keep what was there before.
            widget=forms.HiddenInput({"id": False, "autocomplete": "off"}),
            initial=shown,
        )

    def clean(self) -> dict[str, Any]:
        """Keep what was changed; refuse what is out of date."""
        cleaned = self.cleaned_data
        parts = (part.partition("=") for part in cleaned.pop("seen", "").split())
        seen = {name: mark for name, _, mark in parts}
        for name in [name for name in cleaned if name in seen and name in self.data]:
            present = _mark(self.initial.get(name))
            if _mark(cleaned[name]) in {seen[name], present}:
                del cleaned[name]
            elif seen[name] != present:
                self.add_error(name, STALE)
        return cleaned

    def full_clean(self) -> None:
        """Say that it is a conflict, where nothing else is wrong."""
        super().full_clean()
        if self.errors and all(list(each) == [STALE] for each in self.errors.values()):
            self.status = 409


def _mark(value: Any) -> str:
    """Return what tells one value of a field from another, in few letters."""
    text = "" if value is None else str(value).replace("\r\n", "\n")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class SetUpForm(forms.Form):
    """The first person and their organization."""

    full_name = forms.CharField(
        label="Your name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
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
        help_text="At least 12 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    display_name = forms.CharField(
        label="Organization",
        max_length=113,
        help_text="As people know it: Northwind Labs.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    organization = forms.CharField(
        label="Organization's short name",
        max_length=63,
        help_text="As addresses and programs have it: northwind.",
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )


class CreateRegistryForm(StrictForm):
    """A new custom registry."""

    conflict_field = "name"

    name = forms.CharField(
        label="Name",
        strip=False,
        help_text="Letters, digits, space, -, _ and .; at most 113 characters.",
        widget=forms.TextInput(
            attrs={"class": "mono", "maxlength": 113, "autocomplete": "off"}
        ),
    )
    description = forms.CharField(
        label="Description",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": "What belongs in here, and what does not?"}
        ),
    )
    icon = forms.ChoiceField(
        label="Icon", choices=ICON_NAMES, initial="registry", widget=forms.RadioSelect
    )
    visibility = forms.ChoiceField(label="Registry visibility", choices=Registry.Visibility)
    accepted = forms.ChoiceField(label="Accepted artifacts type", choices=ACCEPTED)
    types = forms.CharField(
        label="Types",
        required=False,
        strip=False,
        help_text="Several at once: separate them with a comma.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, organization: Organization, data: Any = None) -> None:
        super().__init__(data)
        people = organization.memberships.count()
        role = organization.get_default_role_display()
        self.fields["visibility"].help_text = (
            "Restricted: only you at first; add people and teams afterwards. "
            f"Organization: everybody in {organization}, {people} in all, as {role} "
            "unless given more."
        )

    def values(self) -> dict[str, Any]:
        """Return what the operation takes, by its own names."""
        cleaned = self.cleaned_data
        types = [part.strip() for part in SEPARATORS.split(cleaned["types"])]
        return {
            "name": cleaned["name"],
            "description": cleaned["description"],
            "visibility": cleaned["visibility"],
            "icon": cleaned["icon"],
            "types": None if cleaned["accepted"] == "all" else list(filter(None, types)),
        }


class VisibilityForm(StrictForm):
    """Who can see a registry."""

    visibility = forms.ChoiceField(choices=Registry.Visibility)


def end_of(day: date | None) -> datetime | None:
    """Return the last moment of a day, as roles end with it."""
    return datetime.combine(day, time.max, tzinfo=UTC) if day else None


class AddMemberForm(StrictForm):
    """People and teams, and the role that they get."""

    conflict_field = "member"

    member = forms.CharField(
        label="Member",
        strip=False,
        max_length=10_000,
        help_text="E-mail, username or team. Several at once: separate them with a comma.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    role = forms.ChoiceField(
        label="Registry role", choices=Role.choose(*GIVEN_ROLES), initial=Role.VIEWER
    )
    expires_at = forms.DateField(
        label="Until",
        required=False,
        help_text="The role ends with this day, in UTC.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(label="Reason", required=False, max_length=1000)

    def values(self) -> dict[str, Any]:
        """Return what the operation takes, by its own names."""
        cleaned = self.cleaned_data
        names = (part.strip() for part in SEPARATORS.split(cleaned["member"]))
        return {
            "names": list(dict.fromkeys(filter(None, names))),
            "role": cleaned["role"],
            "expires_at": end_of(cleaned["expires_at"]),
            "reason": cleaned["reason"],
        }


class RoleForm(StrictForm):
    """The role that somebody gets, and the one that was seen before."""

    role = forms.ChoiceField(choices=Role.choose(*GIVEN_ROLES))
    instead_of = forms.ChoiceField(choices=Role.choose(*GIVEN_ROLES), required=False)


class SeenRoleForm(StrictForm):
    """The role that ends."""

    instead_of = forms.ChoiceField(choices=Role.choose(*GIVEN_ROLES))


class OrganizationForm(SeenForm):
    """The settings of an organization."""

    conflict_field = "display_name"

    display_name = forms.CharField(
        label="Display name",
        strip=False,
        widget=forms.TextInput(attrs={"maxlength": 113, "autocomplete": "off"}),
    )
    default_role = forms.ChoiceField(
        label="Default role in registries",
        choices=Role.choose(*DEFAULT_ROLES),
        help_text="What everybody has in a registry with visibility Organization, "
        "unless given more.",
    )
    registry_creators = forms.ChoiceField(
        label="Who creates registries",
        choices=[(Role.MEMBER, "Members and Admins"), (Role.ADMIN, "Only Admins")],
    )
    trash_days = forms.IntegerField(
        label="Days in the trash",
        help_text="How long what was deleted can be restored: 1 to 365 days.",
        widget=forms.NumberInput(attrs={"min": 1, "max": 365}),
    )


class AuditForm(forms.Form):
    """What is looked for among the events; it comes in an address."""

    actor = forms.CharField(
        label="Who",
        required=False,
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "placeholder": "Username or e-mail",
                "autocapitalize": "none",
                "autocomplete": "off",
            }
        ),
    )
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "All kinds"), *((kind, kind) for kind in KINDS)],
    )
    registry = forms.CharField(
        label="Registry",
        required=False,
        max_length=128,
        widget=forms.TextInput(
            attrs={"placeholder": "Name", "autocapitalize": "none", "autocomplete": "off"}
        ),
    )
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """Compare the days."""
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This day is before the first one.")
        return cleaned
