"""What pages say is stored is what is stored, whatever was done before."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import BytesIO

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import Refusal
from accounts.models import Job
from registries.management.worker import Worker
from registries.models import Artifact, Blob, Collection, Entry, Registry, Version
from registries.operations.artifacts import (
    abandon_artifact,
    abandon_stale,
    attach_files,
    begin_artifact,
    commit_artifact,
)
from registries.operations.blobs import sweep_blobs
from registries.operations.collections import delete_collection, restore_collection
from registries.operations.figures import SOON
from registries.operations.links import link, unlink
from registries.operations.projects import ensure_project
from registries.operations.registries import delete_registry, restore_registry
from registries.operations.trash import purge_trash
from registries.storage import chunks, store
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db

START = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = ["one", "two", "three"]
FILES = st.dictionaries(
    st.sampled_from(["a", "b", "folder/c"]),
    st.integers(0, 60).map(lambda n: bytes([n]) * (n % 7) * n),
    min_size=1,
)
STEPS = (
    *("commit", "link", "link", "unlink", "begin", "abandon") * 3,
    *("delete_collection", "restore_collection", "delete_registry", "restore_registry"),
    *("count", "sweep", "sweep", "purge"),
)


class Keeper(RuleBasedStateMachine):
    """Takes steps, and counts again by hand what is there."""

    steps: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.travel = time_machine.travel(START, tick=False)
        self.now = self.travel.start()
        organization = make_organization()
        for _ in range(2):
            RegistryFactory(organization=organization)
        team = TeamFactory(organization=organization)
        self.project = ensure_project(team, "uploads", by=SYSTEM)

    def teardown(self) -> None:
        try:
            self.count(None)
        finally:
            self.travel.stop()
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @rule(data=st.data())
    def step(self, data):
        """Take any step; what is refused changes nothing."""
        name = data.draw(st.sampled_from(STEPS), "step")
        with suppress(Refusal):
            getattr(self, name)(data)
            self.steps[name] += 1

    def any(self, data, rows):
        """Draw one of the rows; None, and the step is over, where there is none."""
        found = list(rows.order_by("pk"))
        return data.draw(st.sampled_from(found)) if found else None

    def begin(self, data):
        name = data.draw(st.sampled_from(NAMES))
        made = begin_artifact(self.project, name, artifact_type="model", by=SYSTEM)
        for path, content in data.draw(FILES).items():
            attach_files(made, [(path, store().stage(chunks(BytesIO(content))))], by=SYSTEM)

    def commit(self, data):
        self.begin(data)
        commit_artifact(Artifact.objects.latest("pk"), by=SYSTEM)

    def abandon(self, data):
        pending = Artifact.objects.filter(state=Artifact.State.PENDING)
        if found := self.any(data, pending):
            abandon_artifact(found, by=SYSTEM)

    def link(self, data):
        registry = self.any(data, Registry.objects.live().filter(is_core=False))
        if registry and (artifact := self.any(data, Artifact.objects.committed())):
            link(artifact, registry, data.draw(st.sampled_from(NAMES)), by=SYSTEM)

    def unlink(self, data):
        linked = Version.objects.exclude(collection__registry=None)
        if found := self.any(data, linked):
            unlink(found, by=SYSTEM)

    def delete_collection(self, data):
        if found := self.any(data, Collection.objects.exclude(registry=None)):
            delete_collection(found, by=SYSTEM)

    def restore_collection(self, data):
        if found := self.any(data, Collection.objects.exclude(deleted_at=None)):
            restore_collection(found, by=SYSTEM)

    def delete_registry(self, data):
        if Registry.objects.live().filter(is_core=False).count() > 1:
            delete_registry(
                self.any(data, Registry.objects.filter(is_core=False)), by=SYSTEM
            )

    def restore_registry(self, data):
        if found := self.any(data, Registry.objects.exclude(deleted_at=None)):
            restore_registry(found, by=SYSTEM)

    def count(self, data):
        """Let the worker do what is due, and count its figures again too."""
        self.now.shift(timedelta(minutes=1))
        Worker().drain()
        assert not Job.objects.filter(name="count_unique_bytes").exists()
        for place, versions in self.places():
            assert place.unique_bytes == self.held(versions)[2], place

    def sweep(self, data):
        self.now.shift(timedelta(hours=data.draw(st.sampled_from([1, 27]))))
        receipt = sweep_blobs(by=SYSTEM)
        self.steps["swept"] += receipt.deleted

    def purge(self, data):
        self.now.shift(timedelta(days=data.draw(st.sampled_from([1, 1, 31]))))
        abandon_stale(by=SYSTEM)
        purge_trash(by=SYSTEM)

    def places(self):
        """Every collection and registry, with the versions that count there."""
        for collection in Collection.objects.all():
            yield collection, collection.versions.all()
        for registry in Registry.objects.all():
            live = registry.collections.filter(deleted_at=None)
            yield registry, Version.objects.filter(collection__in=live)

    def held(self, versions) -> tuple[int, int, int]:
        """Files, their bytes, and the bytes of the different ones, as on the disk."""
        names = [
            name
            for version in versions
            for name in version.artifact.entries.values_list("blob__sha256", flat=True)
        ]
        sizes = {name: self.disk[name] for name in set(names)}
        return len(names), sum(self.disk[name] for name in names), sum(sizes.values())

    @invariant()
    def nothing_is_lost_and_figures_are_true(self):
        self.steps["all"] += 1
        self.disk = {}
        for file in store().stored():
            content = (store().folder / file.sha256[:2] / file.sha256).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file.sha256
            self.disk[file.sha256] = len(content)
        assert set(Entry.objects.values_list("blob__sha256", flat=True)) <= set(self.disk)
        for place, versions in self.places():
            files, size, _ = self.held(versions)
            said = (place.version_count, place.file_count, place.logical_bytes)
            assert said == (versions.count(), files, size), place
            if isinstance(place, Collection):
                newest = versions.order_by("number").last()
                assert place.newest_size == (newest.artifact.size if newest else 0), place


QUICK = settings(
    max_examples=3, stateful_step_count=40, derandomize=True, phases=[Phase.generate]
)
"""Always the same, and no time spent on making a failure shorter: the long one does."""
LONG = settings(max_examples=10, stateful_step_count=150, print_blob=True)


@pytest.mark.parametrize(
    ("profile", "least"),
    [
        pytest.param(QUICK, 50, id="short"),
        pytest.param(LONG, 1000, id="long", marks=pytest.mark.nightly),
    ],
)
@pytest.mark.timeout(1800)
def test_figures_are_those_of_the_disk_and_nothing_in_use_is_swept(profile, least, figure):
    steps: Counter[str] = Counter()
    machine = type("Counted", (Keeper,), {"steps": steps})
    quiet = settings(profile, database=None, suppress_health_check=list(HealthCheck))

    run_state_machine_as_test(machine, settings=quiet)

    done = ", ".join(f"{count} {name}" for name, count in sorted(steps.items()))
    figure(f"storage at random: {done}; every figure as on the disk")
    assert steps["all"] >= least


def test_changes_of_half_a_minute_are_counted_once():
    version = linked_version(RegistryFactory())
    for name in "abc":
        link(version.artifact, version.registry, name, by=SYSTEM)

    asked = Job.objects.filter(name="count_unique_bytes")
    assert asked.filter(arguments={"registry": version.registry.pk}).count() == 1


def test_what_changes_while_it_is_counted_is_counted_again():
    version = linked_version(RegistryFactory())
    asked = Job.objects.filter(arguments={"registry": version.registry.pk})
    asked.update(claimed_until="2100-01-01T00:00Z")

    link(version.artifact, version.registry, "copy", by=SYSTEM)

    assert asked.filter(claimed_until=None).count() == 1


def test_nothing_is_counted_of_what_is_gone():
    version = linked_version(RegistryFactory())
    Job.objects.update(run_after=START - timedelta(days=10_000))
    version.registry.delete()

    Worker().drain()

    assert not Job.objects.exists()


def test_what_was_there_before_the_figures_is_counted_by_the_migration():
    version = linked_version(RegistryFactory(), files={"a": b"same", "b": b"same"})
    link(version.artifact, version.registry, "copy", by=SYSTEM)
    in_trash = link(version.artifact, version.registry, "gone", by=SYSTEM)
    delete_collection(in_trash.collection, by=SYSTEM)
    for rows in (Collection.objects, Registry.objects):
        rows.update(file_count=0, logical_bytes=0, unique_bytes=0, unique_counted_at=None)
    Collection.objects.update(newest_size=0)

    count = import_module("registries.migrations.0007_count_storage").count
    note = import_module("registries.migrations.0009_note_newest_sizes").note
    for step in (count, note):
        step(apps, connection.schema_editor())

    place = Registry.objects.get(pk=version.registry.pk)
    assert (place.file_count, place.logical_bytes, place.unique_bytes) == (4, 16, 4)
    assert place.unique_counted_at is not None
    for collection in Collection.objects.all():
        held = (collection.file_count, collection.logical_bytes, collection.unique_bytes)
        assert (*held, collection.newest_size) == (2, 8, 4, 8)
    assert Blob.objects.count() == 1


def test_pages_say_what_is_held_and_what_is_kept_of_it(time_machine):
    registry = RegistryFactory()
    version = linked_version(registry, files={"a": b"x" * 1000, "b": b"x" * 1000})
    visitor = signed_in(person(registry))
    pages = [registry.get_absolute_url(), version.collection.get_absolute_url()]

    before = [words(visitor.get(page)) for page in pages]
    time_machine.move_to(timezone.now() + SOON)
    Worker().drain()
    after = [words(visitor.get(page)) for page in pages]

    assert all("Size 2.0 kB in 2 files" in text for text in before + after)
    assert not any("each file once" in text for text in before)
    assert all("Storage 1.0 kB , each file once counted just now" in text for text in after)
