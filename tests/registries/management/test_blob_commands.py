"""sweep_blobs and verify_blobs."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import CommandError
from django.utils import timezone

from accounts.models import Event
from accounts.permissions import Role
from registries.models import Blob
from registries.operations.blobs import GRACE
from registries.storage import chunks, store
from tests.commands import manage
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    linked_version,
)

pytestmark = pytest.mark.django_db


def lonely_blob() -> Blob:
    staged = store().stage(chunks(BytesIO(b"lonely")))
    store().promote([staged])
    return Blob.objects.create(sha256=staged.sha256, md5=staged.md5, size=staged.size)


def test_a_sweep_condemns_first_and_deletes_later():
    version = linked_version(RegistryFactory())
    blob = lonely_blob()

    first = manage("sweep_blobs").out
    Blob.objects.filter(pk=blob.pk).update(condemned_at=timezone.now() - GRACE * 2)
    second = manage("sweep_blobs").out

    assert "Gave up 0 artifacts" in first
    assert "Condemned 1, spared 0, deleted 0" in first
    assert "Condemned 0, spared 0, deleted 1 (6 B)" in second
    assert not store().exists(blob.sha256)
    assert store().exists(version.artifact.entries.get().blob.sha256)
    assert Event.objects.filter(kind="blobs.sweep").count() == 2


def test_right_bytes_are_right():
    linked_version(RegistryFactory())

    assert manage("verify_blobs").out == "Checked 1 (7 B)."


def test_wrong_and_missing_bytes_are_named_and_the_exit_is_1():
    team = TeamFactory()
    registry = RegistryFactory(organization=team.organization)
    version = linked_version(registry, team=team, files={"a": b"1", "b": b"2", "c": b"3"})
    wrong, missing, _ = (entry.blob for entry in version.artifact.entries.order_by("path"))
    store()._path(wrong.sha256).write_bytes(b"x")
    store().delete(missing.sha256)

    with pytest.raises(CommandError, match="2 of the stored blobs are wrong or missing"):
        manage("verify_blobs")

    event = Event.objects.get(kind="blobs.verify")
    assert event.after["wrong"] == [wrong.sha256]
    assert event.after["missing"] == [missing.sha256]


def test_a_limit_takes_those_checked_longest_ago():
    registry = RegistryFactory()
    version = linked_version(registry, files={"a": b"1", "b": b"2"})
    first = version.artifact.entries.get(path="a").blob
    Blob.objects.update(checked_at=timezone.now())
    Blob.objects.filter(pk=first.pk).update(checked_at=timezone.now() - timedelta(days=1))

    assert manage("verify_blobs", "--limit", 1).out == "Checked 1 (1 B)."

    first.refresh_from_db()
    assert timezone.now() - first.checked_at < timedelta(minutes=1)


@pytest.mark.parametrize("command", ["sweep_blobs", "verify_blobs"])
def test_only_the_installation_administrator_touches_bytes(command):
    admin = MembershipFactory(role=Role.ADMIN).user

    with pytest.raises(CommandError, match="needs the installation administrator"):
        manage(command, "--as", admin)
