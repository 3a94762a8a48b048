"""Forms around a registry's settings and roles in it. They check shape only."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.permissions import Role
from registries.forms import ACCEPTED, ICON_NAMES, SEPARATORS, SeenForm, StrictForm, end_of
from registries.models import AccessRequest, Registry
from registries.permissions import GIVEN_ROLES


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
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
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
        typed = self.cleaned_data.get("types", "")
        parts = (part.strip() for part in SEPARATORS.split(typed))
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


class RequestForm(StrictForm):
    """The role that somebody asks for, and what they need it for."""

    conflict_field = "role"

    role = forms.ChoiceField(label="Role")
    message = forms.CharField(
        label="What do you need it for?",
        required=False,
        strip=False,
        help_text="The registry's Admins get it by mail. So do you, when one answers.",
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "placeholder": "Scoring the autumn campaign, until 15 December",
            }
        ),
    )

    def __init__(self, present: Role, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        stronger = [role for role in GIVEN_ROLES if role.rank > present.rank]
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = Role.choose(*stronger)


class AcceptForm(StrictForm):
    """The role that somebody gets who asked for one, and how long."""

    conflict_field = "role"

    role = forms.ChoiceField(label="Role", choices=Role.choose(*GIVEN_ROLES))
    expires_at = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, asked: AccessRequest, data: Any = None) -> None:
        super().__init__(
            data, initial={"role": asked.role}, auto_id=f"accept_{asked.pk}_%s"
        )

    def values(self) -> dict[str, Any]:
        """Return what the operation takes, by its own names."""
        cleaned = self.cleaned_data
        return {"role": cleaned["role"], "expires_at": end_of(cleaned["expires_at"])}


class DeclineForm(StrictForm):
    """Why somebody does not get the role that they asked for."""

    reason = forms.CharField(label="Reason", required=False, max_length=1000)
