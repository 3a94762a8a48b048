"""Sweeps while the same bytes are used again, step by step, in thousands of orders."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone

from registries.models import Artifact, Blob, Entry, Project, Upload
from registries.operations import blobs
from registries.operations.artifacts import (
    abandon_artifact,
    attach_files,
    begin_artifact,
    commit_artifact,
)
from registries.operations.blobs import GRACE, sweep_blobs
from registries.operations.projects import ensure_project
from registries.storage import chunks, store
from tests.concurrency.turns import Turns
from tests.factories import SYSTEM, TeamFactory

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 100
STEPS = ("_condemn", "_spare", "_delete_one", "_delete_orphan", "_lock")
FEW = pytest.param(0, 10, id="10")
MANY = [
    pytest.param(first, AT_ONCE, id=f"{first}-{first + AT_ONCE}", marks=pytest.mark.nightly)
    for first in range(0, 2000, AT_ONCE)
]


class Place:
    """A project in which one content comes and goes."""

    def __init__(self) -> None:
        self.project: Project = ensure_project(TeamFactory(), "uploads", by=SYSTEM)
        self.content = b""

    def begin(self, name: str) -> Artifact:
        return begin_artifact(self.project, name, artifact_type="model", by=SYSTEM)

    def attach(self, artifact: Artifact) -> None:
        staged = store().stage(chunks(BytesIO(self.content)))
        attach_files(artifact, [("file", staged)], by=SYSTEM)

    def leave(self, condemned: str) -> None:
        """Leave the content behind as an earlier use did: with its row, or without."""
        artifact = self.begin("before")
        self.attach(artifact)
        abandon_artifact(artifact, by=SYSTEM)
        (file,) = store().stored()
        long_ago = timezone.now() - GRACE - timedelta(hours=1)
        moment = long_ago.timestamp()
        os.utime(path(file.sha256), (moment, moment))
        if condemned == "nothing but bytes":
            Blob.objects.all().delete()
        elif condemned == "condemned long ago":
            Blob.objects.update(condemned_at=long_ago, created_at=long_ago)

    def publish(self) -> None:
        artifact = self.begin("published")
        self.attach(artifact)
        commit_artifact(artifact, by=SYSTEM)

    def give_up(self) -> None:
        artifact = self.begin("given-up")
        self.attach(artifact)
        abandon_artifact(artifact, by=SYSTEM)

    def sweep(self) -> None:
        sweep_blobs(by=SYSTEM)

    def clear(self) -> None:
        """Take everything away, so that the next order begins with nothing."""
        self.project.collections.all().delete()
        for hours in (0, 27):
            sweep_blobs(by=SYSTEM, now=timezone.now() + timedelta(hours=hours))
        assert not Blob.objects.exists()
        assert not list(store().stored())


def path(name: str) -> Path:
    return store().folder / name[:2] / name


BEFORE = ["condemned long ago", "nothing but bytes", "left alone"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("first", "count"), [FEW, *MANY])
def test_a_sweep_loses_nothing_that_is_used_again(first, count, monkeypatch, figure):
    place = Place()
    orders: Counter[tuple[str, ...]] = Counter()

    for seed in range(first, first + count):
        place.content = f"bytes of {seed}".encode()
        place.leave(BEFORE[seed % len(BEFORE)])
        turns = Turns(seed)
        with monkeypatch.context() as patched:
            for name in STEPS:
                patched.setattr(blobs, name, turns.stopping(getattr(blobs, name)))
            local = type(store())
            for name in ("promote", "delete"):
                patched.setattr(local, name, turns.stopping(getattr(local, name)))
            turns.take(
                publishing=place.publish, giving_up=place.give_up, sweeping=place.sweep
            )
        orders[tuple(turns.order)] += 1
        entry = Entry.objects.select_related("blob").get()
        assert entry.blob is not None
        assert path(entry.blob.sha256).read_bytes() == place.content, turns.order
        sweep_blobs(by=SYSTEM, now=timezone.now() + GRACE * 2)
        assert path(entry.blob.sha256).read_bytes() == place.content, turns.order
        place.clear()

    figure(f"sweep and re-use: {len(orders)} different orders of {count}, nothing lost")
    assert len(orders) > count / 2
    assert not Upload.objects.exists()
