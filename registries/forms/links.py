"""Forms of linking a version. They check shape only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from registries.forms.base import StrictForm, parts
from registries.models import Registry
from registries.permissions import Permission

PLAIN = {"class": "mono", "autocomplete": "off", "autocapitalize": "none"}
FIELDS = {"alias": "aliases", "type": "collection"}
"""Where what is wrong with an operation's parameter is shown."""


class LinkForm(StrictForm):
    """A version to link: into a collection, under some aliases."""

    conflict_field = "collection"
    denied_fields: ClassVar = {Permission.PROTECT_ALIAS: "aliases"}

    source = forms.CharField(
        label="Version",
        strip=False,
        max_length=512,
        help_text="By its full name: team/project/collection:v3, or that of a registry. "
        "Without a number it is the newest.",
        widget=forms.TextInput(attrs=PLAIN | {"list": "sources", "autofocus": True}),
    )
    registry = forms.ChoiceField(label="Registry")
    collection = forms.CharField(
        label="Collection",
        strip=False,
        help_text="Made where it is missing.",
        widget=forms.TextInput(attrs=PLAIN | {"list": "lines", "maxlength": 128}),
    )
    aliases = forms.CharField(
        label="Aliases",
        required=False,
        strip=False,
        max_length=2000,
        help_text="Several at once: separate them with a comma. latest comes by itself.",
        widget=forms.TextInput(attrs=PLAIN),
    )

    def __init__(self, *left_out: str, registries: Sequence[Registry] = (), **given: Any):
        super().__init__(**given)
        self.registries = {each.full_name: each for each in registries}
        for name in left_out:
            del self.fields[name]
        if "source" in self.fields and "collection" in self.fields:
            self.fields["collection"].required = False
            self.fields[
                "collection"
            ].help_text = "Made where it is missing. Empty: as the version's own."
        if "registry" in self.fields:
            choices = _choices(registries)
            self.fields["registry"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> Registry | None:
        """Return the registry that was chosen, or stands there first."""
        return self.registries.get(str(self["registry"].value()))

    def names(self) -> list[str]:
        """Return the aliases that were typed."""
        return parts(self.cleaned_data["aliases"])

    def refuse(self, field: str, message: str, status: int) -> None:
        """Show why it did not happen, at the field that it is about."""
        super().refuse(FIELDS.get(field, field), message, status)


def _choices(registries: Sequence[Registry]) -> list[tuple[str, str]]:
    """By name; of several organizations with the organization before it."""
    are_of_one = len({each.organization_id for each in registries}) < 2
    return [
        (
            each.full_name,
            each.display_name if are_of_one else f"{each.organization} / {each}",
        )
        for each in registries
    ]
