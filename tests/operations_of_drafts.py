"""More of the list in `operations.py`: what programs log, and what they change of it."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

from accounts.actors import Conflict, Missing
from registries.models import Artifact, Version
from registries.operations import (
    aliases,
    collections,
    descriptions,
    drafts,
    edits,
    keeping,
    manifests,
)
from registries.operations.arrivals import receive_promised
from registries.operations.collections import add_tag
from registries.operations.drafts import Intent, Promise
from registries.operations.projects import ensure_project
from registries.storage import chunks
from registries.wire.ids import decode
from tests.cast import ANONYMOUS, PEOPLE, RESTRICTED
from tests.doors import Scene
from tests.factories import SYSTEM, logged_version
from tests.operations import CONTENT, DESCRIBED, INSTALLATION, LOGGING, TEAM, Case
from tests.rights import is_allowed

WORDS = b"words"
MD5 = b64encode(hashlib.md5(WORDS).digest()).decode()
DIGEST = hashlib.md5(f"wandb-artifact-manifest-v1\nwords.txt:{MD5}\n".encode()).hexdigest()
DELETING = {"right": "delete_content", **TEAM}
LOGS = {"right": "log_artifacts", **LOGGING}


STRANGERS_THERE = [
    person
    for person in PEOPLE
    if person != ANONYMOUS and not is_allowed("log_artifacts", person, RESTRICTED)
]
"""Who is signed in, and does not see what the team `other` logs."""


def intent(**more: Any) -> Intent:
    """What a program says of an artifact of one file."""
    said = {"artifact_type": "model", "digest": DIGEST, "client_id": "c" * 40}
    return Intent(**said | more)


def project(scene: Scene) -> Any:
    return ensure_project(scene.cast.other, "sdk", by=SYSTEM)


def begun(scene: Scene, **more: Any) -> Artifact:
    return drafts.begin_draft(project(scene), "words", intent(**more), by=SYSTEM)


def manifest(**contents: Any) -> BytesIO:
    """The document that the SDK sends."""
    head = {"version": 1, "storagePolicy": "wandb-storage-policy-v1"}
    return BytesIO(json.dumps(head | {"contents": contents}).encode())


def described(artifact: Artifact, stream: BytesIO, kind: str = "FULL") -> None:
    numbers = lambda text: decode("Artifact", text)  # noqa: E731
    manifests.take_manifest(artifact, stream, kind=kind, numbers=numbers, by=SYSTEM)


def complete(scene: Scene) -> Artifact:
    """A draft of which everything has come."""
    artifact = begun(scene, aliases=["first"], tags=["fresh"])
    [entry] = drafts.promise_files(artifact, [Promise("words.txt", MD5)], by=SYSTEM)
    stream = chunks(BytesIO(WORDS))
    receive_promised(entry, stream, size=len(WORDS), md5=MD5, by=SYSTEM)
    described(artifact, manifest(**{"words.txt": {"digest": MD5, "size": len(WORDS)}}))
    return artifact


def alone(scene: Scene) -> Version:
    """A version that is nowhere linked."""
    return logged_version(scene.cast.other, "alone", files={"a": b"alone"})


def with_alias(scene: Scene) -> Version:
    version = alone(scene)
    aliases.set_alias(version, "kept", by=SYSTEM)
    return version


def with_tag(scene: Scene) -> Version:
    version = alone(scene)
    add_tag(version, "old", by=SYSTEM)
    return version


def expired(scene: Scene) -> Version:
    version = alone(scene)
    Artifact.objects.filter(pk=version.artifact_id).update(
        ttl_seconds=1, created_at=timezone.now() - timedelta(hours=1)
    )
    return version


def trashed(scene: Scene) -> Any:
    return collections.delete_collection(alone(scene).collection, by=SYSTEM)


CASES = [
    Case(
        operation=drafts.begin_draft,
        **LOGS,
        writes="collection.create artifact.begin",
        given=project,
        act=lambda scene, project, by: drafts.begin_draft(
            project, "words", intent(), by=by
        ),
    ),
    Case(
        operation=drafts.promise_files,
        **LOGS,
        writes="artifact.attach",
        given=begun,
        act=lambda scene, artifact, by: drafts.promise_files(
            artifact, [Promise("words.txt", MD5)], by=by
        ),
        again="artifact.attach",
    ),
    Case(
        operation=drafts.commit_draft,
        **LOGS,
        writes="artifact.commit alias.add version.add_tag",
        given=complete,
        act=lambda scene, artifact, by: drafts.commit_draft(artifact, by=by),
    ),
    Case(
        operation=collections.edit_collection,
        variant="of a project",
        **LOGS,
        writes="collection.rename",
        given=alone,
        act=lambda scene, version, by: collections.edit_collection(
            version.collection, name="renamed", by=by
        ),
    ),
    Case(
        operation=edits.change_collection,
        **LOGS,
        writes="collection.rename collection.edit_card",
        given=alone,
        act=lambda scene, version, by: edits.change_collection(
            version.collection, name="renamed", description="# Card", by=by
        ),
    ),
    Case(
        operation=collections.delete_collection,
        variant="of a project",
        **DELETING,
        writes="collection.delete",
        given=alone,
        act=lambda scene, version, by: collections.delete_collection(
            version.collection, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=collections.restore_collection,
        variant="of a project",
        **DELETING,
        writes="collection.restore",
        given=trashed,
        act=lambda scene, source, by: collections.restore_collection(source, by=by),
        again=Conflict,
    ),
    Case(
        operation=keeping.delete_artifact,
        **DELETING,
        writes="alias.remove artifact.delete",
        given=with_alias,
        act=lambda scene, version, by: keeping.delete_artifact(
            version.artifact, with_aliases=True, by=by
        ),
        again=Missing,
    ),
    Case(
        operation=keeping.keep_for,
        **LOGS,
        writes="artifact.change_ttl",
        given=alone,
        act=lambda scene, version, by: keeping.keep_for(version, 3600, by=by),
    ),
    Case(
        operation=keeping.delete_expired,
        right="installation",
        **INSTALLATION,
        writes="artifact.delete",
        given=expired,
        act=lambda scene, _, by: keeping.delete_expired(by=by),
    ),
    Case(
        operation=descriptions.edit_metadata,
        right="edit_description",
        **CONTENT,
        writes=DESCRIBED.replace("description", "metadata"),
        but=dict.fromkeys(
            ("team admin", "organization admin"),
            (200, DESCRIBED.replace("description", "metadata")),
        ),
        act=lambda scene, _, by: descriptions.edit_metadata(
            scene.version, {"accuracy": 0.9}, by=by
        ),
    ),
    Case(
        operation=edits.edit_artifact,
        **LOGS,
        but=dict.fromkeys(STRANGERS_THERE, (404, "")),
        writes="version.add_tag version.remove_tag version.edit_description",
        given=with_tag,
        act=lambda scene, version, by: edits.edit_artifact(
            version.artifact,
            edits.Changes(description="new", tags_to_add=["new"], tags_to_remove=["old"]),
            by=by,
        ),
    ),
    Case(
        operation=aliases.set_aliases,
        right="edit_aliases",
        **CONTENT,
        writes="alias.add alias.add",
        act=lambda scene, _, by: aliases.set_aliases(
            [(scene.version, "one"), (scene.version, "two")], by=by
        ),
    ),
    Case(
        operation=aliases.remove_aliases,
        **LOGS,
        writes="alias.remove",
        given=with_alias,
        act=lambda scene, version, by: aliases.remove_aliases(
            [(version, "kept"), (version, "gone")], by=by
        ),
    ),
]
