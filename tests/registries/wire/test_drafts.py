"""Drafts over the wire: of one program or several, whole or in what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from itertools import count
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import Any

import pytest

from registries.models import Artifact, Multipart, Version
from registries.operations.collections import edit_collection
from registries.operations.links import link, unlink
from registries.wire.ids import decode, encode
from registries.wire.resolvers import saving, using
from tests.doors import Scene
from tests.doors_of_wire import ask
from tests.factories import SYSTEM
from tests.registries.wire.saving import (
    MAPPING,
    Saving,
    digest_of,
    entry,
    manifest,
    md5,
    through,
)

pytestmark = pytest.mark.django_db

LINK = """mutation ($input: LinkArtifactInput!) {
  linkArtifact(input: $input) { versionIndex } }"""


@pytest.fixture
def program(scene) -> Saving:
    return Saving(through(scene.program("installation administrator")))


def add(program: Saving, files: Mapping[str, bytes]) -> Any:
    """Log an artifact as the SDK does one that says only what changed."""
    begun = program.begin(files)
    if begun["state"] == "COMMITTED":
        return begun
    base = begun["artifactSequence"]["latestArtifact"]["id"]
    describe(program, begun["id"], files, "INCREMENTAL", baseArtifactID=base)
    return program.commit(begun["id"])


def describe(
    program: Saving, artifact: str, files: Mapping[str, bytes], kind: str, **more: Any
) -> None:
    """Send files, and a manifest of that kind."""
    places = program.announce(artifact, files)
    for place, content in zip(places, files.values(), strict=True):
        if place["uploadUrl"]:
            assert program.put(place["uploadUrl"], content)[0] == 200
    document = manifest({path: entry(content) for path, content in files.items()})
    url = program.manifest_url(artifact, md5(document), type=kind, **more)
    assert program.put(url, document)[0] == 200


def alias(name: str) -> list[dict[str, str]]:
    return [{"artifactCollectionName": "data", "alias": name}]


def row(artifact: Any) -> Artifact:
    return Artifact.objects.get(pk=decode("Artifact", artifact["id"]))


def version_of(artifact: Any) -> Version:
    return row(artifact).versions.get(collection__registry=None)


def words(artifact: Any) -> dict[str, str]:
    """What the files of an artifact have, by path."""
    return dict(row(artifact).entries.values_list("path", "digest"))


def mapped(scene: Scene, client_id: str) -> Any:
    """The artifact that somebody finds by what its sender calls it."""
    answer = ask(scene.program("team admin"), MAPPING, id=client_id).json()
    return answer["data"]["clientIDMapping"]["serverID"]


def test_an_artifact_is_found_that_is_announced_a_moment_later(scene, program, monkeypatch):
    """The SDK logs several beside each other, and each asks for what it names."""
    clock = count()

    def later(seconds: float) -> None:
        program.begin({"a": b"1"}, clientID="c" * 40)

    time = SimpleNamespace(monotonic=lambda: next(clock), sleep=later)
    monkeypatch.setattr(saving, "time", time)

    found = mapped(scene, "c" * 40)

    announced = Artifact.objects.get(client_id="c" * 40)
    assert found == encode("Artifact", announced.pk)


def test_few_wait_for_what_is_not_announced_and_not_for_long(scene, monkeypatch):
    clock = count()
    pauses: list[float] = []
    time = SimpleNamespace(monotonic=lambda: next(clock), sleep=pauses.append)
    monkeypatch.setattr(saving, "time", time)
    client, nothing = scene.program("team admin"), {"data": {"clientIDMapping": None}}

    assert ask(client, MAPPING, id="c" * 40).json() == nothing
    assert pauses == [saving.PAUSE]
    monkeypatch.setattr(saving, "WAITING", BoundedSemaphore(1))
    with saving.WAITING:
        assert ask(client, MAPPING, id="c" * 40).json() == nothing
    assert pauses == [saving.PAUSE]


def test_what_changes_back_is_not_an_old_version_again(program):
    """A part of the newest version may be all that an older one had."""
    first = program.save({"a": b"1"})
    second = add(program, {"b": b"2"})
    assert words(second) == {"a": md5(b"1"), "b": md5(b"2")}

    assert add(program, {"a": b"1"})["id"] == second["id"]
    add(program, {"a": b"changed"})
    assert add(program, {"a": b"1"})["id"] == second["id"]
    assert add(program, {"a": b"1", "b": b"2"})["id"] == second["id"]

    whole = program.save({"a": b"1"})
    assert (whole["id"], whole["state"]) == (first["id"], "COMMITTED")
    assert version_of(first).collection.versions.count() == 3


def test_each_writer_of_an_artifact_names_it_and_finds_it_again(scene, program):
    """The last one says what the version is called; all know it by their own ids."""
    shared, begun = {"distributedID": "d"}, []
    for writer in ("one", "two"):
        files = {writer: writer.encode()}
        given = {
            "clientID": writer,
            "tags": [{"tagName": writer}],
            "aliases": alias(writer),
        }
        begun += [program.begin(files, **given, **shared) for _ in range(2)]
        describe(program, begun[-1]["id"], files, "PATCH")
    committed = program.commit(begun[0]["id"])

    assert {each["id"] for each in begun} == {committed["id"]}
    version = version_of(committed)
    assert {each.name for each in version.aliases.all()} == {"latest", "one", "two"}
    assert {each.name for each in version.tags.all()} == {"one", "two"}
    assert [mapped(scene, each) for each in ("one", "two")] == [committed["id"]] * 2
    late = program.begin({}, clientID="two", **shared)
    assert (late["id"], late["state"]) == (committed["id"], "COMMITTED")

    again = {name: name.encode() for name in ("one", "two")}
    for writer in ("three", "four"):
        other = program.begin({}, clientID=writer, distributedID="e")
    describe(program, other["id"], again, "PATCH")
    assert program.commit(other["id"])["id"] == committed["id"]
    assert mapped(scene, "four") == committed["id"]


def test_files_of_other_artifacts_are_found_many_at_once(
    program, django_assert_max_num_queries
):
    """What a draft of a version keeps is not announced: only its manifest names it."""
    files = {f"{number:03}": b"%d" % number for number in range(60)}
    saved = program.save(files)
    born = {"birthArtifactID": saved["id"]}
    moved = {f"moved/{path}": content for path, content in files.items()}
    contents = {path: entry(words) | born for path, words in (files | moved).items()}
    draft = program.begin(files | moved)
    document = manifest(contents)
    url = program.manifest_url(draft["id"], md5(document))

    with django_assert_max_num_queries(30):
        assert program.put(url, document)[0] == 200

    assert program.commit(draft["id"])["fileCount"] == 120
    wrong = contents | {"none": entry(b"other") | born}
    other = program.begin({})
    status, told = program.describe(other["id"], manifest(wrong))
    assert (status, b"none was never sent" in told) == (422, True)


def test_a_manifest_says_little_of_each_file(program):
    """What it says of one is read into memory, however much that is."""
    begun, much = program.create("0" * 32), "d" * 2_500_000
    wrong = [
        manifest({"f": {"digest": "d", "size": 1, "extra": {"a": [1] * 1_000_000}}}),
        manifest({"e": {"digest": "d", "ref": "s3://a/b"}, "f": {"digest": much}}),
        manifest({much: {"digest": "d"}}),
        manifest({}, version=much),
        manifest({}, more=much),
    ]
    for document in wrong:
        refused = program.describe(begun["id"], document)
        told = json.loads(refused[1])["errors"][0]["message"]
        assert (refused[0], told) == (
            413,
            "The manifest says over 2,097,152 bytes of one file.",
        )

    many = {f"{n:04}": {"digest": "d" * 3000, "ref": "s3://a/b"} for n in range(800)}
    assert program.describe(begun["id"], manifest(many))[0] == 200


def test_a_manifest_that_was_refused_leaves_nothing(program):
    """However far it was read: the next one may be right."""
    begun, right = program.begin({"f": b"right"}), {"f": entry(b"right")}
    program.fill(begun["id"], {"f": b"right"})
    many = {f"{n}": {"digest": "d", "ref": "s3://a/b"} for n in range(501)}
    for wrong in ({"f": entry(b"wrong")}, {}):
        assert program.describe(begun["id"], manifest(many | wrong))[0] == 422

    assert program.describe(begun["id"], manifest(right))[0] == 200
    assert program.commit(begun["id"])["fileCount"] == 1


def test_what_was_known_is_linked_by_any_name_that_a_sender_gave_it(scene, program):
    saved = program.save({"a": b"1"}, clientID="first")
    again = program.begin({"a": b"1"}, clientID="again")
    assert again["id"] == saved["id"]
    place = {"entityName": "acme", "projectName": f"wandb-registry-{scene.registry.name}"}
    client = scene.program("installation administrator")

    def linked(client_id: str) -> int:
        given = {"clientID": client_id, "artifactPortfolioName": "by-client-id", **place}
        return ask(client, LINK, input=given).status_code

    assert [linked(name) for name in ("first", "again", "nobody")] == [200, 200, 404]
    assert row(saved).versions.count() == 2


def test_what_is_taken_out_in_the_moment_it_is_linked_is_missing(
    scene, program, monkeypatch
):
    saved = program.save({"a": b"1"})
    place = {"entityName": "acme", "projectName": f"wandb-registry-{scene.registry.name}"}
    given = {"artifactID": saved["id"], "artifactPortfolioName": "short", **place}

    def and_unlink(*args: Any, **kwargs: Any) -> Version:
        version = link(*args, **kwargs)
        unlink(Version.objects.get(pk=version.pk), by=SYSTEM)
        return version

    monkeypatch.setattr(using, "link", and_unlink)
    client = scene.program("installation administrator")

    assert ask(client, LINK, input=given).status_code == 404


def test_a_draft_of_a_type_that_its_collection_holds_no_more_stays_one(program):
    begun = program.begin({"a": b"1"}, "fickle")
    program.fill(begun["id"], {"a": b"1"})
    edit_collection(row(begun).source, artifact_type="model", by=SYSTEM)

    status, told = program.refused("commitArtifact", artifactID=begun["id"])

    assert (status, told) == (409, "other/sdk/fickle holds the type model.")
    assert row(begun).state == Artifact.State.PENDING


def test_parts_of_what_became_a_reference_do_not_stay(program):
    begun = program.create(digest_of({"f": "e"}))
    part = {"partNumber": 1, "hexMD5": hashlib.md5(b"part").hexdigest()}
    spec = program.spec(begun["id"], "f", b"large") | {"uploadPartsInput": [part]}
    [edge] = program.ask("createArtifactFiles", artifactFiles=[spec])["files"]["edges"]
    [place] = edge["node"]["uploadMultipartUrls"]["uploadUrlParts"]
    assert program.put(place["uploadUrl"], b"part")[0] == 200
    reference = {"digest": "e", "ref": "s3://bucket/key", "size": 0}

    assert program.describe(begun["id"], manifest({"f": reference}))[0] == 200
    program.commit(begun["id"])

    assert not Multipart.objects.exists()
