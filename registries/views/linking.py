"""Linking versions into registries, and unlinking them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.actors import Missing, may, require
from accounts.models import Team
from registries.forms.links import LinkForm
from registries.models import Collection, Registry, Version
from registries.operations.links import link, unlink
from registries.permissions import Permission
from registries.views.asking import ask, done
from registries.views.collections import ALIASES, held
from registries.views.lookups import in_collection, in_registry, in_version
from registries.views.sources import find_source, linking_from, sources

if TYPE_CHECKING:
    from accounts.requests import SignedIn

LONGEST = 512
"""The longest full name that is looked up."""
KNOWN = 50
"""How many collections of the registry the dialog offers."""


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_registry
def into_registry(request: SignedIn, registry: Registry) -> HttpResponse:
    """Ask which version goes into which collection, or link it."""
    return _choose(request, registry, None)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_collection
def into_collection(request: SignedIn, collection: Collection) -> HttpResponse:
    """Ask which version becomes the collection's next one, or link it."""
    assert collection.registry
    return _choose(request, collection.registry, collection)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_version
def elsewhere(request: SignedIn, version: Version) -> HttpResponse:
    """Ask into which registry and collection a version goes too, or link it."""
    require(request.actor, linking_from(version), version)
    form = _form_for(request, version)
    if form.is_valid():
        registry, name = form.chosen(), form.cleaned_data["collection"]
        if linked := _link(request, form, version, registry, name):
            return done(request, linked.get_absolute_url(), _said(version, linked))
    known = _known(form.chosen(), version.artifact.type)
    if request.htmx and request.htmx.target == "lines":
        return render(request, "dialogs/link.html#collections", {"known": known})
    return ask(request, "link", version, form=form, version=version, known=known)


def _form_for(request: SignedIn, version: Version) -> LinkForm:
    """The form of linking one version; another registry than its own is chosen first."""
    registries = _registries(request, version)
    others = [each for each in registries if each != version.registry] or registries
    initial = {
        "registry": request.GET.get("registry") or (others[0].full_name if others else ""),
        "collection": version.collection.name,
    }
    data = request.POST if request.method == "POST" else None
    return LinkForm("source", registries=registries, data=data, initial=initial)


def _choose(
    request: SignedIn, registry: Registry, collection: Collection | None
) -> HttpResponse:
    """Ask for a version by its full name, and where it goes unless that is clear."""
    require(request.actor, Permission.LINK_ARTIFACT, registry)
    typed = request.GET.get("source", "").replace("\0", "")[:LONGEST]
    if request.htmx and request.htmx.target == "sources":
        offered = {"offered": sources(request, registry, typed)}
        return render(request, "dialogs/link.html#sources", offered)
    form = _form_of(request, collection, typed)
    if form.is_valid() and (response := _chosen(request, form, registry, collection)):
        return response
    target = collection or registry
    context = {
        "target": target,
        "offered": sources(request, registry, typed),
        "known": [] if collection else _known(registry, None),
    }
    return ask(request, "link", target, form=form, **context)


def _form_of(request: SignedIn, collection: Collection | None, typed: str) -> LinkForm:
    fixed = ("registry", "collection") if collection else ("registry",)
    data = request.POST if request.method == "POST" else None
    return LinkForm(*fixed, data=data, initial={"source": typed})


def _chosen(
    request: SignedIn, form: LinkForm, registry: Registry, collection: Collection | None
) -> HttpResponse | None:
    """Link the version that was named, or say at the field that there is none."""
    source = find_source(request, form.cleaned_data["source"])
    if source is None:
        form.refuse("source", f"There is no version {form.cleaned_data['source']}.", 422)
        return None
    name = form.cleaned_data.get("collection") or (collection or source.collection).name
    linked = _link(request, form, source, registry, name)
    if linked is None:
        return None
    return done(request, linked.get_absolute_url(), _said(source, linked))


def _link(
    request: SignedIn, form: LinkForm, source: Version, registry: Registry | None, name: str
) -> Version | None:
    if registry is None:
        return None
    aliases, by = form.names(), request.actor
    try:
        return form.carries_out(
            lambda: link(source.artifact, registry, name, aliases=aliases, by=by)
        )
    except Missing:
        form.refuse("source", f"{source} cannot be linked into {registry}.", 422)
        return None


def _said(source: Version, linked: Version) -> str:
    return f"{source} is {linked} in {linked.registry} now."


def _registries(request: SignedIn, version: Version) -> list[Registry]:
    """Those that take the version, of its organization, where the person may link."""
    seen = Registry.objects.visible_to(request.user)
    source = version.artifact.source.project
    team = Team.objects.filter(entity=source.entity_id).first() if source else None
    if team is not None:
        seen = seen.filter(organization=team.organization_id)
    elif version.registry is not None:
        seen = seen.filter(organization=version.registry.organization_id)
    rows = seen.select_related("organization__entity").prefetch_related("accepted_types")
    return [
        registry
        for registry in rows.order_by("-is_core", "name")
        if registry.accepts(version.artifact.type)
        and may(request.actor, Permission.LINK_ARTIFACT, registry)
    ]


def _known(registry: Registry | None, artifact_type: str | None) -> list[str]:
    """Some collections of a registry that could take it, the last changed first."""
    if registry is None:
        return []
    collections = registry.collections.live().order_by("-updated_at", "-id")
    if artifact_type is not None:
        collections = collections.filter(type=artifact_type)
    return list(collections.values_list("name", flat=True)[:KNOWN])


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_version
def remove(request: SignedIn, version: Version) -> HttpResponse:
    """Say what ends with a version's link, or end it."""
    if request.method == "POST":
        unlink(version, by=request.actor)
        address, said = version.collection.get_absolute_url(), f"{version} is unlinked."
        return done(request, address, said, is_gone=True)
    require(request.actor, Permission.UNLINK_ARTIFACT, version)
    return ask(
        request,
        "unlink",
        version,
        version=version,
        held=held(version),
        aliases=list(version.aliases.with_protection()[: ALIASES + 1]),
        most=ALIASES,
    )
