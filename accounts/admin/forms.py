"""Forms of the admin: plain fields, and the operation that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet

from accounts.actors import Conflict, Invalid, Refusal, TooLarge
from accounts.models import Organization

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.actors import Actor
    from accounts.requests import SignedIn

STALE = "Somebody else changed this meanwhile. Reload the page."
STATUS: dict[type[Refusal], int] = {Invalid: 422, Conflict: 409, TooLarge: 413}


def actor(request: HttpRequest) -> Actor:
    """Return who acts, as the middleware has put them on the request."""
    return cast("SignedIn", request).actor


class Refused(Exception):
    """What an operation refused, and the prefix of the form that asked for it."""

    def __init__(self, prefix: str | None, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.prefix = prefix
        self.field = getattr(refusal, "field", "")
        self.status = next(
            code for kind, code in STATUS.items() if isinstance(refusal, kind)
        )


class OperationForm(forms.ModelForm):
    """Plain fields. What they mean is done by an operation, and only by it.

    A model form that writes nothing into its instance: Django would, before any rule is
    asked. Each field sends along what it showed, so that a page from before somebody else's
    change puts nothing back.
    """

    by: Actor
    mine: QuerySet[Organization]
    """The organizations that the person runs."""
    refused: Refused | None = None
    """What the operation said, when the page is shown once more."""
    conflict_field = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial = self.present()
        for field in self.fields.values():
            field.show_hidden_initial = self.instance.pk is not None
        if "organization" in self.fields:
            organization = cast("forms.ModelChoiceField", self.fields["organization"])
            organization.queryset = self.mine.order_by("display_name")
            if self.mine.count() == 1:
                organization.empty_label = None

    def present(self) -> dict[str, Any]:
        """Return what the fields show of a row."""
        return {name: getattr(self.instance, name, "") for name in self.fields}

    def carry_out(self) -> Model:
        """Do what was filled in, and return the row."""
        raise NotImplementedError

    def perform(self) -> Model:
        """Carry it out; say where to show it, if it is refused."""
        try:
            return self.carry_out()
        except tuple(STATUS) as refusal:
            raise Refused(self.prefix, refusal) from refusal

    def full_clean(self) -> None:
        """Refuse fields that the form does not have: nobody sends them by accident."""
        if unknown := {name for name in self._sent() if name not in self.fields}:
            raise BadRequest(f"There is no field {', '.join(sorted(unknown))}.")
        super().full_clean()

    def _sent(self) -> set[str]:
        """The names of the fields that were sent to this form of the page."""
        if self.prefix:
            start = f"{self.prefix}-"
            return {
                name.removeprefix(start) for name in self.data if name.startswith(start)
            }
        inner = {name for name in self.data if "-" in name or name.startswith("_")}
        return set(self.data) - inner - {"csrfmiddlewaretoken"}

    def _post_clean(self) -> None:
        """Refuse what is out of date, instead of writing into the instance."""
        for name in self.changed_data:
            seen = self.data.get(self.add_initial_prefix(name))
            if seen is not None and _plain(seen) != _plain(self[name].initial):
                self.add_error(name, STALE)
        if self.refused is not None and self.refused.prefix == self.prefix:
            field = self.refused.field or self.conflict_field
            self.add_error(field if field in self.fields else None, str(self.refused))


def _plain(value: Any) -> str:
    """What a field sends of a value: without one the empty text, lines end alike."""
    return "" if value is None else str(value).replace("\r\n", "\n")
