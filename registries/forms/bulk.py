"""The forms of what is done with selected rows, which check shape only."""

from __future__ import annotations

from typing import Any

from django import forms

from registries.forms.base import StrictForm, name_input

MOST = 200
"""How many rows are picked, and changed in one request."""
TOLD = 50
"""How many refusals are told."""
ACTIONS = ("tag", "untag", "delete", "unlink")


class ManyField(forms.Field):
    """Every value of a name."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        """Return the values, none where there were none."""
        return list(value or [])


class PickForm(StrictForm):
    """Which rows are meant: those that were picked, or all that match."""

    pick = ManyField(required=False)
    all = forms.BooleanField(required=False)
    match = forms.CharField(required=False, max_length=10_000)

    def clean_pick(self) -> list[int]:
        """Read the ids, of no more rows than are changed at once."""
        picked = self.cleaned_data["pick"]
        if len(picked) > MOST:
            raise forms.ValidationError(f"Select at most {MOST} at once.")
        if not all(each.isascii() and each.isdigit() and len(each) < 19 for each in picked):
            raise forms.ValidationError("This is no selection.")
        return [int(each) for each in picked]


class CompareForm(PickForm):
    """Which two versions are compared: two that were picked, or two numbers."""

    before = forms.IntegerField(required=False, min_value=0)
    after = forms.IntegerField(required=False, min_value=0)


class BulkForm(PickForm):
    """What becomes of which rows, and how far a change of all that match has come."""

    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS])
    tag = forms.CharField(
        label="Tag",
        required=False,
        strip=False,
        max_length=200,
        widget=name_input({"autofocus": True}),
    )
    after = forms.IntegerField(required=False, min_value=0)
    until = forms.IntegerField(required=False, min_value=0)
    changed = forms.IntegerField(required=False, min_value=0)
    refused = forms.IntegerField(required=False, min_value=0)
    refusal = ManyField(required=False)

    def clean_refusal(self) -> list[str]:
        """Keep as many as are told."""
        kept: list[str] = self.cleaned_data["refusal"]
        return kept[:TOLD]
