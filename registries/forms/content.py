"""Forms of collections and versions. They check shape only."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from registries.forms.base import StrictForm, name_input, parts
from registries.models import Collection
from registries.permissions import Permission


class TagsForm(StrictForm):
    """Tags to put on a collection or version."""

    tag = forms.CharField(
        label="Tags",
        strip=False,
        max_length=2000,
        help_text="Words of letters, digits, - and _. Several at once: separate them with "
        "a comma.",
        widget=name_input({"autofocus": True, "list": "known"}),
    )

    def names(self) -> list[str]:
        """Return the tags that were typed."""
        return parts(self.cleaned_data["tag"])


class TagForm(StrictForm):
    """A tag to take off."""

    tag = forms.CharField(strip=False)


class CollectionForm(StrictForm):
    """The name and type of a collection."""

    conflict_field = "name"

    name = forms.CharField(
        label="Name",
        strip=False,
        help_text="Programs address it. The old name leads nowhere, and is free at once.",
        widget=name_input({"class": "mono", "maxlength": 128, "autofocus": True}),
    )
    type = forms.CharField(
        label="Type",
        strip=False,
        required=False,
        widget=forms.TextInput(attrs={"class": "mono", "autocapitalize": "none"}),
    )

    def __init__(self, collection: Collection, data: Any = None) -> None:
        super().__init__(data, initial={"name": collection.name, "type": collection.type})
        registry = collection.registry
        if collection.version_count:
            self.fields["type"].disabled = True
            self.fields["type"].help_text = "It stays while the collection has versions."
        elif registry and not registry.accepts_all_types:
            names = registry.accepted_types.values_list("name", flat=True)
            self.fields["type"] = forms.ChoiceField(
                label="Type", choices=[(name, name) for name in names], required=False
            )

    def values(self) -> dict[str, Any]:
        """Return what the operation takes, by its own names."""
        cleaned = self.cleaned_data
        return {"name": cleaned["name"], "artifact_type": cleaned["type"] or None}

    def refuse(self, field: str, message: str, status: int) -> None:
        """Show why it did not happen, at the field that it is about."""
        super().refuse("name" if field == "collection" else field, message, status)


class TextForm(StrictForm):
    """A text in Markdown, and the mark of the one that was seen."""

    text = forms.CharField(
        label="Text",
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "class": "mono", "maxlength": 1_048_576}),
    )
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)
    preview = forms.CharField(required=False)


class MovingForm(StrictForm):
    """What becomes of an alias, and where it was seen before."""

    def values(self) -> dict[str, str]:
        """Return what the operation takes, by its own names."""
        cleaned = self.cleaned_data
        seen = {"instead_of": cleaned["instead_of"], "reason": cleaned["reason"]}
        return {"name": cleaned["alias"]} | seen


class SetAliasForm(MovingForm):
    """An alias to put on a version."""

    conflict_field = "alias"
    denied_fields: ClassVar = {Permission.PROTECT_ALIAS: "alias"}

    alias = forms.CharField(
        label="Alias",
        strip=False,
        widget=name_input(
            {"class": "mono", "maxlength": 128, "list": "known", "autofocus": True}
        ),
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=1000,
        help_text="It stands in the history of the alias.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    instead_of = forms.CharField(required=False, max_length=12)


class RemoveAliasForm(MovingForm):
    """An alias to take off the version that it was seen on."""

    alias = forms.CharField(strip=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=1000,
        help_text="It stands in the history of the alias.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    instead_of = forms.CharField(max_length=12, widget=forms.HiddenInput)


class MoveForm(StrictForm):
    """A move of an alias to undo."""

    move = forms.IntegerField()
