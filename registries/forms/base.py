"""What every form does: it checks shape only; the rules are the operations'."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import BadRequest

from accounts.actors import Conflict, Denied, Invalid, Permission, TooLarge

STALE = "Somebody else changed this meanwhile. Reload the page."
SEPARATORS = re.compile(r"[,\n\r]+")


class StrictForm(forms.Form):
    """A form that takes its own fields only, and gives an operation's refusal to the field.

    What was typed is kept as it was: an operation trims and normalizes, not the form.
    """

    conflict_field = ""
    denied_fields: ClassVar[Mapping[Permission | None, str]] = {}
    """The fields of which a value may take a permission of its own."""
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
        except Denied as denied:
            if denied.permission not in self.denied_fields:
                raise
            self.refuse(self.denied_fields[denied.permission], str(denied), 403)
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


def name_input(attrs: Mapping[str, Any] | None = None) -> forms.TextInput:
    """Return an input for names, which browsers neither complete nor capitalize."""
    return forms.TextInput(
        {**(attrs or {}), "autocomplete": "off", "autocapitalize": "none"}
    )


def parts(typed: str) -> list[str]:
    """Return what was typed with commas in between, each once."""
    found = (part.strip() for part in SEPARATORS.split(typed))
    return list(dict.fromkeys(filter(None, found)))


def end_of(day: date | None) -> datetime | None:
    """Return the last moment of a day, as roles end with it."""
    return datetime.combine(day, time.max, tzinfo=UTC) if day else None
