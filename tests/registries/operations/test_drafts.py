"""What programs log, where the wire does not reach; the rest is in the wire's tests."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Conflict, Invalid, Missing, TooLarge
from registries.models import Artifact, Draft, Entry, Run
from registries.operations import drafts, manifests
from registries.operations.artifacts import (
    STALE,
    abandon_artifact,
    abandon_stale,
    commit_artifact,
)
from registries.operations.collections import edit_collection
from registries.operations.drafts import (
    Intent,
    Promise,
    begin_draft,
    commit_draft,
    promise_files,
    set_base,
)
from registries.operations.keeping import delete_artifact
from registries.operations.manifests import take_manifest
from registries.operations.projects import ensure_project
from registries.operations.runs import delete_run, start_run
from registries.wire.ids import decode
from tests.factories import SYSTEM, TeamFactory, logged_version
from tests.registries.wire.saving import digest_of, manifest

pytestmark = pytest.mark.django_db

REFERENCE: dict[str, Any] = {"digest": "e", "ref": "s3://bucket/key", "size": 7}


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


def test_a_base_that_goes_while_it_is_added_is_a_conflict(team, begin, monkeypatch):
    base = logged_version(team, files={"one": b"1", "two": b"2"})
    draft = begin()
    set_base(draft, base.artifact, by=SYSTEM)
    check = manifests._refuse_deleted

    def check_and_delete(artifact: Artifact) -> None:
        check(artifact)
        delete_artifact(artifact, with_aliases=True, by=SYSTEM)

    monkeypatch.setattr(manifests, "BATCH", 1)
    monkeypatch.setattr(manifests, "_refuse_deleted", check_and_delete)
    with pytest.raises(Conflict, match="has been deleted"):
        describe(draft, "INCREMENTAL", new=REFERENCE)

    assert Draft.objects.get(artifact=draft).manifest_at is None


def test_a_draft_whose_content_was_there_is_committed_once(begin):
    digest = digest_of({"a": REFERENCE["digest"]})
    first, again = begin(digest), begin(digest)
    for draft in (first, again):
        describe(draft, a=REFERENCE)
    version = commit_draft(first, by=SYSTEM)
    twice = Artifact.objects.get(pk=again.pk)  # as the second of two calls read it

    assert commit_draft(again, by=SYSTEM) == version
    with pytest.raises(Missing):
        commit_draft(twice, by=SYSTEM)


def test_numbers_follow_a_name_that_is_given_meanwhile(team, begin):
    renamed = logged_version(team).collection
    digests = [digest_of({path: REFERENCE["digest"]}) for path in ("a", "b")]
    drafts = [begin(digest) for digest in digests]
    describe(drafts[0], "PATCH", a=REFERENCE)
    describe(drafts[1], "PATCH", b=REFERENCE)
    edit_collection(renamed, name="renamed", by=SYSTEM)

    versions = [commit_draft(drafts[0], by=SYSTEM), commit_artifact(drafts[1], by=SYSTEM)]
    versions.append(logged_version(team, "renamed", files={"later": b""}))

    assert [version.number for version in versions] == [1, 2, 3]
    assert {version.collection for version in versions} == {renamed}


@pytest.mark.parametrize("is_known", [True, False])
def test_nothing_is_logged_by_a_run_that_was_deleted_meanwhile(team, begin, is_known):
    run = start_run(ensure_project(team, "uploads", by=SYSTEM), "r", by=SYSTEM)
    known = logged_version(team).artifact
    delete_run(Run.objects.get(), with_artifacts=False, by=SYSTEM)

    with pytest.raises(Missing):
        begin(known.digest if is_known else "0" * 32, run=run)


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
    first = begin(distributed_id="d", client_id="1" * 40, aliases=("a",))
    assert begin(distributed_id="d", client_id="2" * 40) == first
    with pytest.raises(Invalid, match="at most 200 aliases"):
        begin(distributed_id="d", aliases=[f"b{number}" for number in range(200)])
    assert begin(distributed_id="d", name="another") != first
    abandon_artifact(first, by=SYSTEM)

    assert begin(distributed_id="d", client_id="2" * 40).pk != first.pk


def test_a_run_sent_again_under_another_id_has_what_it_logged(team, begin):
    project = ensure_project(team, "uploads", by=SYSTEM)
    runs = [start_run(project, name, by=SYSTEM) for name in "ab"]
    draft = begin(digest_of({}), client_id="c" * 40, run=runs[0])
    describe(draft)
    version = commit_draft(draft, by=SYSTEM)
    for _ in range(2):
        assert begin(digest_of({}), client_id="c" * 40, run=runs[1]) == version.artifact

    usages = version.artifact.usages.values_list("run", "role")
    assert set(usages) == {(run.pk, "produced") for run in runs}


def test_many_files_go_as_cheaply_as_few(begin):
    """Nothing is read of them: there may be a million."""

    def costs(count: int) -> list[int]:
        contents = {str(number): REFERENCE for number in range(count)}
        digest = digest_of(dict.fromkeys(contents, REFERENCE["digest"]))
        drafts = [begin(digest, client_id=f"{count} {n}") for n in range(3)]
        for draft in drafts:
            describe(draft, **contents)
        given_up, deleted, twin = drafts
        commit_draft(deleted, by=SYSTEM)
        queries = []
        for change in (
            partial(abandon_artifact, given_up),
            partial(commit_draft, twin),
            partial(delete_artifact, deleted, with_aliases=True),
        ):
            with CaptureQueriesContext(connection) as captured:
                change(by=SYSTEM)
            queries.append(len(captured))
        return queries

    assert costs(1) == costs(450)
    assert not Entry.objects.exists()


def test_what_senders_called_known_content_is_forgotten_after_a_week(begin):
    """Each program that logs it gives it a name: without end they would be too many."""
    drafts = [begin(client_id=name, distributed_id=name) for name in ("one", "two")]
    assert begin(client_id="three", distributed_id="two") == drafts[1]
    describe(drafts[0], "PATCH", new=REFERENCE)
    saved = commit_draft(drafts[0], by=SYSTEM).artifact
    again = [begin(saved.digest, client_id=name) for name in ("again", "late")]
    assert again == [saved, saved]
    Artifact.objects.exclude(client_id="late").update(created_at=timezone.now() - STALE)

    abandon_stale(by=SYSTEM)

    names = set(Artifact.objects.values_list("client_id", flat=True))
    assert names == {"one", "two", "three", "late"}
    assert begin(saved.digest, client_id="again") == saved


def test_an_artifact_has_no_more_files_than_the_limit(begin, monkeypatch):
    monkeypatch.setattr(drafts, "ENTRY_LIMIT", 2)
    draft = begin()
    promise_files(draft, [Promise("a", "x"), Promise("b", "x")], by=SYSTEM)
    promise_files(draft, [Promise("b", "y")], by=SYSTEM)

    with pytest.raises(TooLarge, match="at most 2 files"):
        promise_files(draft, [Promise("c", "x")], by=SYSTEM)
