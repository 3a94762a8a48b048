"""Whoever holds a role in a team or registry, as a row below it."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.admin.forms import OperationForm


class HolderForm(OperationForm):
    """Somebody who has a role: named where the row is new, fixed where it is there."""

    conflict_field = "member"

    member = forms.CharField(
        strip=False,
        help_text="Username or e-mail.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    role = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["member"].disabled = True
            self.fields["member"].show_hidden_initial = False

    def holder(self) -> str:
        """Name who has the role."""
        raise NotImplementedError

    def present(self) -> dict[str, Any]:
        """Return who has the role, and which."""
        return {"member": self.holder(), "role": self.instance.role}

    def remove(self) -> None:
        """End the role."""
        raise NotImplementedError
