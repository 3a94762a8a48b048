"""Saving with the SDK what takes more than one program, one step or one artifact."""

from __future__ import annotations

import hashlib

import pytest

BEGIN = """
run = wandb.init(entity="other", project=project, group="g", reinit="finish_previous")
"""
SHARD = (
    BEGIN
    + """
shard = wandb.Artifact("shards", type="dataset")
with shard.new_file(f"{name}.txt") as file:
    file.write(name)
shard.add_reference(f"lake://bucket/{name}", name=f"{name}.ref", checksum=False)
getattr(run, step)(shard, distributed_id="d")
run.finish()
"""
)
DOWNLOAD = """
import pathlib
artifact = wandb.Api().artifact(name)
folder = pathlib.Path(artifact.download(skip_cache=True))
found = {
    str(path.relative_to(folder)): path.read_text()
    for path in folder.rglob("*") if path.is_file()
}
{"files": found, "entries": sorted(artifact.manifest.entries), "version": artifact.version,
 "size": artifact.size, "digest": artifact.digest}
"""


@pytest.fixture
def person(sdk):
    return sdk("team admin")


def test_several_programs_write_one_artifact(sdk, person):
    """Each adds its files; the last one makes a version of all."""
    other = sdk("organization admin")
    given = {"project": "distributed"}
    person(SHARD, name="one", step="upsert_artifact", **given)
    other(SHARD, name="two", step="upsert_artifact", **given)
    person(SHARD, name="three", step="finish_artifact", **given)

    entries = person(
        """
        artifact = wandb.Api().artifact("other/distributed/shards:v0")
        entries = artifact.manifest.entries
        [sorted(entries), artifact.size, artifact.manifest.digest() == artifact.digest,
         [artifact.get_entry(f"{n}.txt").download() and open(
            artifact.get_entry(f"{n}.txt").download()).read() for n in ("one", "two")]]
        """
    )

    names = sorted(
        f"{n}.{kind}" for n in ("one", "two", "three") for kind in ("ref", "txt")
    )
    assert entries == [names, 11, True, ["one", "two"]]


SAVE = (
    BEGIN
    + """
artifact = wandb.Artifact("data", type="dataset", incremental=incremental)
for path, words in files.items():
    with artifact.new_file(path) as file:
        file.write(words)
run.log_artifact(artifact).wait()
run.finish()
[artifact.version, artifact.size]
"""
)


def test_an_incremental_artifact_adds_to_the_newest_version(person):
    def save(*, incremental: bool, **files: str) -> list[object]:
        return person(SAVE, project="incremental", incremental=incremental, files=files)

    assert save(incremental=False, a="1", b="2") == ["v0", 2]
    assert save(incremental=True, b="20", c="3") == ["v1", 4]

    found = person(DOWNLOAD, name="other/incremental/data:latest")
    assert found["files"] == {"a": "1", "b": "20", "c": "3"}


def test_a_draft_of_a_registry_version_is_logged_where_it_came_from(sdk):
    """Only what changed is sent; into another project the SDK logs no draft."""
    person = sdk("organization admin")
    name = person(
        BEGIN
        + """
artifact = wandb.Artifact("origin", type="model")
for name in ("kept", "changed", "removed"):
    with artifact.new_file(name) as file:
        file.write(name)
run.log_artifact(artifact).wait()
linked = run.link_artifact(artifact, "wandb-registry-model/drafts")
run.finish()
linked.qualified_name
""",
        project="origin",
    )
    draft = (
        BEGIN
        + """
draft = wandb.Api().artifact(name, type="model").new_draft()
draft.remove("removed")
draft.remove("changed")
with draft.new_file("changed") as file:
    file.write("differently")
run.log_artifact(draft).wait()
run.finish()
[draft.qualified_name, draft.size]
"""
    )

    saved = person(draft, name=name, project="origin")

    assert saved == ["other/origin/origin:v1", len("kept") + len("differently")]
    found = person(DOWNLOAD, name=saved[0])
    assert found["files"] == {"kept": "kept", "changed": "differently"}
    refused = person.refused(draft, name=name, project="elsewhere")
    assert "can't be moved to 'elsewhere'" in refused


def test_what_an_artifact_takes_from_another_draft_is_found_through_it(person):
    """By what their program calls them, also where the content was known already."""
    log = (
        BEGIN
        + """
table = wandb.Table(columns=["a"], data=[[1], [2]])
first = wandb.Artifact("first", type="dataset")
first.add(table, "table")
run.log_artifact(first)
second = wandb.Artifact(name, type="dataset")
second.add(table, "table")
run.log_artifact(second).wait()
run.finish()
got = wandb.Api().artifact(f"other/references/{name}:latest")
[got.get("table").data, [e.ref is not None for e in got.manifest.entries.values()]]
"""
    )
    for name in ("second", "third"):  # the table of the third is known by its content
        found = person(log, project="references", name=name)
        assert found == [[[1], [2]], [True]]


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_file_of_more_than_2_gib_goes_in_parts_and_comes_back(person, tmp_path):
    large = tmp_path / "large.bin"
    block = bytes(range(256)) * 4096
    digest = hashlib.sha256()
    with large.open("wb") as file:
        for number in range(2253):
            part = number.to_bytes(8) + block[8:]
            file.write(part)
            digest.update(part)
    saved = person(
        BEGIN
        + """
artifact = wandb.Artifact("large", type="dataset")
artifact.add_file(path, policy="immutable", skip_cache=True)
run.log_artifact(artifact).wait(timeout=600)
run.finish()
artifact.size
""",
        project="large",
        path=str(large),
    )
    got = person(
        """
import hashlib, pathlib
folder = wandb.Api().artifact("other/large/large:v0").download(skip_cache=True)
with (pathlib.Path(folder) / "large.bin").open("rb") as file:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
(pathlib.Path(folder) / "large.bin").unlink()
digest
"""
    )

    assert saved == large.stat().st_size
    assert got == digest.hexdigest()
