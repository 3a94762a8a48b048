"""Logging artifacts over the wire, step by step, and all that can go wrong on the way."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone

from accounts.models import ApiKey
from accounts.operations.teams import remove_team_member
from accounts.permissions import Role
from registries.models import Artifact, Blob, Entry, Version
from registries.operations.keeping import delete_artifact
from registries.operations.links import link
from registries.wire.ids import decode, encode
from tests.doors_of_wire import ask
from tests.factories import SYSTEM, RegistryFactory, logged_version
from tests.operations import membership
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

FILES = {"b.txt": b"second", "a/ü #%?&.txt": b"first", "empty": b""}
NO_SUCH = "QXJ0aWZhY3Q6OTk5OTk5"
ADDRESSES = """query ($project: String!, $entity: String!, $name: String!,
  $alias: String!) {
  project(name: $project, entityName: $entity) { artifactCollection(name: $name) {
    artifactMembership(aliasName: $alias) {
      artifact { id currentManifest { file { directUrl } } aliases { alias } tags { name }
        files { edges { node { name } } } }
      files(first: 5000) { edges { node { name directUrl digest sizeBytes } } } } } }
}"""

DETAILS = ADDRESSES.partition("aliases {")[0] + "id } } } } }"


def row(artifact: Any) -> Artifact:
    return Artifact.objects.get(pk=decode("Artifact", artifact["id"]))


def version_of(artifact: Any) -> Version:
    versions = Version.objects.with_homes()
    return versions.get(artifact=row(artifact), collection__registry=None)


def seen(client: Any, document: str = ADDRESSES, **place: str) -> Any:
    """What a program is told of data:latest."""
    given = {"entity": "other", "project": "sdk", "name": "data", "alias": "latest"}
    return ask(client, document, **given | place)


def get(client: Any, url: str, **headers: str) -> Any:
    return client.get(urlsplit(url).path, headers=headers)


def content(answer: Any) -> bytes:
    return b"".join(answer)


def test_what_was_logged_comes_back_as_it_was_and_nothing_else_of_its_sender(
    scene, program
):
    saved = program.save(FILES, aliases=alias("best"), tags=[{"tagName": "fresh"}])

    digests = {path: md5(words) for path, words in FILES.items()}
    assert saved["digest"] == digest_of(digests)
    assert (saved["state"], saved["size"]) == ("COMMITTED", 11)
    assert (saved["fileCount"], saved["versionIndex"]) == (3, 0)
    found = seen(scene.program("team admin")).json()["data"]
    found = found["project"]["artifactCollection"]["artifactMembership"]
    aliases = {each["alias"] for each in found["artifact"]["aliases"]}
    assert aliases == {"best", "latest", "v0"}
    assert [tag["name"] for tag in found["artifact"]["tags"]] == ["fresh"]
    client = scene.program("anonymous")
    for edge in found["files"]["edges"]:
        node = edge["node"]
        assert content(get(client, node["directUrl"])) == FILES[node["name"]]
    direct = found["artifact"]["currentManifest"]["file"]["directUrl"]
    document = content(get(client, direct))
    assert b"local_path" not in document
    assert b"secret" not in document
    assert set(json.loads(document)["contents"]) == set(FILES)


def alias(*names: str) -> list[dict[str, str]]:
    return [{"artifactCollectionName": "data", "alias": name} for name in names]


def test_places_are_answered_by_position_and_nothing_is_sent_twice(program):
    first = program.save(FILES)
    files = {"z": b"new", "b.txt": b"second", "empty": b"not any more", "a": b"second"}
    begun = program.begin(files)

    places = program.announce(begun["id"], files)
    again = program.announce(begun["id"], dict(reversed(files.items())))
    twice = [program.spec(begun["id"], "z", b"new")] * 2
    both = program.ask("createArtifactFiles", artifactFiles=twice)["files"]["edges"]

    assert begun["artifactSequence"]["latestArtifact"]["id"] == first["id"]
    known = {e.path: e for e in row(begun).entries.all()}
    assert [place["storagePath"].rsplit("/", 1)[1] for place in places] == [
        str(known[path].pk) for path in files
    ]
    assert [place["storagePath"] for place in again] == [
        place["storagePath"] for place in reversed(places)
    ]
    assert [place["uploadUrl"] is None for place in places] == [False, True, False, False]
    assert len({edge["node"]["storagePath"] for edge in both}) == 1
    assert places[0]["uploadHeaders"] == [
        "Content-Type:application/octet-stream",
        f"Content-MD5:{md5(b'new')}",
    ]


def test_what_one_may_not_read_is_never_said_to_be_here(scene, program):
    """Neither by its digest, nor as the file of an artifact of others."""
    foreign = logged_version(scene.cast.added, "data", files={"secret": b"secret"})
    files = {"secret": b"secret"}
    begun = program.begin(files)
    contents = {"secret": entry(b"secret") | {"birthArtifactID": encoded(foreign)}}

    status, sentence = program.describe(begun["id"], manifest(contents))
    [place] = program.announce(begun["id"], files)

    assert (status, b"was never sent" in sentence) == (422, True)
    assert place["uploadUrl"]


def encoded(version: Version) -> str:
    return encode("Artifact", version.artifact_id)


def test_bytes_of_an_artifact_that_one_may_read_need_not_be_sent(scene, program):
    own = logged_version(scene.cast.other, "other", files={"known": b"known"})
    begun = program.begin({"here": b"known"})
    contents = {"here": entry(b"known") | {"birthArtifactID": encoded(own)}}

    status, _ = program.describe(begun["id"], manifest(contents))

    assert status == 200
    assert program.commit(begun["id"])["size"] == 5


def put(client: Any, url: str, body: bytes, *, length: str | None, **more: Any) -> Any:
    """PUT with a length that may be none, or a lie."""
    more |= {"wsgi.input": BytesIO(body)}
    if length is not None:
        more["CONTENT_LENGTH"] = length
    answer = client.generic("PUT", urlsplit(url).path, b"", **more)
    return answer.status_code, answer.json()["errors"][0]["message"]


def test_bytes_other_than_announced_are_refused_and_leave_nothing(
    scene, program, own_blobs
):
    begun = program.begin({"f": b"right"})
    [place] = program.announce(begun["id"], {"f": b"right"})
    url, client = place["uploadUrl"], scene.program("anonymous")

    refusals = [
        put(client, url, b"wrong", length="5"),
        put(client, url, b"rig", length="5"),
        put(client, url, b"right and more", length="14"),
        put(client, url, b"right", length=None),
        put(client, url, b"right", length="-5"),
        put(client, url, b"right", length="5", HTTP_TRANSFER_ENCODING="chunked"),
        put(client, url, b"right", length="999999999999999999"),
    ]

    assert [status for status, _ in refusals] == [422, 422, 422, 400, 400, 400, 413]
    assert refusals[0][1] == "f arrived with other bytes than were sent."
    assert refusals[1][1] == "f was cut short: 3 bytes came."
    assert not list(own_blobs.glob("tmp/*"))
    assert row(begun).entries.get().blob is None
    assert program.put(url, b"right")[0] == 200
    assert program.put(url, b"right")[0] == 200
    assert not list(own_blobs.glob("tmp/*"))


def test_addresses_are_good_for_what_they_were_given_for_and_not_for_long(scene, program):
    begun = program.begin({"f": b"right"})
    [place] = program.announce(begun["id"], {"f": b"right"})
    url = place["uploadUrl"]
    manifest_url = program.manifest_url(begun["id"])
    token = urlsplit(url).path.rsplit("/", 1)[1]
    way = urlsplit(url).path.rsplit("/", 1)[0]

    changed = [
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        f"{way}/manifest/{token}",
        f"{way}/{urlsplit(manifest_url).path.rsplit('/', 1)[1]}",
        f"{way}/nonsense",
    ]
    assert [program.put(each, b"right")[0] for each in changed] == [403] * 4
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert program.put(url, b"right")[0] == 403
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert program.put(url, b"right")[0] == 200


@pytest.mark.parametrize("loss", ["key", "team", "person"])
def test_who_may_no_longer_log_cannot_use_addresses_got_before(scene, program, loss):
    person = scene.cast.person("team admin")
    begun = program.begin({"f": b"right"})
    [place] = program.announce(begun["id"], {"f": b"right"})
    manifest_url = program.manifest_url(begun["id"])
    if loss == "key":
        ApiKey.objects.filter(user=person).update(revoked_at=row(begun).created_at)
    elif loss == "team":
        remove_team_member(scene.cast.other, person.memberships.get(), by=SYSTEM)
    else:
        type(person).objects.filter(pk=person.pk).update(is_active=False)

    answers = [program.put(url, b"right")[0] for url in (place["uploadUrl"], manifest_url)]

    assert answers == [403, 403]
    assert row(begun).entries.get().blob is None


def test_addresses_are_dead_after_the_commit_and_the_bytes_stay(program):
    begun = program.begin({"f": b"right"})
    [place] = program.announce(begun["id"], {"f": b"right"})
    program.fill(begun["id"], {"f": b"right"})
    manifest_url = program.manifest_url(begun["id"])
    program.commit(begun["id"])
    before = list(Entry.objects.values()), list(Blob.objects.values())

    assert program.put(place["uploadUrl"], b"right")[0] == 409
    assert program.put(place["uploadUrl"], b"wrong")[0] == 409
    assert program.put(manifest_url, manifest({"g": entry(b"g")}))[0] == 409
    specs = [program.spec(begun["id"], "g", b"g")]
    assert program.refused("createArtifactFiles", artifactFiles=specs)[0] == 409
    assert (list(Entry.objects.values()), list(Blob.objects.values())) == before


REFERENCE = {"digest": "x", "ref": "s3://a/b"}
WRONG = {
    "version": (manifest({}, version=2), "another version"),
    "policy": (manifest({}, storagePolicy="evil"), "another storagePolicy"),
    "no head": (b'{"contents": {}}', "no version and no storagePolicy"),
    "not JSON": (b'{"version": 1, "storagePolicy": ', "not JSON"),
    "nothing": (b"", "not JSON"),
    "binary": (b"\xff\xfe", "not JSON"),
    "a path twice": (
        manifest({"f": REFERENCE, "g": REFERENCE}).replace(b'"g"', b'"f"'),
        "names a path twice",
    ),
    "outside": (manifest({"../f": entry(b"right")}), "has an empty part, . or .. in it"),
    "absolute": (manifest({"/f": entry(b"right")}), "has an empty part"),
    "NUL": (manifest({"f\0": entry(b"right")}), "control character"),
    "negative": (manifest({"f": entry(b"right") | {"size": -1}}), "from 0 to 2^63"),
    "huge": (manifest({"f": entry(b"right") | {"size": 2**63}}), "integer overflow"),
    "size of words": (manifest({"f": entry(b"right") | {"size": "5"}}), "from 0 to 2^63"),
    "no digest": (manifest({"f": {"size": 5}}), "no digest"),
    "an entry of words": (manifest({"f": "right"}), "says nothing of f"),
    "other digest": (manifest({"f": entry(b"wrong")}), "announced with another digest"),
    "one more": (manifest({"f": entry(b"right"), "g": entry(b"g")}), "g was never sent"),
    "one less": (manifest({}), "does not name every file"),
    "unknown birth": (
        manifest({"f": entry(b"right"), "g": entry(b"g") | {"birthArtifactID": NO_SUCH}}),
        "g was never sent",
    ),
}


@pytest.fixture
def announced(program) -> Any:
    """An artifact of one file, which has come."""
    begun = program.begin({"f": b"right"})
    [place] = program.announce(begun["id"], {"f": b"right"})
    assert program.put(place["uploadUrl"], b"right")[0] == 200
    return begun


def test_a_manifest_that_is_wrong_is_refused_with_the_reason(program, announced):
    for name, (document, reason) in WRONG.items():
        status, answer = program.describe(announced["id"], document)
        assert (status, name) == (422, name), answer
        assert reason in json.loads(answer)["errors"][0]["message"], (name, answer)
        status, sentence = program.refused("commitArtifact", artifactID=announced["id"])
        assert (status, name) == (409, name), sentence

    document = manifest({"f": entry(b"right")})
    other = program.manifest_url(announced["id"], md5(b"another document"))
    assert program.put(other, document)[0] == 422
    assert program.describe(announced["id"], document)[0] == 200
    assert program.commit(announced["id"])["fileCount"] == 1


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": b"1", "a/b": b"2"}, "a is both a file and a folder."),
        ({"d/e": b"1", "d": b"2", "D": b"3"}, "d is both a file and a folder."),
    ],
)
def test_a_file_that_is_a_folder_too_is_refused_at_the_commit(program, files, told):
    begun = program.begin(files)
    program.fill(begun["id"], files)

    assert program.refused("commitArtifact", artifactID=begun["id"]) == (422, told)


def test_a_commit_needs_manifest_files_sizes_and_the_digest_that_was_claimed(program):
    files = {"f": b"right", "g": b"good"}
    contents = {path: entry(words) for path, words in files.items()}
    begun = program.begin(files)
    places = program.announce(begun["id"], files)

    def refused() -> tuple[int, str]:
        return program.refused("commitArtifact", artifactID=begun["id"])

    assert refused() == (409, "The manifest of the artifact has not come.")
    assert program.describe(begun["id"], manifest(contents))[0] == 200
    assert refused() == (409, "2 files have not come: f, g.")
    assert program.put(places[0]["uploadUrl"], b"right")[0] == 200
    assert refused() == (409, "1 file has not come: g.")
    assert program.put(places[1]["uploadUrl"], b"good")[0] == 200
    contents["g"]["size"] = 10**10
    assert program.describe(begun["id"], manifest(contents))[0] == 200
    assert refused() == (422, "g has another size than the manifest says.")
    contents["g"]["size"] = 4
    assert program.describe(begun["id"], manifest(contents))[0] == 200
    committed = program.commit(begun["id"])
    assert program.commit(begun["id"]) == committed
    assert Version.objects.filter(artifact=row(begun)).count() == 1

    liar = program.create("0" * 32, "liar")
    program.fill(liar["id"], files)
    status, told = program.refused("commitArtifact", artifactID=liar["id"])
    assert (status, told) == (422, "The artifact's digest is not that of its files.")
    assert not row(liar).source.versions.exists()


def test_the_same_sender_gets_the_same_draft_and_later_the_same_version(scene, program):
    client_id = "c" * 128
    begun = [program.begin(FILES, clientID=client_id) for _ in range(2)]
    assert begun[0] == begun[1]
    program.fill(begun[0]["id"], FILES)
    program.commit(begun[0]["id"])
    after = program.begin(FILES, clientID=client_id)

    assert (after["id"], after["state"]) == (begun[0]["id"], "COMMITTED")
    delete_artifact(row(after), with_aliases=True, by=SYSTEM)
    given = {**program.place, "artifactTypeName": "dataset", "digest": "0" * 32}
    given |= {"artifactCollectionName": "data", "clientID": client_id}
    assert program.refused("createArtifact", **given)[0] == 409


def test_a_run_that_is_sent_to_a_second_project_leaves_its_artifacts_there_too(
    scene, program
):
    elsewhere = Saving(through(scene.program("installation administrator")), "added")
    saved = [each.save(FILES, clientID="c" * 40) for each in (program, elsewhere)]
    again = [each.save(FILES, clientID="c" * 40)["id"] for each in (program, elsewhere)]

    assert again == [each["id"] for each in saved]
    assert saved[0]["id"] != saved[1]["id"]
    assert [row(each).client_id for each in saved] == ["c" * 40, None]


def test_a_reference_to_what_changed_is_another_version(program):
    def logged(digest: str) -> Any:
        reference = {"digest": digest, "ref": "s3://bucket/model", "size": 500}
        begun = program.create(digest_of({"model": digest}))
        assert program.describe(begun["id"], manifest({"model": reference}))[0] == 200
        return program.commit(begun["id"])

    found = [logged(digest)["versionIndex"] for digest in ("one", "two", "one")]

    assert found == [0, 1, 0]


def test_the_same_content_is_one_version_and_gets_the_names_of_both(scene, program):
    def named(name: str) -> dict[str, Any]:
        return {"aliases": alias(name), "tags": [{"tagName": name}], "clientID": name * 40}

    begun = [program.begin(FILES, **named(name)) for name in "xy"]
    for each in begun:
        program.fill(each["id"], FILES)
    committed = [program.commit(each["id"]) for each in begun]
    late = program.begin(FILES, **named("z"))

    assert begun[0]["id"] != begun[1]["id"]
    assert [each["id"] for each in committed] == [begun[0]["id"]] * 2
    assert (late["id"], late["state"]) == (begun[0]["id"], "COMMITTED")
    assert program.commit(begun[1]["id"])["id"] == begun[0]["id"]
    version = version_of(late)
    assert {each.name for each in version.aliases.all()} == {"latest", *"xyz"}
    assert {each.name for each in version.tags.all()} == set("xyz")
    assert version.collection.versions.count() == 1
    client = scene.program("team admin")
    for name in "xyz":
        mapped = ask(client, MAPPING, id=name * 40).json()["data"]["clientIDMapping"]
        assert mapped == {"serverID": begun[0]["id"]}


def test_downloads_are_judged_anew_and_ranges_are_exact(scene, program):
    program.save({"f": b"0123456789"})
    person = scene.program("team admin")
    found = seen(person).json()["data"]["project"]["artifactCollection"]
    found = found["artifactMembership"]
    url = found["files"]["edges"][0]["node"]["directUrl"]
    client = scene.program("anonymous")
    whole = get(client, url)
    assert content(whole) == b"0123456789"
    etag = whole["ETag"]

    part = get(client, url, Range="bytes=2-4")
    assert (part.status_code, part["Content-Range"]) == (206, "bytes 2-4/10")
    assert content(part) == b"234"
    assert content(get(client, url, Range="bytes=-3")) == b"789"
    assert content(get(client, url, Range="bytes=8-", **{"If-Range": etag})) == b"89"
    assert len(content(get(client, url, Range="bytes=8-", **{"If-Range": '"old"'}))) == 10
    assert get(client, url, Range="bytes=10-").status_code == 416
    head = client.head(urlsplit(url).path)
    assert (head.status_code, head["Content-Length"], head.content) == (200, "10", b"")
    assert get(client, url, **{"If-None-Match": etag}).status_code == 304
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert get(client, url).status_code == 403

    user = scene.cast.person("team admin")
    remove_team_member(scene.cast.other, user.memberships.get(), by=SYSTEM)

    document = found["artifact"]["currentManifest"]["file"]["directUrl"]
    assert get(client, url).status_code == 404
    assert get(client, document).status_code == 404
    hexadecimal = "".join(f"{byte:02x}" for byte in b"\0" * 16)
    assert person.get(fallback(found["artifact"]["id"], hexadecimal)).status_code == 404


def fallback(artifact: str, digest: str) -> str:
    return f"/artifactsV2/default/other/sdk/data/{artifact}//{digest}/f"


def test_a_restricted_viewer_reads_the_manifest_and_no_byte(scene, program):
    saved = program.save({"f": b"0123456789"})
    link(row(saved), scene.registry, "data", by=SYSTEM)
    place = {"entity": "acme", "project": f"wandb-registry-{scene.registry.name}"}
    reader, viewer = scene.program("restricted viewer"), scene.program("viewer")
    digest = row(saved).entries.get().blob.md5
    route = fallback(saved["id"], bytes_of(digest))
    registry = place["project"]
    older = f"/artifactsV2/default/acme/{registry}/data/x/{bytes_of(digest)}/f"

    refused = seen(reader, **place)
    told = seen(reader, DETAILS, **place).json()["data"]
    told = told["project"]["artifactCollection"]["artifactMembership"]["artifact"]
    document = json.loads(
        content(get(reader, told["currentManifest"]["file"]["directUrl"]))
    )

    assert document["contents"] == {
        "f": {"digest": digest, "size": 10, "birthArtifactID": saved["id"]}
    }
    assert refused.status_code == 403
    assert "Viewer" in refused.json()["errors"][0]["message"]
    for way in (route, older):
        assert reader.get(way).status_code == 403
        assert content(viewer.get(way)) == b"0123456789"
        assert scene.program("anonymous").get(way).status_code == 401
        assert scene.program("outsider").get(way).status_code == 404
    for name, other in (("acme", "none"), (registry, "p"), ("/data/", "/none/")):
        assert viewer.get(older.replace(name, other)).status_code == 404
    assert viewer.get(older.replace(bytes_of(digest), "0" * 32)).status_code == 404
    urls = seen(viewer, **place).json()["data"]["project"]["artifactCollection"]
    url = urls["artifactMembership"]["files"]["edges"][0]["node"]["directUrl"]
    membership(scene, "viewer").registry_roles.update(role=Role.RESTRICTED_VIEWER)
    assert get(reader, url).status_code == 403


def test_bytes_come_from_any_home_that_gives_them(scene, program):
    saved = program.save({"f": b"0123456789"})
    link(row(saved), scene.registry, "data", by=SYSTEM)
    route = fallback(saved["id"], bytes_of(row(saved).entries.get().blob.md5))
    reader = scene.program("restricted viewer")
    assert reader.get(route).status_code == 403

    other = RegistryFactory(organization=scene.registry.organization)
    link(row(saved), other, "data", by=SYSTEM)

    assert content(reader.get(route)) == b"0123456789"


def test_no_entries_are_no_files(scene, program):
    saved = program.save(FILES)
    document = """query a($id: ID!, $entries: [ArtifactManifestEntryInput!]) {
      artifact(id: $id) { filesByManifestEntries(storageLayout: "V2",
        manifestVersion: "1", entries: $entries) { totalCount } } }"""
    one = [{"name": "b.txt", "digest": "x"}]

    for entries, count in (([], 0), (one, 1), (None, 3)):
        client = scene.program("team admin")
        told = ask(client, document, id=saved["id"], entries=entries).json()["data"]
        assert told["artifact"]["filesByManifestEntries"]["totalCount"] == count


def bytes_of(digest: str) -> str:
    return b64decode(digest).hex()
