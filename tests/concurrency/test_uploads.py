"""Uploads from two windows at once, and ends that meet: every file counts once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from accounts.actors import Conflict, Missing
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Artifact, Blob, Entry, Upload, UploadSession, Version
from registries.operations import publications
from registries.operations.artifacts import commit_artifact
from registries.operations.blobs import sweep_blobs
from registries.operations.collections import edit_collection
from registries.operations.publications import Publication
from registries.operations.uploads import (
    announce_files,
    begin_upload,
    cancel_upload,
    finish_upload,
)
from registries.storage import store
from tests.concurrency import anew, at_once, refused, rounds
from tests.factories import SYSTEM, RegistryFactory, acting, linked_version, person
from tests.operations_of_uploads import receive

pytestmark = pytest.mark.django_db(transaction=True)

FILES = {f"{number}.bin": bytes([number]) * 100 for number in range(10)}


@pytest.fixture
def member():
    return person(RegistryFactory(), Role.MEMBER)


@pytest.fixture
def begin(member) -> Callable[[], UploadSession]:
    """Begin an upload of ten files, none of which is there."""
    registry = member.memberships.get().registry_roles.get().registry

    def begin() -> UploadSession:
        publication = Publication(
            registry=registry, collection="c", artifact_type="model", owner=member
        )
        session = begin_upload(publication, by=acting(member))
        files = [(path, len(content)) for path, content in FILES.items()]
        return announce_files(session, files, by=acting(member))

    return begin


def send(session: UploadSession, member, path: str) -> None:
    receive(session, path, FILES[path], by=anew(member))


def send_all(session: UploadSession, member) -> None:
    for path in FILES:
        send(session, member, path)


def test_two_windows_that_send_the_same_files_count_them_once(begin, member):
    session = begin()

    results = at_once(*[partial(send, session, member, path) for path in [*FILES] * 3])

    assert refused(results) == []
    now = UploadSession.objects.get()
    assert (now.received_count, now.received_size) == (10, 1000)
    assert Upload.objects.exclude(blob=None).count() == 10
    assert not list(store().temporary.glob("*"))


def test_announcing_at_once_counts_every_file_once(begin, member):
    session = begin()
    batches = [[(f"more-{number}", 1), *((path, 100) for path in FILES)] for number in "ab"]

    at_once(*[partial(announce_files, session, b, by=anew(member)) for b in batches * 4])

    now = UploadSession.objects.get()
    assert (now.file_count, now.size) == (12, 1002)
    assert Event.objects.filter(kind="artifact.attach").count() == 3


@rounds
def test_an_end_and_a_cancel_that_meet_leave_a_version_or_nothing(begin, member, count):
    for _ in range(count // 8):
        session = begin()
        send_all(session, member)

        results = at_once(
            partial(finish_upload, session, by=anew(member)),
            partial(finish_upload, session, by=anew(member)),
            partial(cancel_upload, session, by=anew(member)),
            partial(send, session, member, "0.bin"),
        )

        assert all(isinstance(r, Conflict | Missing) for r in refused(results))
        assert not UploadSession.objects.exists()
        assert not Upload.objects.exists()
        assert not Artifact.objects.filter(state=Artifact.State.PENDING).exists()
        assert not list(store().temporary.glob("*"))
    linked = Version.objects.filter(collection__registry__isnull=False)
    assert linked.count() <= 1
    assert Entry.objects.count() == 10 * linked.count()


def test_a_rename_while_an_upload_ends_takes_its_version_along(begin, member, monkeypatch):
    session = begin()
    send_all(session, member)
    linked_version(session.registry, "c")
    collection = session.registry.collections.get()
    rename = partial(edit_collection, collection, name="renamed", by=SYSTEM)

    def commit_meanwhile(*args, **kwargs):
        renaming.start()
        renaming.join(0.5)  # as far as it comes: to the lock
        return commit_artifact(*args, **kwargs)

    renaming = threading.Thread(target=lambda: (rename(), connection.close()))
    monkeypatch.setattr(publications, "commit_artifact", commit_meanwhile)
    finish_upload(session, by=anew(member))
    renaming.join(60)

    collection = session.registry.collections.get()
    assert (collection.name, collection.version_count) == ("renamed", 2)


def test_uploading_what_is_being_swept_loses_nothing(begin, member):
    sessions = [begin() for _ in range(3)]

    def sweep_some() -> None:
        for _ in range(10):
            Blob.objects.update(condemned_at="2020-01-01T00:00Z")
            sweep_blobs(by=SYSTEM)

    at_once(*[partial(send_all, each, member) for each in sessions], sweep_some, sweep_some)
    for session in sessions:
        finish_upload(session, by=anew(member))

    sweep_blobs(by=SYSTEM)
    assert Blob.objects.filter(condemned_at=None).count() == 10
    assert all(store().exists(e.blob.sha256) for e in Entry.objects.select_related("blob"))
