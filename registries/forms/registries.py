"""Forms of a registry and its settings."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Organization
from registries.forms.base import SeenForm, StrictForm, name_input, parts
from registries.models import Registry

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
        widget=name_input(),
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
        return {
            "name": cleaned["name"],
            "description": cleaned["description"],
            "visibility": cleaned["visibility"],
            "icon": cleaned["icon"],
            "types": None if cleaned["accepted"] == "all" else parts(cleaned["types"]),
        }


class VisibilityForm(StrictForm):
    """Who can see a registry."""

    visibility = forms.ChoiceField(choices=Registry.Visibility)


class GeneralForm(SeenForm):
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
        cleaned = self.cleaned_data
        return {name: cleaned[name] for name in cleaned if name in self.data}


class TypesForm(SeenForm):
    """Which types a registry accepts: all, or those saved and some more."""

    accepted = forms.ChoiceField(
        label="Accepted artifacts type", choices=ACCEPTED, required=False
    )
    types = forms.CharField(
        label="Types",
        required=False,
        strip=False,
        help_text="Several at once: separate them with a comma. Saved, a type stays.",
        widget=name_input(),
    )

    def __init__(self, registry: Registry, data: Any = None) -> None:
        present = "all" if registry.accepts_all_types else "specify"
        super().__init__(data, initial={"accepted": present})

    def accepts_all(self) -> bool:
        """Say what was chosen, or what is: an old page switches nothing back."""
        chosen = self.cleaned_data.get("accepted") or self.initial["accepted"]
        return bool(chosen == "all")

    def names(self) -> list[str]:
        """Return the types that were typed."""
        return parts(self.cleaned_data.get("types", ""))


class AliasForm(StrictForm):
    """An alias to protect, or to protect no more."""

    alias = forms.CharField(
        label="Alias",
        strip=False,
        widget=name_input({"class": "mono w-s"}),
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
