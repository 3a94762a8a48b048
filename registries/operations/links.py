"""Giving an artifact a version in a registry collection, and taking it away."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts import text
from accounts.actors import Actor, Denied, Invalid, Missing, authorize, may
from accounts.models import Team
from accounts.operations.locks import hold
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Artifact, Collection, Registry, Version
from registries.models.collection import LATEST
from registries.operations import members
from registries.operations.aliases import (
    authorize_aliases,
    lock,
    locked,
    locked_version,
    put,
    take_off,
    touch,
)
from registries.operations.collections import (
    add_collection,
    check_accepted,
    refuse_protected,
)
from registries.operations.figures import count_version
from registries.operations.keeping import FOR_EVER
from registries.operations.numbers import add_version, lock_numbers
from registries.permissions import Permission
from registries.search import index_tag


@transaction.atomic
def link(
    artifact: Artifact,
    registry: Registry,
    name: str,
    *,
    aliases: Sequence[str] = (),
    by: Actor,
) -> Version:
    """Give the artifact the next number in the collection of that name, making one if
    missing.

    It is kept for ever from then on. Linking again gives the same version back. Writes
    version.link, collection.create where the collection is new, artifact.change_ttl where
    it was not to be kept, and alias.add or alias.move for each alias.
    """
    registry = members.locked(registry)
    authorize(by, Permission.LINK_ARTIFACT, registry)
    _authorize_source(artifact, registry, by=by)
    aliases = [text.alias(alias) for alias in text.some(aliases, "aliases")]
    collection = _collection(registry, text.collection_name(name), artifact.type, by=by)
    _lock_source(artifact)
    collection = locked(collection)
    numbers = lock_numbers(collection)
    artifact = _kept_for_ever(artifact, by=by)
    version = collection.versions.filter(artifact=artifact).first()
    if version is None:
        version = add_version(collection, artifact, numbers, by=by)
        record("version.link", version, by=by, after={"version": version.number})
    version.collection = collection
    if wanted := [alias for alias in aliases if alias != LATEST]:
        authorize_aliases(version, wanted, by=by)
    for alias in wanted:
        put(version, alias, by=by)
    return version


def check_link(
    registry: Registry,
    name: str,
    artifact_type: str,
    *,
    aliases: Sequence[str] = (),
    by: Actor,
) -> None:
    """Raise what `link` would raise, before anybody uploads gigabytes for it."""
    authorize(by, Permission.LINK_ARTIFACT, registry)
    check_accepted(registry, text.artifact_type(artifact_type))
    for alias in aliases:
        text.alias(alias)
    collection = registry.collections.named(text.collection_name(name)).first()
    if collection is None:
        authorize(by, Permission.CREATE_COLLECTION, registry)
    elif collection.type != artifact_type:
        raise _wrong_type(collection, artifact_type)
    if registry.protected_aliases.filter(name__in=aliases).exists():
        authorize(by, Permission.PROTECT_ALIAS, registry)


@transaction.atomic
def unlink(version: Version, *, by: Actor) -> None:
    """Take a version out of its registry collection, for good; its number is not given
    again.

    While a protected alias is on it, only Admins may. Writes version.unlink, and
    alias.remove for each alias that was on it.
    """
    if version.registry is None:
        raise Invalid("version", f"{version} is not in a registry.")
    members.locked(version.registry)
    found = locked_version(version)
    collection = found.collection
    authorize(by, Permission.UNLINK_ARTIFACT, found)
    held = list(found.aliases.all())
    refuse_protected(found, [alias.name for alias in held], by=by)
    for alias in held:
        alias.version = found
        take_off(alias, by=by)
    record("version.unlink", found, by=by, before={"version": found.number})
    tags = list(found.tags.values_list("name", flat=True))
    found.delete()
    for tag in tags:
        index_tag(collection, tag)
    count_version(collection, found.artifact, added=-1)
    touch(collection, by=by)
    if newest := collection.versions.order_by("-number").first():
        newest.collection = collection
        put(newest, LATEST, by=by)


def _authorize_source(artifact: Artifact, registry: Registry, *, by: Actor) -> None:
    """A home with details only never suffices; only a person takes their own elsewhere."""
    if artifact.state != Artifact.State.COMMITTED:
        raise Missing("There is no such artifact.")
    source = artifact.source.project
    team = Team.objects.filter(entity=source.entity_id).first() if source else None
    if team is not None and team.organization_id != registry.organization_id:
        raise Missing("There is no such artifact.")
    here = artifact.versions.select_related("collection__registry__organization").filter(
        collection__registry__organization=registry.organization_id
    )
    if may(by, TeamPermission.LOG, artifact) or any(
        may(by, Permission.DOWNLOAD_ARTIFACT, version) for version in here
    ):
        return
    if may(by, TeamPermission.VIEW, artifact) or any(
        may(by, Permission.VIEW_ARTIFACT, version) for version in here
    ):
        raise Denied(
            "Linking needs the role Member in the artifact's project, or Viewer in a "
            "registry that has it; an Admin there can give it.",
            Permission.DOWNLOAD_ARTIFACT,
            registry,
        )
    raise Missing("There is no such artifact.")


def _lock_source(artifact: Artifact) -> None:
    """Lock where it was logged, which is not deleted meanwhile; sources come first."""
    if not lock(artifact.source).is_live:
        raise Missing("There is no such artifact.")


def _kept_for_ever(artifact: Artifact, *, by: Actor) -> Artifact:
    """Lock the artifact, still there, against its deletion, and end its time to live."""
    held = hold(Artifact.objects.committed()).select_related("source")
    present = held.filter(pk=artifact.pk).first()
    if present is None:
        raise Missing("There is no such artifact.")
    if present.ttl_seconds:
        before, present.ttl_seconds = {"ttl_seconds": present.ttl_seconds}, FOR_EVER
        present.save(update_fields=["ttl_seconds"])
        after = {"ttl_seconds": FOR_EVER}
        record("artifact.change_ttl", present, by=by, before=before, after=after)
    return present


def _collection(
    registry: Registry, name: str, artifact_type: str, *, by: Actor
) -> Collection:
    collection = registry.collections.named(name).first()
    if collection is None:
        authorize(by, Permission.CREATE_COLLECTION, registry)
        return add_collection(registry, name, artifact_type, by=by)
    if collection.type != artifact_type:
        raise _wrong_type(collection, artifact_type)
    check_accepted(registry, artifact_type)
    return collection


def _wrong_type(collection: Collection, artifact_type: str) -> Invalid:
    return Invalid(
        "type", f"{collection} holds the type {collection.type}, not {artifact_type}."
    )
