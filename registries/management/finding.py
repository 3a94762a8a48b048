"""Finding what full names name: hidden and missing say the same."""

from __future__ import annotations

from accounts.actors import Actor, Missing
from accounts.management.finding import visible
from accounts.text import fold
from registries.management.names import Name
from registries.models import Collection, Registry, Version


def find_registry(name: Name, *, by: Actor, wanted: str = "registry") -> Registry:
    """Return the live registry of that name, a former one included."""
    registries = visible(Registry.objects.live(), by).select_related("organization__entity")
    found = registries.filter(organization__entity__names__key=fold(name.organization))
    registry: Registry | None = found.named(name.registry).first()
    if registry is None:
        raise Missing(f"There is no {wanted} {name}.")
    return registry


def find_collection(name: Name, *, by: Actor, wanted: str = "collection") -> Collection:
    """Return the live collection of that name."""
    registry = find_registry(name, by=by, wanted=wanted)
    collection = registry.collections.named(name.collection).first()
    if collection is None:
        raise Missing(f"There is no {wanted} {name}.")
    collection.registry = registry
    return collection


def find_version(name: Name, *, by: Actor) -> Version:
    """Return the version that an alias, `latest` or `v<number>` names."""
    collection = find_collection(name, by=by, wanted="version")
    versions = collection.versions.select_related("artifact").filter(
        artifact__state="committed"
    )
    version = versions.called(name.alias).first()
    if version is None:
        raise Missing(f"There is no version {name}.")
    version.collection = collection
    return version
