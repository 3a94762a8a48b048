"""Finding what full names name: hidden and missing say the same."""

from __future__ import annotations

from accounts.actors import Actor, Missing, may, require
from accounts.management.finding import find_organization, visible
from accounts.models import User
from accounts.permissions import OrganizationPermission
from accounts.text import fold
from registries.management.names import Name
from registries.models import AccessRequest, Collection, Registry, Version
from registries.permissions import Permission


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


def find_deleted_registry(name: Name, *, by: Actor) -> Registry:
    """Return the registry in the trash that the actor may restore; the last deleted."""
    organization = find_organization(name.organization, by=by)
    deleted = organization.registries.exclude(deleted_at=None).order_by("-deleted_at")
    for registry in deleted.filter(name__iexact=name.registry):
        registry.organization = organization
        if may(by, Permission.DELETE_REGISTRY, registry):
            return registry
    raise Missing(f"There is no registry {name} in the trash.")


def find_restricted_registry(name: Name, *, by: Actor) -> Registry:
    """Return a restricted registry for an Admin of its organization, who may not see it."""
    organization = find_organization(name.organization, by=by)
    require(by, OrganizationPermission.TAKE_ACCESS, organization)
    restricted = organization.registries.live().filter(
        visibility=Registry.Visibility.RESTRICTED
    )
    registry: Registry | None = restricted.named(name.registry).first()
    if registry is None:
        raise Missing(f"There is no restricted registry {name}.")
    return registry


def find_request(registry: Registry, user: User) -> AccessRequest:
    """Return the request of somebody who waits for an answer."""
    waiting = registry.access_requests.filter(answered_at=None, membership__user=user)
    asked = waiting.select_related("membership__user__entity").first()
    if asked is None:
        raise Missing(f"{user} asks for no role in {registry}.")
    return asked
