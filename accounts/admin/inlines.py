"""Rows below a row in the admin: whoever holds a role in a team or a registry."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet, ModelChoiceField
from django.http import HttpRequest

from accounts.actors import Permission, may
from accounts.admin.base import MOST, bound
from accounts.admin.forms import OperationForm, actor


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

    @property
    def named(self) -> str:
        """Whose role it is."""
        return "new" if self.instance.pk is None else self.holder()

    def holder(self) -> str:
        """Name who has the role."""
        raise NotImplementedError

    def present(self) -> dict[str, Any]:
        """Return who has the role, and which."""
        return {"member": self.holder(), "role": self.instance.role}

    def remove(self) -> None:
        """End the role."""
        raise NotImplementedError


class OperationFormSet(BaseInlineFormSet):
    """The rows below a row; the first of them, where there are very many."""

    def get_queryset(self) -> QuerySet:
        """Return the rows that are listed."""
        if not hasattr(self, "_queryset"):
            self._queryset = super().get_queryset()[:MOST]
        return self._queryset

    def add_fields(self, form: Any, index: int | None) -> None:
        """Take no row of another page: it is as unknown as one that does not exist."""
        super().add_fields(form, index)
        cast("ModelChoiceField", form.fields["id"]).queryset = self.queryset
        for name, field in form.fields.items():  # the table's heads are no labels of theirs
            label = field.label or name
            field.widget.attrs["aria-label"] = f"{label}: {form.named}"

    def validate_unique(self) -> None:
        """Leave that to the operations."""

    def carry_out(self) -> None:
        """Remove, change and add what was filled in."""
        gone, forms = self.deleted_forms, cast("list[Any]", self.forms)
        for form in forms:
            if form not in gone and form.has_changed():
                form.perform()
            elif form in gone and form.instance.pk is not None:
                form.remove()


class OperationInline(admin.TabularInline):
    """Rows that belong to another one, changed with it."""

    permission: Permission
    formset = OperationFormSet
    extra = 1
    related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the rows with what they are shown with."""
        return super().get_queryset(request).select_related(*self.related)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the forms as the person may fill them in."""
        form = bound(cast("type[OperationForm]", self.form), request)
        if obj is not None and (count := self._below(request, obj).count()) > MOST:
            self.verbose_name_plural = f"{self.verbose_name}s: the first {MOST} of {count}"
        given = {"form": form, "max_num": 2 * MOST, "absolute_max": 2 * MOST} | kwargs
        return super().get_formset(request, obj, **given)

    def _below(self, request: HttpRequest, obj: Any) -> QuerySet:
        return self.get_queryset(request).filter(**{obj._meta.model_name: obj})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say yes: whoever sees the page sees what is in it."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:  # type: ignore[override]
        """Say whether the person may change who is there."""
        return obj is not None and may(actor(request), self.permission, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say the same of a change."""
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say the same of a removal."""
        return self.has_add_permission(request, obj)
