"""Forms of the sections of a registry's settings. They check shape only."""

from __future__ import annotations

from typing import Any

from django import forms

from registries.forms import ACCEPTED, ICON_NAMES, SEPARATORS, StrictForm
from registries.models import Registry


class GeneralForm(StrictForm):
    """What a registry is called, and what it is for; of a core registry the latter."""

    conflict_field = "name"

    name = forms.CharField(
        label="Name",
        strip=False,
        help_text="A former name leads here until it is released.",
        widget=forms.TextInput(
            attrs={"class": "mono", "maxlength": 113, "autocomplete": "off"}
        ),
    )
    description = forms.CharField(
        label="Description",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    icon = forms.ChoiceField(label="Icon", choices=ICON_NAMES, widget=forms.RadioSelect)

    def __init__(self, registry: Registry, data: Any = None) -> None:
        fields = ("name", "description", "icon")
        super().__init__(data, initial={name: getattr(registry, name) for name in fields})
        if registry.is_core:
            self.fields["name"].required = False
            del self.fields["icon"]

    def values(self) -> dict[str, Any]:
        """Return what the operation takes: what was not sent stays as it is."""
        return {name: self.cleaned_data[name] for name in self.fields if name in self.data}


class TypesForm(StrictForm):
    """Which types a registry accepts: all, or those saved and some more."""

    accepted = forms.ChoiceField(
        label="Accepted artifacts type", choices=ACCEPTED, required=False
    )
    types = forms.CharField(
        label="Types",
        required=False,
        strip=False,
        help_text="Several at once: separate them with a comma. Saved, a type stays.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def names(self) -> list[str]:
        """Return the types that were typed."""
        parts = (part.strip() for part in SEPARATORS.split(self.cleaned_data["types"]))
        return list(filter(None, parts))


class AliasForm(StrictForm):
    """An alias to protect, or to protect no more."""

    alias = forms.CharField(
        label="Alias",
        strip=False,
        widget=forms.TextInput(
            attrs={"class": "mono w-s", "autocomplete": "off", "autocapitalize": "none"}
        ),
    )


class FormerNameForm(StrictForm):
    """A former name to give up."""

    name = forms.CharField(strip=False)


class DeleteForm(StrictForm):
    """The name of the registry that is to go, typed by whoever means it."""

    name = forms.CharField(
        strip=False,
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "off", "autofocus": True}
        ),
    )

    def __init__(self, registry: Registry, data: Any = None) -> None:
        super().__init__(data, auto_id="delete-%s")
        self.wanted = registry.name
        self.fields["name"].label = f"Type {registry.name} to confirm"

    def clean_name(self) -> str:
        """Compare what was typed with the name, letter by letter."""
        name: str = self.cleaned_data["name"]
        if name != self.wanted:
            raise forms.ValidationError("This is not the name of the registry.")
        return name
