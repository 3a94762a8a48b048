from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from accounts.actors import Denied
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Artifact, Blob, Draft
from registries.operations.arrivals import note_activity
from registries.operations.artifacts import (
    STALE,
    STALE_DRAFT,
    abandon_stale,
    attach_files,
    begin_artifact,
)
from registries.operations.blobs import sweep_blobs
from registries.operations.projects import ensure_project
from registries.storage import chunks, store
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    acting,
    linked_version,
)

pytestmark = pytest.mark.django_db


def pending(age: timedelta) -> Artifact:
    project = ensure_project(TeamFactory(), "uploads", by=SYSTEM)
    artifact = begin_artifact(project, "model", artifact_type="model", by=SYSTEM)
    staged = store().stage(chunks(BytesIO(str(age).encode())))
    attach_files(artifact, [("file", staged)], by=SYSTEM)
    Artifact.objects.filter(pk=artifact.pk).update(created_at=timezone.now() - age)
    return artifact


def test_what_was_pending_for_a_week_is_given_up_and_its_bytes_condemned():
    old, young = pending(STALE * 2), pending(STALE / 2)
    version = linked_version(RegistryFactory())
    Artifact.objects.filter(pk=version.artifact_id).update(
        created_at=timezone.now() - STALE * 2
    )

    assert abandon_stale(by=SYSTEM) == 1
    sweep_blobs(by=SYSTEM)

    assert set(Artifact.objects.all()) == {young, version.artifact}
    assert Blob.objects.exclude(condemned_at=None).count() == 1
    event = Event.objects.get(kind="artifact.abandon")
    assert event.subject_id == old.pk


def test_a_draft_of_a_program_of_which_nothing_came_for_a_day_is_given_up():
    artifacts = [pending(age) for age in (STALE / 2, STALE * 2, STALE * 2)]
    ages = [STALE_DRAFT * 1.1, STALE_DRAFT * 0.9, STALE_DRAFT * 1.1]
    for artifact, quiet in zip(artifacts, ages, strict=True):
        Draft.objects.create(artifact=artifact, active_at=timezone.now() - quiet)
    note_activity(artifacts[2])

    assert abandon_stale(by=SYSTEM) == 1

    assert set(Artifact.objects.all()) == set(artifacts[1:])


def test_twice_does_nothing_more():
    pending(STALE * 2)
    abandon_stale(by=SYSTEM)

    assert abandon_stale(by=SYSTEM) == 0


def test_only_the_installation_administrator_gives_up_what_others_began():
    pending(STALE * 2)

    with pytest.raises(Denied):
        abandon_stale(by=acting(MembershipFactory(role=Role.ADMIN).user))

    assert Artifact.objects.count() == 1
