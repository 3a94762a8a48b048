"""Bytes on their way: what is asked before any of them is taken, and whose they are."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.operations.teams import remove_team_member
from registries import manifests
from registries.models import Artifact, Entry
from registries.operations.keeping import delete_artifact
from registries.storage import store
from registries.wire.ids import decode
from tests.doors import Scene
from tests.factories import SYSTEM
from tests.registries.wire.saving import entry, manifest, md5
from tests.registries.wire.test_saving import bytes_of, get, seen

pytestmark = pytest.mark.django_db

FILES = {"a.txt": b"same", "d/b.txt": b"same", "c.txt": b"same"}


def test_a_manifest_that_is_refused_is_not_even_read(scene, program, settings):
    begun = program.begin({"f": b"right"})
    document = manifest({"f": entry(b"right")})
    address = urlsplit(program.manifest_url(begun["id"], md5(document))).path
    client, reserve = scene.program("anonymous"), settings.FREE_SPACE_RESERVE

    def sent() -> tuple[int, int]:
        """Return the status, and how many bytes were read."""
        body = BytesIO(document)
        given: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": str(len(document))}
        return client.generic("PUT", address, b"", **given).status_code, body.tell()

    settings.FREE_SPACE_RESERVE = store().free() * 2
    assert sent() == (413, 0)
    settings.FREE_SPACE_RESERVE = reserve
    assert sent()[1] == len(document)
    person = scene.cast.person("team admin").memberships.get()
    remove_team_member(scene.cast.other, person, by=SYSTEM)
    assert sent() == (403, 0)


def test_nothing_waits_for_a_manifest_that_is_read_slowly(
    scene, program, monkeypatch, open_cursors
):
    monkeypatch.setattr(manifests, "BATCH", 1)
    parts = iter(manifest_of(scene, program.save(FILES)))

    some = [next(parts) for _ in range(3)]

    assert not open_cursors
    assert set(json.loads(b"".join([*some, *parts]))["contents"]) == set(FILES)


def test_a_manifest_breaks_off_whose_artifact_is_deleted_meanwhile(
    scene, program, monkeypatch
):
    monkeypatch.setattr(manifests, "BATCH", 1)
    saved = program.save(FILES)
    parts = iter(manifest_of(scene, saved))
    next(parts)
    artifact = Artifact.objects.get(pk=decode("Artifact", saved["id"]))
    delete_artifact(artifact, with_aliases=True, by=SYSTEM)

    with pytest.raises(OSError, match="deleted"):
        b"".join(parts)


def manifest_of(scene: Scene, saved: Any) -> Any:
    """Ask for the manifest of an artifact; nothing of it is read."""
    found = seen(scene.program("team admin")).json()["data"]["project"]
    told = found["artifactCollection"]["artifactMembership"]["artifact"]
    assert told["id"] == saved["id"]
    return get(scene.program("anonymous"), told["currentManifest"]["file"]["directUrl"])


def test_files_of_several_artifacts_are_announced_in_one_call(program):
    begun = [program.begin({"f": name}, name.decode())["id"] for name in (b"x", b"y")]
    files = [(each, path) for path in ("f", "g") for each in begun]
    specs = [program.spec(each, path, b"1") for each, path in files]

    answer = program.ask("createArtifactFiles", artifactFiles=specs)

    nodes = [edge["node"] for edge in answer["files"]["edges"]]
    assert [node["artifact"]["id"] for node in nodes] == [each for each, _ in files]
    assert len({node["storagePath"] for node in nodes}) == 4


def test_a_file_is_found_by_its_name_or_else_by_its_digest(scene, program):
    """The SDK does not quote the name, and says only its last part."""
    saved = program.save(FILES)
    found = Artifact.objects.get(pk=decode("Artifact", saved["id"])).entries
    digest = bytes_of(found.get(path="c.txt").digest)
    way = f"/artifactsV2/default/other/sdk/data/{saved['id']}//{digest}"
    client = scene.program("team admin")

    def name_of(asked: str) -> str:
        answer = client.get(f"{way}/{asked}")
        assert b"".join(answer) == b"same"
        return str(answer["Content-Disposition"])

    assert "c.txt" in name_of("c.txt")
    assert "b.txt" in name_of("d/b.txt")
    for other in ("e.txt", "", "%00", "x" * 2000):
        assert "a.txt" in name_of(other)


@pytest.mark.parametrize("artifact", ["with its id", "newest"])
def test_a_file_of_a_folder_is_found_by_an_index(scene, program, artifact):
    saved = program.save(FILES)
    found = Artifact.objects.get(pk=decode("Artifact", saved["id"])).entries
    digest = bytes_of(found.get(path="c.txt").digest)
    middle = f"/{saved['id']}" if artifact == "with its id" else ""
    others = {"artifact_id": decode("Artifact", saved["id"]), "size": 0}
    Entry.objects.bulk_create(Entry(path=n, digest=n, **others) for n in range(1000))

    with CaptureQueriesContext(connection) as queries:
        answer = scene.program("team admin").get(
            f"/artifactsV2/default/other/sdk/data{middle}//{digest}/b.txt"
        )

    assert b"".join(answer) == b"same"
    asked = [q["sql"] for q in queries if '"registries_entry"' in q["sql"]]
    by_digest = [plan_of(sql) for sql in asked if '"digest" = ' in sql]
    assert len(by_digest) == (2 if artifact == "with its id" else 3)
    for plan in by_digest:
        assert "entry_by_digest" in plan or "path" in plan, plan


def plan_of(sql: str) -> str:
    """Say how the database would answer, were the tables large."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE registries_entry")  # what it knows is of other tests
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row) for row in cursor.fetchall())
