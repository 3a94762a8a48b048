"""What a registry is called, which types it accepts, which aliases it protects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from registries.forms.registries import AliasForm, FormerNameForm, GeneralForm, TypesForm
from registries.models import Registry
from registries.operations.contents import (
    append_types,
    protect_alias,
    switch_types,
    types_there,
    unprotect_alias,
)
from registries.operations.registries import edit_registry, release_name
from registries.views.lookups import in_registry
from registries.views.settings import settings_page

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.requests import SignedIn


@require_POST
@in_registry
def general(request: SignedIn, registry: Registry) -> HttpResponse:
    """Change name, description and icon."""
    form = GeneralForm(registry, request.POST)
    if form.is_valid():
        edited = form.carries_out(
            lambda: edit_registry(registry, **form.values(), by=request.actor)
        )
        if edited:
            messages.success(request, "The general settings are saved.")
            names = [registry.organization.name, edited.name]
            address = reverse("registries:settings", args=names)
            to = HttpResponseClientRedirect if request.htmx else redirect
            return to(address)
    return settings_page(request, registry, status=form.status, general_form=form)


@require_POST
@in_registry
def types(request: SignedIn, registry: Registry) -> HttpResponse:
    """Add types, or switch between all types and a list."""
    form = TypesForm(registry, request.POST)
    if form.is_valid():
        saved = form.carries_out(lambda: _save_types(registry, form, by=request.actor))
        if saved:
            return _saved(request, registry, "types", saved)
    return settings_page(request, registry, status=form.status, types_form=form)


def _save_types(registry: Registry, form: TypesForm, *, by: Actor) -> str:
    """Do what the form means by what was before; return what to say."""
    if form.accepts_all():
        switch_types(registry, None, by=by)
        return "Every type is accepted."
    if registry.accepts_all_types:
        switch_types(registry, [*sorted(types_there(registry)), *form.names()], by=by)
        return "Only the types of the list are accepted now."
    new = append_types(registry, form.names(), by=by)
    return f"Added: {', '.join(new)}." if new else "These types were saved already."


@require_POST
@in_registry
def protect(request: SignedIn, registry: Registry) -> HttpResponse:
    """Let only Admins move an alias."""
    form = AliasForm(request.POST)
    if form.is_valid():
        protected = form.carries_out(
            lambda: protect_alias(registry, form.cleaned_data["alias"], by=request.actor)
        )
        if protected:
            return _saved(request, registry, "aliases", f"{protected} is protected.")
    return settings_page(request, registry, status=form.status, alias_form=form)


@require_POST
@in_registry
def unprotect(request: SignedIn, registry: Registry) -> HttpResponse:
    """Let Members move an alias again."""
    form = AliasForm(request.POST)
    if form.is_valid():
        alias = form.cleaned_data["alias"]
        done = form.carries_out(lambda: _unprotect(registry, alias, by=request.actor))
        if done:
            return _saved(request, registry, "aliases", done)
    return settings_page(request, registry, status=form.status, alias_form=form)


def _unprotect(registry: Registry, alias: str, *, by: Actor) -> str:
    unprotect_alias(registry, alias, by=by)
    return f"{alias} is not protected any more: Members can move it."


@require_POST
@in_registry
def release(request: SignedIn, registry: Registry) -> HttpResponse:
    """Give up a former name."""
    form = FormerNameForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        done = form.carries_out(lambda: _release(registry, name, by=request.actor))
        if done:
            return _saved(request, registry, "general", done)
    return settings_page(request, registry, status=form.status, release_form=form)


def _release(registry: Registry, name: str, *, by: Actor) -> str:
    release_name(registry, name, by=by)
    return f"{name} is free: it leads here no more, and another registry can take it."


def _saved(request: SignedIn, registry: Registry, section: str, said: str) -> HttpResponse:
    """Show the section as it is now, with what to say of it."""
    messages.success(request, said, extra_tags=section)
    if request.htmx:
        registry.refresh_from_db()
        return settings_page(request, registry)
    names = [registry.organization.name, registry.name]
    return redirect(f"{reverse('registries:settings', args=names)}#{section}")
