"""More of the list in `operations.py`: publishing, and uploads from a browser."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from accounts.actors import Actor, Conflict, Missing
from accounts.permissions import Role
from registries.models import UploadSession
from registries.operations import publications, uploads
from registries.operations.members import set_role
from registries.operations.publications import Publication
from registries.storage import chunks
from tests.cast import OPEN
from tests.doors import Scene
from tests.factories import SYSTEM
from tests.operations import LOGGING, Case, file

FILES = [("weights.bin", 7), ("tokenizer/vocab.json", 2)]
CONTENT = {"weights.bin": b"weights", "tokenizer/vocab.json": b"{}"}


def publication(scene: Scene, collection: str = "uploaded") -> Publication:
    """A version of a collection that is not there yet, kept by the team `other`."""
    return Publication(
        registry=scene.registry,
        collection=collection,
        artifact_type="model",
        owner=scene.cast.other,
    )


def may_link(scene: Scene) -> None:
    """Let the whole team link, so that only the team's own role decides."""
    set_role(scene.registry, scene.cast.other, Role.MEMBER, by=SYSTEM)


def begun(scene: Scene) -> UploadSession:
    return uploads.begin_upload(publication(scene), by=scene.actor("organization admin"))


def announced(scene: Scene) -> UploadSession:
    by = scene.actor("organization admin")
    return uploads.announce_files(begun(scene), FILES, by=by)


def complete(scene: Scene) -> UploadSession:
    session, by = announced(scene), scene.actor("organization admin")
    for path, content in CONTENT.items():
        receive(session, path, content, by=by)
    return session


def receive(session: UploadSession, path: str, content: bytes, *, by: Actor) -> Any:
    """Send a file as it was announced."""
    stream = chunks(BytesIO(content))
    return uploads.receive_file(session, path, stream, size=len(content), by=by)


UPLOADING: dict[str, Any] = {
    "able": "organization admin",
    "denied": "owner",
    "kind": OPEN,
}
"""Who began it, and somebody who may do more here, but did not begin it."""

CASES = [
    Case(
        operation=publications.publish_files,
        right="link_artifact",
        kinds=(),
        **LOGGING,
        writes="collection.create artifact.begin artifact.attach artifact.commit "
        "collection.create version.link",
        given=may_link,
        act=lambda scene, _, by: publications.publish_files(
            publication(scene), [file(b"fresh")], by=by
        ),
        again="artifact.begin artifact.attach",
    ),
    Case(
        operation=uploads.begin_upload,
        right="link_artifact",
        kinds=(),
        **LOGGING,
        writes="collection.create artifact.begin",
        given=may_link,
        act=lambda scene, _, by: uploads.begin_upload(publication(scene), by=by),
        again="artifact.begin",
    ),
    Case(
        operation=uploads.announce_files,
        right="link_artifact",
        kinds=(),
        **UPLOADING,
        writes="artifact.attach",
        given=begun,
        act=lambda scene, session, by: uploads.announce_files(session, FILES, by=by),
    ),
    Case(
        operation=uploads.finish_upload,
        right="link_artifact",
        kinds=(),
        **UPLOADING,
        writes="artifact.commit collection.create version.link alias.add",
        given=complete,
        act=lambda scene, session, by: uploads.finish_upload(
            session, aliases=["candidate"], by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=uploads.cancel_upload,
        right="link_artifact",
        kinds=(),
        **UPLOADING,
        writes="artifact.abandon",
        given=announced,
        act=lambda scene, session, by: uploads.cancel_upload(session, by=by),
        again=Missing,
    ),
]
