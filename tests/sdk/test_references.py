"""Artifacts that point at files elsewhere: each reference comes back as it was logged."""

from __future__ import annotations

import pytest

AZURE = "https://acme.blob.core.windows.net/box/deep/net.bin"
CLOUD = {
    "s3": ["s3://bucket/deep/net.bin", "9a0364b9e99bb480dd25e1f0284c8555-2", 11, {
        "etag": "9a0364b9e99bb480dd25e1f0284c8555-2", "versionID": "3HL4kqtJlcpXroD",
    }],
    "s3 unsummed": ["s3://bucket/key", "s3://bucket/key", 0, {}],
    "gs": ["gs://bucket/net.bin", "CJDe5rXq7oYDEAE=", 5, {"versionID": 1699999999999999}],
    "gs unsummed": ["gs://bucket/dir/ü #%?", "gs://bucket/dir/ü #%?", 0, {}],
    "azure": [AZURE, "0x8D9", 7, {"etag": "0x8D9", "versionID": "2021-01-01T00:00:00.0Z"}],
}  # fmt: skip
"""What the SDK writes of them by the libraries of these stores, which are not here."""
LOG = """
import os
from wandb.sdk.artifacts.artifact_manifest_entry import ArtifactManifestEntry as Entry
os.makedirs("kept/deep", exist_ok=True)
for name in ("kept/a", "kept/deep/b"):
    open(name, "w").write(name)
def add(artifact):
    artifact.add_reference("file://" + os.path.abspath("kept"), name="kept")
    artifact.add_reference(alive, name="alive")
    artifact.add_reference(alive, name="unsummed", checksum=False)
    artifact.add_reference(azure + "?versionId=1", checksum=False)
    for path, (ref, digest, size, extra) in cloud.items():
        entry = Entry(path=path, ref=ref, digest=digest, size=size, extra=extra)
        artifact.manifest.add_entry(entry)
versions = []
with wandb.init(entity="other", project="references-elsewhere") as run:
    for _ in range(2):
        artifact = wandb.Artifact("places", "dataset")
        add(artifact)
        versions.append(run.log_artifact(artifact).wait().version)
"""
READ = """
found = wandb.Api().artifact("other/references-elsewhere/places:v0")
entries = {path: found.get_entry(path) for path in found.manifest.entries}
read = {path: [entry.ref, entry.digest, entry.size, entry.extra]
        for path, entry in entries.items()}
targets = [entry.ref_target() == entry.ref or path for path, entry in entries.items()]
links = {each.name: each.url for each in found.files()}
got = [open(found.get_entry(path).download(root="got")).read()
       for path in ("kept/deep/b", "alive", "unsummed")]
another = wandb.Artifact("another", "dataset")
for path in ("s3", "kept/a"):
    another.add_reference(entries[path].ref_url(), name=path)
with wandb.init(entity="other", project="references-elsewhere") as run:
    run.log_artifact(another).wait()
entries = wandb.Api().artifact("other/references-elsewhere/another:v0").manifest.entries
{"versions": versions, "read": read, "targets": targets, "links": links, "got": got,
 "size": found.size, "digest": found.digest == found.manifest.digest(), "here": os.getcwd(),
 "through": {path: entry.ref.partition("://")[0] for path, entry in entries.items()}}
"""


@pytest.fixture(scope="module")
def shell(sdk):
    return sdk("team admin")


def test_each_comes_back_as_it_was_logged(shell, place):
    alive = f"{place.url}/healthz"
    found = shell(LOG + READ, alive=alive, azure=AZURE, cloud=CLOUD)

    read = {path: found["read"][path] for path in CLOUD}
    assert read == CLOUD
    others = {
        "deep/net.bin": AZURE,
        "alive": alive,
        "unsummed": alive,
        "kept/a": f"file://{found['here']}/kept/a",
        "kept/deep/b": f"file://{found['here']}/kept/deep/b",
    }
    places = {path: entry[0] for path, entry in found["read"].items()}
    assert places == others | {path: entry[0] for path, entry in CLOUD.items()}
    assert found["links"] == places
    # Of a file that is in the SDK's cache, it names that.
    assert {*found["targets"]} == {True, "kept/a", "kept/deep/b"}
    assert found["got"] == ["kept/deep/b", "alive\n", "alive\n"]
    sizes = [entry[2] for entry in found["read"].values()]
    assert (found["versions"], found["size"]) == (["v0", "v0"], sum(sizes))
    assert found["digest"]
    assert found["through"] == {"s3": "wandb-artifact", "kept/a": "wandb-artifact"}


def test_one_that_cannot_be_kept_is_refused_by_name(shell):
    values = {"alive": f"{shell.place.url}/healthz", "azure": AZURE}
    bad = {
        "x" * 5000: "more than 4,096 char",
        "s3://b/\0": "a character that cannot be kept",
    }
    for address, why in bad.items():
        cloud = {"bad": [address, "d", 0, {}]}
        assert f"The reference of bad has {why}" in shell.refused(
            LOG, cloud=cloud, **values
        )
