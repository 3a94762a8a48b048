"""Uploads from a browser as doors: more of the list in `doors.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from registries.models import UploadSession
from registries.operations.publications import Publication, publish_files
from registries.operations.uploads import (
    announce_files,
    begin_upload,
    cancel_upload,
    finish_upload,
    receive_file,
)
from tests.cast import ANONYMOUS
from tests.doors import OPERATION, Door, Scene, keep
from tests.doors_of_operations import Call, answered
from tests.doors_of_pages import NOTHING, form, of_given, of_version
from tests.operations import file
from tests.rights import is_allowed

UPLOADER = "member"
"""Who began the uploads that are under way."""
BYTES = b"weights"


def new_file(scene: Scene, _: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("weights.bin", BYTES)}


def new_collection(scene: Scene, given: Any) -> dict[str, Any]:
    return new_file(scene, given) | {"collection": "uploaded", "type": "model"}


def publication(scene: Scene, person: str) -> Publication:
    """A version of a new collection, kept by somebody; there is nobody in a visitor."""
    owner = scene.person(UPLOADER if person == ANONYMOUS else person)
    return Publication(
        registry=scene.registry, collection="uploaded", artifact_type="model", owner=owner
    )


def begun(scene: Scene) -> UploadSession:
    return begin_upload(publication(scene, UPLOADER), by=scene.actor(UPLOADER))


def announced(scene: Scene) -> UploadSession:
    files = [("weights.bin", len(BYTES))]
    return announce_files(begun(scene), files, by=scene.actor(UPLOADER))


def complete(scene: Scene) -> UploadSession:
    session, by = announced(scene), scene.actor(UPLOADER)
    receive_file(session, "weights.bin", iter([BYTES]), size=len(BYTES), by=by)
    return session


def only_the_uploader(person: str, kind: str) -> tuple[int, str] | None:
    """To others who might have begun it: 403."""
    may = is_allowed("link_artifact", person, kind)
    return (403, "") if may and person != UPLOADER else None


def uploading(address: str, sent: Any = NOTHING, **more: Any) -> None:
    """A form of an upload that is under way."""
    more = {"at": of_given, "but": only_the_uploader} | more
    form("link_artifact", address, sent, **more)


form(
    "link_artifact",
    "upload",
    new_collection,
    by_htmx=200,
    writes="project.create collection.create artifact.begin artifact.attach "
    "artifact.commit collection.create version.link",
)
form(
    "link_artifact",
    "upload_version",
    new_file,
    at=of_version,
    by_htmx=200,
    writes="project.create collection.create artifact.begin artifact.attach "
    "artifact.commit version.link",
)
uploading(
    "upload_files",
    {"files": [["more.bin", 1]]},
    content_type="application/json",
    given=begun,
    done=200,
    writes="artifact.attach",
)
uploading(
    "upload_file",
    method="put",
    content_type="application/octet-stream",
    body=BYTES,
    at=lambda scene, given: {"pk": given.pk, "path": "weights.bin"},
    given=announced,
    done=204,
    is_quiet=True,
)
uploading(
    "upload_finish",
    {"aliases": "candidate"},
    given=complete,
    by_htmx=200,
    writes="artifact.commit collection.create version.link alias.add",
)
uploading("upload_cancel", given=begun, writes="artifact.abandon")


def operation(function: Callable[..., Any], call: Call, **more: Any) -> None:
    """An operation, for everybody."""
    keep(
        Door(
            right="link_artifact",
            kind=OPERATION,
            place=function.__name__,
            act=answered(call),
            **more,
        )
    )


BEGINNING = "project.create collection.create artifact.begin"

operation(
    publish_files,
    lambda scene, person, _: publish_files(
        publication(scene, person), [file(BYTES)], by=scene.actor(person)
    ),
    writes=f"{BEGINNING} artifact.attach artifact.commit collection.create version.link",
)
operation(
    begin_upload,
    lambda scene, person, _: begin_upload(
        publication(scene, person), by=scene.actor(person)
    ),
    writes=BEGINNING,
)
operation(
    announce_files,
    lambda scene, person, session: announce_files(
        session, [("more.bin", 1)], by=scene.actor(person)
    ),
    given=begun,
    but=only_the_uploader,
    writes="artifact.attach",
)
operation(
    finish_upload,
    lambda scene, person, session: finish_upload(session, by=scene.actor(person)),
    given=complete,
    but=only_the_uploader,
    writes="artifact.commit collection.create version.link",
)
operation(
    cancel_upload,
    lambda scene, person, session: cancel_upload(session, by=scene.actor(person)),
    given=begun,
    but=only_the_uploader,
    writes="artifact.abandon",
)
