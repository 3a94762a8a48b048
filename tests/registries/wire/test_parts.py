"""Files that come in parts, as the SDK sends them from 2 GiB on."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from accounts.actors import Busy
from registries.models import Blob, Entry, Multipart, Part
from registries.operations.artifacts import abandon_artifact
from registries.operations.blobs import GRACE, sweep_blobs
from registries.operations.parts import assemble
from registries.storage import store
from registries.wire.ids import decode, encode
from tests.cast import OPEN, Cast
from tests.doors import Scene
from tests.factories import SYSTEM, logged_version
from tests.registries.wire.saving import Saving, entry, manifest, through

pytestmark = pytest.mark.django_db

WHOLE = b"first second third"
PARTS = [b"first ", b"second ", b"third"]


def test_many_large_files_are_announced_at_once(cast):
    saving = Saving(through(Scene(cast, OPEN).program("team admin")))

    def announce(parts: int) -> int:
        each = [{"partNumber": n, "hexMD5": "0" * 32} for n in range(1, parts + 1)]
        spec = saving.spec("nothing", "large", WHOLE) | {"uploadPartsInput": each}
        return saving.refused("createArtifactFiles", artifactFiles=[spec] * 25)[0]

    assert announce(parts=430) == 404  # 42 GiB of each
    assert announce(parts=2500) == 413


class Large:
    """A file that somebody sends in parts."""

    def __init__(self, cast: Cast, **spec: Any) -> None:
        scene = Scene(cast, OPEN)
        self.client = scene.program("team admin")
        self.saving = Saving(through(self.client))
        self.artifact = self.saving.begin({"large": WHOLE})["id"]
        self.node = self.announce(**spec)

    def announce(self, **more: Any) -> Any:
        parts = [
            {"partNumber": number, "hexMD5": hashlib.md5(part).hexdigest()}
            for number, part in enumerate(PARTS, 1)
        ]
        spec = self.saving.spec(self.artifact, "large", WHOLE)
        spec |= {"uploadPartsInput": parts} | more
        answer = self.saving.ask("createArtifactFiles", artifactFiles=[spec])
        return answer["files"]["edges"][0]["node"]

    @property
    def urls(self) -> list[str]:
        places = self.node["uploadMultipartUrls"]["uploadUrlParts"]
        return [place["uploadUrl"] for place in places]

    def put(self, number: int, content: bytes | None = None) -> Any:
        content = PARTS[number - 1] if content is None else content
        path = urlsplit(self.urls[number - 1]).path
        return self.client.generic("PUT", path, content, CONTENT_LENGTH=str(len(content)))

    def tags(self) -> dict[int, str]:
        """Send all parts, the last one first; return what each was answered with."""
        return {n: self.put(n)["ETag"] for n in reversed(range(1, len(PARTS) + 1))}

    def asked(self, tags: dict[int, str], action: str = "Complete") -> tuple[int, Any]:
        parts = [{"partNumber": n, "hexMD5": tags[n]} for n in sorted(tags)]
        return self.saving.asked(
            "completeMultipartUploadArtifact",
            completeMultipartAction=action,
            completedParts=parts,
            artifactID=self.artifact,
            storagePath=self.node["storagePath"],
            uploadID=self.node["uploadMultipartUrls"]["uploadID"],
        )

    def complete(self, tags: dict[int, str]) -> int:
        return self.asked(tags)[0]

    @property
    def row(self) -> Entry:
        return Entry.objects.get(artifact=decode("Artifact", self.artifact))


@pytest.fixture
def large(cast) -> Large:
    return Large(cast)


def test_parts_become_the_file_whatever_order_they_come_in(large, own_blobs):
    places = large.node["uploadMultipartUrls"]["uploadUrlParts"]
    assert [place["partNumber"] for place in places] == [1, 2, 3]
    assert large.node["uploadUrl"]
    assert large.node["storagePath"].startswith("wandb_artifacts/")

    tags = large.tags()
    again = large.announce()
    assert large.put(2)["ETag"] == tags[2]
    answers = [large.asked(tags) for _ in range(2)]

    assert tags[1] == f'"{hashlib.md5(PARTS[0]).hexdigest()}"'
    assert again["uploadMultipartUrls"]["uploadID"]
    assert answers[0] == answers[1]
    assert answers[0][1]["data"] == {
        "completeMultipartUploadArtifact": {"digest": entry(WHOLE)["digest"]}
    }
    with store().open(large.row.blob.sha256) as stream:
        assert stream.read() == WHOLE
    assert not Multipart.objects.exists()
    assert not Part.objects.exists()
    assert not list(own_blobs.glob("tmp/*"))
    assert large.put(1).status_code == 409
    large.saving.describe(large.artifact, manifest({"large": entry(WHOLE)}))
    assert large.saving.commit(large.artifact)["size"] == len(WHOLE)
    assert large.complete(tags) == 200
    sweep_blobs(by=SYSTEM)
    condemned = Blob.objects.exclude(condemned_at=None).values_list("size", flat=True)
    assert sorted(condemned) == sorted(map(len, PARTS))


def test_parts_that_are_others_are_refused(large, own_blobs):
    assert large.put(1, b"fi").status_code == 422
    assert large.put(1, b"First ").status_code == 422
    path = urlsplit(large.urls[0]).path
    huge = large.client.generic("PUT", path, b"x", CONTENT_LENGTH=str((1 << 30) + 1))
    assert huge.status_code == 413
    assert large.complete({1: "x"}) == 422
    tags = large.tags()
    assert large.complete({}) == 422
    assert large.complete({1: tags[1], 2: tags[2]}) == 422
    assert large.complete(tags | {3: tags[2]}) == 422
    assert large.complete(tags | {4: tags[2]}) == 422
    assert large.row.blob is None
    assert not list(own_blobs.glob("tmp/*"))
    assert large.complete(tags) == 200


def test_a_wrong_announcement_of_parts_is_refused(large):
    spec = large.saving.spec(large.artifact, "large", WHOLE)
    for number, hexadecimal in [(0, "00"), (10_001, "00"), (1, "no hex")]:
        parts = [{"partNumber": number, "hexMD5": hexadecimal}]
        sent = [spec | {"uploadPartsInput": parts}]
        assert large.saving.refused("createArtifactFiles", artifactFiles=sent)[0] == 422


def test_parts_of_another_file_than_promised_do_not_become_it(cast):
    large = Large(cast, digest=entry(b"another")["digest"], md5="")
    tags = large.tags()

    status, answer = large.asked(tags)

    assert (status, answer["errors"][0]["message"]) == (
        422,
        "The parts of large make another file.",
    )
    assert large.row.blob is None
    assert large.complete(tags) == 422  # nobody is thought to be at it


def test_who_asks_again_meanwhile_is_told_when(large):
    tags = large.tags()
    Multipart.objects.update(leased_until=timezone.now() + timedelta(seconds=30))

    document = large.asked(tags)
    Multipart.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    assert document[0] == 503
    assert document[1]["errors"][0]["message"] == "large is being put together."
    assert large.complete(tags) == 200


def test_who_asks_again_for_a_huge_file_waits_as_long_as_it_takes(large):
    large.tags()
    Multipart.objects.update(leased_until=timezone.now() + timedelta(seconds=30))
    Blob.objects.filter(pk__in=Part.objects.values("blob")).update(size=100 << 30)

    with pytest.raises(Busy) as busy:
        assemble(large.row, {}, by=SYSTEM)

    assert busy.value.seconds == 2 + 3 * 100


def test_parts_are_given_up_by_who_sent_them_and_with_their_draft(large):
    tags = large.tags()
    assert large.asked(tags, "Abort") == (
        200,
        {"data": {"completeMultipartUploadArtifact": {"digest": None}}},
    )
    assert large.complete(tags) == 404
    assert large.put(1).status_code == 409
    large.node = large.announce()
    assert large.complete(large.tags()) == 200

    large.node = large.announce(digest=entry(b"other")["digest"])
    large.tags()
    abandon_artifact(large.row.artifact, by=SYSTEM)
    sweep_blobs(by=SYSTEM)
    receipt = sweep_blobs(by=SYSTEM, now=timezone.now() + GRACE * 2)
    assert receipt.deleted == len({*PARTS, WHOLE})


def test_one_part_after_the_other_is_also_one_file(large):
    """Whoever asked for parts may send the whole as well."""
    large.tags()

    assert large.saving.put(large.node["uploadUrl"], WHOLE)[0] == 200

    assert large.complete({1: "whatever"}) == 200
    assert not Multipart.objects.exists()


def test_parts_of_others_are_not_there(cast, large):
    large.tags()
    foreign = logged_version(cast.added, "theirs").artifact
    uploads = [
        (encode("Artifact", foreign.pk), large.node["uploadMultipartUrls"]["uploadID"]),
        (large.artifact, encode("Upload", foreign.entries.get().pk)),
    ]
    for artifact, upload in uploads:
        large.artifact = artifact
        large.node["uploadMultipartUrls"]["uploadID"] = upload
        assert large.complete({1: "x"}) == 404
