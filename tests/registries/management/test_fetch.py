from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.permissions import Role
from registries.management import fetching
from registries.models import Entry
from registries.operations.collections import delete_collection
from registries.storage import chunks, store
from tests.commands import manage
from tests.factories import SYSTEM, RegistryFactory, linked_version, person

pytestmark = pytest.mark.django_db

FILES = {"weights 1.0.bin": b"weights" * 1000, "tokenizer/vocab.json": b"{}", "empty": b""}


@pytest.fixture(scope="module")
def made(undone):
    return linked_version(
        RegistryFactory(name="production models"),
        "churn v1.0",
        files=FILES,
        aliases=("production",),
    )


@pytest.fixture
def version(made):
    return deepcopy(made)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "some where" / "deep"


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("alias", ["", ":latest", ":v0", ":production"])
def test_a_version_comes_out_as_it_went_in(version, folder, alias):
    said = manage("fetch", version.collection.full_name + alias, folder)

    assert content(folder) == FILES
    assert said.out == str(folder)
    assert said.err == f"{version.full_name}: 3 written (7.0 kB), 0 kept."


def test_fetching_again_keeps_what_is_equal(version, folder):
    manage("fetch", version.full_name, folder)
    before = (folder / "tokenizer/vocab.json").stat().st_mtime_ns
    (folder / "weights 1.0.bin").unlink()
    (folder / "mine.txt").write_bytes(b"mine")

    said = manage("fetch", version.full_name, folder)

    assert "1 written (7.0 kB), 2 kept" in said.err
    assert content(folder) == {**FILES, "mine.txt": b"mine"}
    assert (folder / "tokenizer/vocab.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("other", [b"WEIGHTS" * 1000, b"longer or shorter", b""])
def test_a_different_file_is_never_overwritten_unasked(version, folder, other):
    folder.mkdir(parents=True)
    (folder / "weights 1.0.bin").write_bytes(other)

    with pytest.raises(CommandError, match=r"in the way: weights 1\.0\.bin"):
        manage("fetch", version.full_name, folder)
    assert content(folder) == {"weights 1.0.bin": other}

    manage("fetch", version.full_name, folder, "--overwrite")
    assert content(folder) == FILES


def test_a_link_in_the_way_is_replaced_not_followed(version, folder, tmp_path):
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    folder.mkdir(parents=True)
    (folder / "weights 1.0.bin").symlink_to(precious)

    with pytest.raises(CommandError, match="in the way"):
        manage("fetch", version.full_name, folder)
    manage("fetch", version.full_name, folder, "--overwrite")

    assert precious.read_bytes() == b"precious"
    assert content(folder) == FILES


def test_nothing_is_written_outside_the_folder(version, folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    folder.mkdir(parents=True)
    (folder / "tokenizer").symlink_to(outside)

    with pytest.raises(CommandError, match="outside"):
        manage("fetch", version.full_name, folder)

    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("path", ["../evil", "/etc/evil", "a/../../evil", "a//b"])
def test_a_path_that_no_door_lets_in_is_refused_on_the_way_out_too(version, folder, path):
    Entry.objects.filter(path="empty").update(path=path)

    with pytest.raises(CommandError, match="empty part"):
        manage("fetch", version.full_name, folder)

    assert content(folder) == {}


def part(folder: Path, version) -> Path:
    blob = version.artifact.entries.get(path="weights 1.0.bin").blob
    return folder / f".{blob.sha256}.part"


def test_an_interrupted_fetch_goes_on_where_it_ended(version, folder, monkeypatch):
    folder.mkdir(parents=True)
    half = FILES["weights 1.0.bin"][:3500]
    part(folder, version).write_bytes(half)
    read = []
    monkeypatch.setattr(
        fetching, "chunks", lambda s: (read.append(c) or c for c in chunks(s))
    )

    manage("fetch", version.full_name, folder)

    assert content(folder) == FILES
    assert read.count(half) == 2  # ours to hash it, then the other half, equally long
    assert FILES["weights 1.0.bin"] not in read


@pytest.mark.parametrize("wrong", [b"wrong", b"x" * 9000])
def test_a_wrong_partial_file_is_started_over(version, folder, wrong):
    folder.mkdir(parents=True)
    part(folder, version).write_bytes(wrong)

    manage("fetch", version.full_name, folder)

    assert content(folder) == FILES


def test_an_interruption_leaves_only_what_is_whole_and_the_part(
    version, folder, monkeypatch
):
    def interrupted(stream):
        for chunk in chunks(stream):
            if chunk.startswith(b"weights"):
                yield chunk[:3500]
                raise KeyboardInterrupt
            yield chunk

    monkeypatch.setattr(fetching, "chunks", interrupted)
    with pytest.raises(CommandError, match="Interrupted"):
        manage("fetch", version.full_name, folder)
    assert not (folder / "weights 1.0.bin").exists()
    assert part(folder, version).read_bytes() == FILES["weights 1.0.bin"][:3500]

    monkeypatch.undo()
    manage("fetch", version.full_name, folder)
    assert content(folder) == FILES


def test_damaged_bytes_are_noticed_and_not_left_behind(version, folder):
    blob = version.artifact.entries.get(path="weights 1.0.bin").blob
    store()._path(blob.sha256).write_bytes(b"WEIGHTS" * 1000)

    with pytest.raises(CommandError, match=r"damaged in the store.* uv run manage"):
        manage("fetch", version.full_name, folder)

    assert "weights 1.0.bin" not in content(folder)
    assert not part(folder, version).exists()


def test_missing_bytes_are_a_sentence(version, folder):
    blob = version.artifact.entries.get(path="weights 1.0.bin").blob
    store().delete(blob.sha256)

    with pytest.raises(CommandError, match="missing in the store"):
        manage("fetch", version.full_name, folder)


def test_two_fetches_do_not_share_a_partial_file(version, folder):
    folder.mkdir(parents=True)
    with (
        fetching._open_partial(part(folder, version)),
        pytest.raises(CommandError, match="Another fetch"),
    ):
        manage("fetch", version.full_name, folder)


def test_names_that_differ_in_case_only_need_a_disk_that_minds(version, folder):
    Entry.objects.filter(path="empty").update(path="WEIGHTS 1.0.BIN")

    manage("fetch", version.full_name, folder)

    assert len(content(folder)) == 3
    with pytest.raises(CommandError, match="a/B and A/b are one file on this disk"):
        fetching.refuse_clashes(["a", "a/B", "A/b"])


def test_the_destination_is_a_folder(version, tmp_path):
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(CommandError, match="is a file"):
        manage("fetch", version.full_name, file)


def test_references_are_named_not_fetched(version, folder):
    Entry.objects.filter(path="empty").update(blob=None, reference="s3://bucket/key")

    said = manage("fetch", version.full_name, folder)

    assert "Not fetched, kept elsewhere: empty at s3://bucket/key" in said.err
    assert "empty" not in content(folder)


def test_a_viewer_fetches_and_a_restricted_viewer_does_not(version, folder):
    viewer = person(version.registry, Role.VIEWER)
    restricted = person(version.registry, Role.RESTRICTED_VIEWER)

    with pytest.raises(CommandError, match="Downloading needs the role Viewer"):
        manage("fetch", version.full_name, folder, "--as", restricted.username)
    assert not folder.exists()

    manage("fetch", version.full_name, folder, "--as", viewer.username)
    assert content(folder) == FILES


def test_hidden_missing_and_trashed_say_the_same(version, folder):
    outsider = person(RegistryFactory())

    def sentence(name: str, *options: str) -> str:
        with pytest.raises(CommandError) as refused:
            manage("fetch", name, folder, *options)
        return str(refused.value)

    full = version.full_name
    hidden = sentence(full, "--as", outsider.username)
    assert hidden == f"There is no version {full}."
    delete_collection(version.collection, by=SYSTEM)
    assert sentence(full) == hidden
    assert sentence("a/b/c:v0") == hidden.replace(full, "a/b/c:v0")
