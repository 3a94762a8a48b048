from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from itertools import pairwise

import pytest

from accounts.models import Event
from registries.models import (
    AliasMove,
    Artifact,
    Blob,
    Collection,
    Entry,
    Registry,
    Version,
)
from registries.operations.aliases import set_alias
from registries.operations.artifacts import attach_files, begin_artifact, commit_artifact
from registries.operations.blobs import sweep_blobs
from registries.operations.collections import delete_collection
from registries.operations.links import link, unlink
from registries.operations.projects import ensure_project
from registries.storage import chunks, store
from tests.concurrency import at_once, many, refused
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    linked_version,
    logged_version,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_200_moves_of_one_alias_are_one_after_the_other():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    versions = [
        linked_version(registry, team=team, files={"a": bytes([number])})
        for number in range(5)
    ]

    def ten_moves(offset: int) -> Callable[[], None]:
        def work() -> None:
            for number in range(10):
                set_alias(versions[(number + offset) % 5], "production", by=SYSTEM)

        return work

    assert refused(at_once(*map(ten_moves, range(20)))) == []

    rows = AliasMove.objects.filter(name="production").order_by("pk")
    moves = list(rows.values_list("from_number", "to_number"))
    assert moves[0][0] is None
    assert all(before[1] == after[0] for before, after in pairwise(moves))
    held = versions[0].collection.aliases.get(name="production")
    assert held.version.number == moves[-1][1]
    assert Event.objects.filter(kind__in=["alias.add", "alias.move"]).count() == len(moves)


@pytest.fixture
def publish() -> Callable[[bytes], Version]:
    """Log a file of that content into one collection, in three transactions."""
    project = ensure_project(TeamFactory(), "uploads", by=SYSTEM)

    def work(content: bytes) -> Version:
        artifact = begin_artifact(project, "c", artifact_type="model", by=SYSTEM)
        staged = store().stage(chunks(BytesIO(content)))
        attach_files(artifact, [("file", staged)], by=SYSTEM)
        return commit_artifact(artifact, by=SYSTEM)

    return work


@many
def test_equal_publishes_are_one_version(publish, count):
    versions = at_once(*[partial(publish, b"same")] * count)

    assert {version.pk for version in versions} == {Version.objects.get().pk}
    assert Artifact.objects.get().state == Artifact.State.COMMITTED
    assert Collection.objects.count() == 1
    assert len(list(store().stored())) == Blob.objects.count() == 1
    assert not list(store().temporary.glob("*"))


@many
def test_different_publishes_have_dense_numbers(publish, count):
    versions = at_once(*[partial(publish, bytes([number])) for number in range(count)])

    assert sorted(version.number for version in versions) == list(range(count))
    collection = Collection.objects.get()
    assert collection.version_count == count
    assert collection.versions.called("latest").get().number == count - 1
    assert_bytes_are_there()


def test_publishing_what_is_being_swept_loses_nothing(publish):
    def publish_some() -> None:
        for number in range(10):
            publish(bytes([number]))

    def sweep_some() -> None:
        for _ in range(10):
            Blob.objects.update(condemned_at="2020-01-01T00:00Z")
            sweep_blobs(by=SYSTEM)

    at_once(publish_some, publish_some, publish_some, sweep_some, sweep_some)

    assert Version.objects.count() == 10
    assert_bytes_are_there()
    sweep_blobs(by=SYSTEM)
    assert not Blob.objects.exclude(condemned_at=None).exists()


def assert_bytes_are_there() -> None:
    for entry in Entry.objects.select_related("blob"):
        assert entry.blob is not None
        assert store().exists(entry.blob.sha256)


def test_links_are_one_version_each_whoever_links():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    logged = [
        logged_version(team, str(number), files={"a": bytes([number])})
        for number in range(10)
    ]

    linked = at_once(
        *[partial(link, each.artifact, registry, "c", by=SYSTEM) for each in logged * 3]
    )

    assert sorted({version.number for version in linked}) == list(range(10))
    assert len({version.pk for version in linked}) == 10
    assert_counts_are_true(registry)


def test_linking_unlinking_moving_and_deleting_at_once_keep_the_counts():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    versions = [
        linked_version(registry, f"c{number % 3}", team=team, files={"a": bytes([number])})
        for number in range(9)
    ]

    at_once(
        *[partial(unlink, each, by=SYSTEM) for each in versions[:6]],
        *[partial(link, each.artifact, registry, "c0", by=SYSTEM) for each in versions],
        *[partial(delete_collection, each.collection, by=SYSTEM) for each in versions[:2]],
        *[partial(set_alias, each, "best", by=SYSTEM) for each in versions],
    )

    assert_counts_are_true(registry)
    for collection in registry.collections.live():
        newest = collection.versions.order_by("-number").first()
        assert collection.versions.called("latest").first() == newest


def assert_counts_are_true(registry: Registry) -> None:
    registry.refresh_from_db()
    live = list(registry.collections.live())
    assert registry.collection_count == len(live)
    assert registry.version_count == sum(each.versions.count() for each in live)
    assert all(each.version_count == each.versions.count() for each in live)
