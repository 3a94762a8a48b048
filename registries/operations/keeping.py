"""How long artifacts are kept: until they are deleted, or their time is over.

sdk-protocol.md, section 7.3.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.actors import Actor, Conflict, Invalid, Missing, authorize
from accounts.operations.locks import hold
from accounts.operations.users import authorize_installation
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Artifact, Version
from registries.models.collection import LATEST, VersionQuerySet
from registries.operations.aliases import locked, locked_version, put, take_off, touch
from registries.operations.blobs import release
from registries.operations.figures import count_version

INHERIT, NEVER = -1, -2
"""What the SDK sends for what is usual, and for no end."""
FOR_EVER = 0
"""What is kept of it: no end."""
LONGEST = 100 * 365 * 24 * 3600
NAMED = 3
"""How many places a refusal names."""


def ttl_seconds(given: int | None) -> int | None:
    """Return what is kept for a time to live that was sent, in seconds."""
    if given in {None, INHERIT}:
        return None
    if given == NEVER:
        return FOR_EVER
    if not 0 < given <= LONGEST:
        raise Invalid("ttl", "The time to live is 1 second to 100 years.")
    return given


@transaction.atomic
def delete_artifact(artifact: Artifact, *, with_aliases: bool, by: Actor) -> Artifact:
    """Delete an artifact for good, unless it is linked, or has aliases that are to stay.

    Its number is not given again; its bytes go with the next sweeps. Writes
    artifact.delete, and alias.remove for each alias.
    """
    source = locked(artifact.source)
    authorize(by, TeamPermission.DELETE, source)
    found = source.versions.filter(artifact=artifact).select_related("artifact").first()
    if found is None or found.artifact.state != Artifact.State.COMMITTED:
        raise Missing("There is no such artifact.")
    found.collection = source
    hold(Artifact.objects.all()).get(pk=artifact.pk)
    refuse_linked(artifact.versions.all(), str(found), by=by)
    named = [alias for alias in found.aliases.all() if alias.name != LATEST]
    if named and not with_aliases:
        names = ", ".join(alias.name for alias in named)
        raise Conflict(
            f"{found} has the aliases {names}: delete them with it, or move them."
        )
    for alias in found.aliases.all():
        alias.version = found
        take_off(alias, by=by)
    record("artifact.delete", found, by=by, before={"version": found.number})
    found.delete()
    count_version(source, found.artifact, added=-1)
    release(artifact.entries.all())
    Artifact.objects.filter(pk=artifact.pk).update(state=Artifact.State.DELETED)
    touch(source, by=by)
    if newest := source.versions.order_by("-number").first():
        newest.collection = source
        put(newest, LATEST, by=by)
    return artifact


@transaction.atomic
def keep_for(version: Version, ttl_seconds: int | None, *, by: Actor) -> Artifact:
    """Change how long an artifact is kept, in seconds; 0 is for ever, None what is usual.

    What is linked is kept for ever. Writes artifact.change_ttl.
    """
    version = locked_version(version)
    authorize(by, TeamPermission.LOG, version)
    artifact = hold(Artifact.objects.all()).get(pk=version.artifact_id)
    if artifact.ttl_seconds == ttl_seconds:
        return artifact
    if ttl_seconds and artifact.versions.exclude(collection__registry=None).exists():
        raise Conflict(f"{version} is linked into a registry: it is kept.")
    before: dict[str, Any] = {"ttl_seconds": artifact.ttl_seconds}
    artifact.ttl_seconds = ttl_seconds
    artifact.save(update_fields=["ttl_seconds"])
    after = {"ttl_seconds": ttl_seconds}
    record("artifact.change_ttl", version, by=by, before=before, after=after)
    return artifact


def delete_expired(*, by: Actor, now: datetime | None = None) -> int:
    """Delete what is older than it was to be kept, and is linked nowhere; return how many.

    Writes artifact.delete, and alias.remove for each alias, of each.
    """
    authorize_installation(by)
    now = now or timezone.now()
    mortal = Artifact.objects.committed().filter(ttl_seconds__gt=0)
    linked = Version.objects.filter(artifact=OuterRef("pk")).exclude(
        collection__registry=None
    )
    unlinked = mortal.filter(~Exists(linked)).select_related("source__project__entity")
    count = 0
    for artifact in [each for each in unlinked.iterator() if _is_over(each, now)]:
        with suppress(Missing, Conflict):  # deleted, linked or in the trash by now
            count += _expire(artifact, now, by=by)
    return count


def _is_over(artifact: Artifact, now: datetime) -> bool:
    """Say whether the time to live is over; neither database computes it alike."""
    seconds = artifact.ttl_seconds
    return bool(seconds) and artifact.created_at + timedelta(seconds=seconds or 0) < now


@transaction.atomic
def _expire(artifact: Artifact, now: datetime, *, by: Actor) -> bool:
    """Delete an artifact, unless it was decided meanwhile to keep it."""
    locked(artifact.source)
    artifact.refresh_from_db(fields=["ttl_seconds"])
    if not _is_over(artifact, now):
        return False
    delete_artifact(artifact, with_aliases=True, by=by)
    return True


def refuse_linked(versions: VersionQuerySet, what: str, *, by: Actor) -> None:
    """Raise Conflict where one of the versions is in a registry, be it in the trash."""
    linked = versions.exclude(collection__registry=None).order_by("pk")
    if not linked.exists():
        return
    seen = linked.visible_to(by.user) if by.user else linked
    homes = seen.select_related("collection__registry__organization__entity")
    places = [version.full_name for version in homes[:NAMED]]
    where = ", ".join(places) or "where you do not see it"
    raise Conflict(f"{what} is linked: {where}. Unlink it there first.")
