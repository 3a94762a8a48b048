"""What differs between two artifacts, as the database finds it and as a dictionary does."""

from __future__ import annotations

import random
import time

import pytest
from django.db import connection

from registries.differences import count_files, different_entries, with_former
from registries.models import Artifact, Blob, Entry
from registries.models.ordering import by_bytes
from tests.factories import TeamFactory, logged_version

pytestmark = pytest.mark.django_db

MANY = 10_000


@pytest.fixture
def blobs() -> list[Blob]:
    rows = [Blob(sha256=f"{n:064}", md5=f"{n:024}", size=n) for n in range(3)]
    return Blob.objects.bulk_create(rows)


def artifact(number: int, entries: dict[str, dict]) -> Artifact:
    """An artifact with these entries, whatever they lead to."""
    made = logged_version(TeamFactory(), files={"x": str(number).encode()}).artifact
    made.entries.all().delete()
    Entry.objects.bulk_create(
        Entry(artifact=made, path=path, **fields) for path, fields in entries.items()
    )
    made.file_count = len(entries)
    made.save()
    return made


def contents(blobs: list[Blob]) -> list[dict]:
    """What a path may lead to: each is another content."""
    of_blobs = [{"blob": blob, "digest": blob.md5, "size": blob.size} for blob in blobs]
    references = [
        {"reference": f"s3://bucket/{name}", "digest": digest, "size": size}
        for name, digest, size in (("a", "1", 1), ("a", "2", 1), ("b", "1", 1))
    ]
    return [*of_blobs, *references]


def test_the_database_finds_what_a_dictionary_does(blobs):
    chance, choices = random.Random(4), contents(blobs)
    paths = [f"{folder}/{name}" for folder in ("a", "B", "é") for name in range(40)]
    old, new = (
        {path: chance.choice(choices) for path in chance.sample(paths, 90)} for _ in "12"
    )
    before, after = artifact(1, old), artifact(2, new)

    counts = count_files(before, after)
    rows = list(different_entries(before, after).order_by(by_bytes("path")))
    found = {each.path: each.kind for each in with_former(rows, before, after)}

    expected = dict.fromkeys(old.keys() - new.keys(), "removed")
    expected |= dict.fromkeys(new.keys() - old.keys(), "added")
    expected |= {
        path: "changed" for path in old.keys() & new.keys() if old[path] != new[path]
    }
    assert found == expected
    assert list(found) == sorted(expected, key=str.encode)
    kinds = list(expected.values())
    assert [counts.changed, counts.added, counts.removed] == [
        kinds.count(kind) for kind in ("changed", "added", "removed")
    ]
    assert counts.total == len(old.keys() | new.keys())


@pytest.mark.nightly
@pytest.mark.parametrize("many", [MANY, 10 * MANY])
@pytest.mark.parametrize("different", ["one", "all"])
def test_many_files_are_compared_while_somebody_waits(blobs, figure, different, many):
    same, other = contents(blobs)[:2]
    before = artifact(1, {f"data/{n:06}.bin": same for n in range(many)})
    content = [other if different == "all" or n == many - 1 else same for n in range(many)]
    after = artifact(2, {f"data/{n:06}.bin": each for n, each in enumerate(content)})

    began = time.perf_counter()
    counts = count_files(before, after)
    rows = list(different_entries(before, after).order_by(by_bytes("path"))[:201])
    with_former(rows, before, after)
    taken = time.perf_counter() - began

    figure(
        f"{many:,} files, {different} differ, {connection.vendor}: {taken * 1000:.0f} ms"
    )
    assert counts.different == (many if different == "all" else 1)
    assert len(rows) == min(counts.different, 201)
    assert taken < 0.2 * many / MANY
