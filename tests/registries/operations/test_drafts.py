"""What programs log, where the wire does not reach; the rest is in the wire's tests."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from accounts.actors import Conflict, Invalid, TooLarge
from registries.models import Artifact, Draft
from registries.operations import drafts
from registries.operations.artifacts import abandon_artifact
from registries.operations.drafts import (
    Intent,
    Promise,
    begin_draft,
    commit_draft,
    promise_files,
    set_base,
)
from registries.operations.manifests import take_manifest
from registries.operations.projects import ensure_project
from registries.operations.runs import start_run
from registries.operations.sources import delete_artifact
from registries.operations.ttl import FOR_EVER, ttl_seconds
from registries.wire.ids import decode
from tests.factories import SYSTEM, TeamFactory, logged_version
from tests.registries.wire.saving import manifest

pytestmark = pytest.mark.django_db

REFERENCE = {"digest": "e", "ref": "s3://bucket/key", "size": 7}


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def begin(team):
    """Begin a draft of `uploads/classifier`."""

    def work(digest: str = "0" * 32, *, name: str = "classifier", **more: Any) -> Artifact:
        project = ensure_project(team, "uploads", by=SYSTEM)
        run = more.pop("run", None)
        intent = Intent(artifact_type="model", digest=digest, **more)
        return begin_draft(project, name, intent, run=run, by=SYSTEM)

    return work


def describe(artifact: Artifact, kind: str = "FULL", **contents: Any) -> None:
    stream = BytesIO(manifest(contents))
    numbers = lambda text: decode("Artifact", text)  # noqa: E731
    take_manifest(artifact, stream, kind=kind, numbers=numbers, by=SYSTEM)


def test_an_incremental_version_has_what_its_base_has_and_more(team, begin):
    base = logged_version(team, files={"kept": b"kept", "changed": b"before"})
    draft = begin()
    set_base(draft, base.artifact, by=SYSTEM)
    for _ in range(2):  # its answer was lost
        describe(draft, "INCREMENTAL", changed=REFERENCE, new=REFERENCE)

    version = commit_draft(draft, by=SYSTEM)

    entries = {e.path: e.reference for e in version.artifact.entries.all()}
    uri = REFERENCE["ref"]
    assert entries == {"kept": "", "changed": uri, "new": uri}
    assert version.artifact.size == len("kept") + 2 * 7
    assert version.artifact.digest != "0" * 32


def test_a_base_is_a_version_of_the_same_collection_that_stays(team, begin):
    base, other = logged_version(team), logged_version(team, "other")
    draft = begin()
    for wrong in (other.artifact, begin("1" * 32)):
        with pytest.raises(Invalid, match="version of its own collection"):
            set_base(draft, wrong, by=SYSTEM)
    set_base(draft, base.artifact, by=SYSTEM)
    delete_artifact(base.artifact, with_aliases=True, by=SYSTEM)

    with pytest.raises(Conflict, match="has been deleted"):
        describe(draft, "INCREMENTAL", new=REFERENCE)

    assert Draft.objects.get(artifact=draft).manifest_at is None


def test_what_a_program_says_of_an_artifact_is_checked(team, begin):
    elsewhere = start_run(ensure_project(team, "elsewhere", by=SYSTEM), "r", by=SYSTEM)
    wrong = [
        ("run", {"run": elsewhere}),
        ("storage_region", {"storage_region": "mars"}),
        ("digest", {"digest": ""}),
        ("client_id", {"client_id": "a\0"}),
        ("digest_algorithm", {"digest_algorithm": "crc32"}),
    ]
    for field, values in wrong:
        with pytest.raises(Invalid) as refusal:
            begin(**values)
        assert refusal.value.field == field
    begin(digest_algorithm="xxh128")
    with pytest.raises(Invalid, match="XXH128 digests for life"):
        begin()


def test_a_distributed_artifact_is_one_while_it_is_written(begin):
    first = begin(distributed_id="d", client_id="1" * 40)
    assert begin(distributed_id="d", client_id="2" * 40) == first
    assert begin(distributed_id="d", name="another") != first
    abandon_artifact(first, by=SYSTEM)

    assert begin(distributed_id="d").pk != first.pk


def test_an_artifact_has_no_more_files_than_the_limit(begin, monkeypatch):
    monkeypatch.setattr(drafts, "ENTRY_LIMIT", 2)
    draft = begin()
    promise_files(draft, [Promise("a", "x"), Promise("b", "x")], by=SYSTEM)
    promise_files(draft, [Promise("b", "y")], by=SYSTEM)

    with pytest.raises(TooLarge, match="at most 2 files"):
        promise_files(draft, [Promise("c", "x")], by=SYSTEM)


@pytest.mark.parametrize(
    ("given", "kept"), [(None, 5), (-1, None), (-2, FOR_EVER), (60, 60)]
)
def test_a_time_to_live_is_kept_in_seconds(given, kept):
    assert ttl_seconds(given, 5) == kept


@pytest.mark.parametrize("given", [0, -3, 10**12])
def test_a_time_to_live_that_is_none_is_refused(given):
    with pytest.raises(Invalid):
        ttl_seconds(given, None)
