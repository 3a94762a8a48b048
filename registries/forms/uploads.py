"""Forms of uploading a version. They check shape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from accounts import text
from accounts.actors import Invalid, TooLarge
from accounts.models import Team, User
from registries.forms.base import StrictForm, name_input, parts
from registries.models import Collection, Registry
from registries.operations.publications import Publication
from registries.permissions import Permission
from registries.storage import Staged

FIELDS = {"alias": "aliases", "path": "file", "files": "file", "size": "file"}
"""Where what is wrong with an operation's parameter is shown."""


class AliasesForm(StrictForm):
    """The aliases that a version gets when its upload is finished."""

    denied_fields: ClassVar = {Permission.PROTECT_ALIAS: "aliases"}

    aliases = forms.CharField(
        label="Aliases",
        required=False,
        strip=False,
        max_length=2000,
        help_text="Several at once: separate them with a comma. latest comes by itself.",
        widget=name_input({"class": "mono"}),
    )

    def names(self) -> list[str]:
        """Return the aliases that were typed."""
        return parts(self.cleaned_data["aliases"])

    def refuse(self, field: str, message: str, status: int) -> None:
        """Show why it did not happen, at the field that it is about."""
        super().refuse(FIELDS.get(field, field), message, status)


class UploadForm(AliasesForm):
    """A new version: of a collection, or of one that is still to be made."""

    conflict_field = "collection"
    field_order = ("file", "collection", "type", "aliases", "description", "metadata")

    file = forms.FileField(
        label="File",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput,
    )
    collection = forms.CharField(
        label="Collection",
        strip=False,
        help_text="Letters, digits, space, -, _ and .; made where it is missing.",
        widget=name_input({"class": "mono", "maxlength": 128}),
    )
    type = forms.CharField(
        label="Type",
        strip=False,
        widget=forms.TextInput(attrs={"class": "mono", "autocapitalize": "none"}),
    )
    description = forms.CharField(
        label="Description",
        required=False,
        strip=False,
        help_text="What is new in this version. Markdown.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    metadata = forms.CharField(
        label="Metadata",
        required=False,
        strip=False,
        help_text='A JSON object, such as {"accuracy": 0.91}.',
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
    )
    team = forms.ChoiceField(
        label="Kept by",
        required=False,
        help_text="In the project uploads, where its people find it again.",
    )

    def __init__(
        self,
        registry: Registry,
        collection: Collection | None,
        teams: Mapping[str, Team],
        user: User,
        **given: Any,
    ) -> None:
        super().__init__(**given)
        self.registry, self.known, self.user = registry, collection, user
        self.teams = teams
        choices = [("", f"{user.display_name}, alone"), *((name, name) for name in teams)]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]
        if collection is not None:
            del self.fields["collection"], self.fields["type"]
        elif not registry.accepts_all_types:
            names = registry.accepted_types.values_list("name", flat=True)
            self.fields["type"] = forms.ChoiceField(
                label="Type", choices=[(name, name) for name in names]
            )

    def clean_metadata(self) -> Any:
        """Read the document; what it may hold is the operation's."""
        document = self.cleaned_data["metadata"].strip()
        try:
            return text.parse_json(document) if document else {}
        except (Invalid, TooLarge) as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def publication(self) -> Publication:
        """Return what the operations take."""
        cleaned, known = self.cleaned_data, self.known
        return Publication(
            registry=self.registry,
            collection=known.name if known else cleaned["collection"],
            artifact_type=known.type if known else cleaned["type"],
            owner=self.teams.get(cleaned["team"], self.user),
            aliases=self.names(),
            description=cleaned["description"],
            metadata=cleaned["metadata"],
        )

    def staged(self) -> list[tuple[str, Staged]]:
        """Return the file that came along with the form, if one did."""
        file = self.cleaned_data["file"]
        return [(file.name, file.staged)] if file else []
