"""Answers to the SDK that get lost: it asks again by itself, and nothing is there twice."""

from __future__ import annotations

import pytest

from tests.sdk.cutting import Cutting
from tests.sdk.place import Sdk

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]


def test_a_publication_whose_every_answer_is_lost_happens_once(place, tmp_path):
    """Two seconds pass until the SDK asks again: this takes minutes."""
    key = place.keys["organization admin"]
    with Cutting(place.port) as line:
        sdk = Sdk(tmp_path / "home", line, key)
        try:
            published = sdk(
                """
run = wandb.init(entity="other", project="lost", id="r", config={"a": 1})
run.log({"loss": 1})
artifact = wandb.Artifact("lost", type="model")
for name in "abc":
    with artifact.new_file(name) as file:
        file.write(name)
run.log_artifact(artifact, aliases=["best"]).wait()
linked = run.link_artifact(artifact, "wandb-registry-model/lost", aliases=["staging"])
run.use_artifact(linked)
run.finish()
linked.qualified_name
"""
            )
            found = sdk(
                """
api = wandb.Api()
artifact = api.artifact(name)
artifact.aliases.append("again")
artifact.save()
source = api.artifact("other/lost/lost:v0")
{
    "runs": [run.id for run in api.runs("other/lost")],
    "history": len(list(api.run("other/lost/r").scan_history())),
    "logged": [a.name for a in api.run("other/lost/r").logged_artifacts()],
    "used": [a.name for a in api.run("other/lost/r").used_artifacts()],
    "source": [v.version for v in api.artifacts("model", "other/lost/lost")],
    "linked": [v.version for v in api.artifacts("model", name.partition(":")[0])],
    "aliases": sorted(api.artifact(name).aliases),
    "files": sorted(source.manifest.entries),
}
""",
                name=published,
            )
        finally:
            sdk.close()

    assert found["runs"] == ["r"]
    assert found["history"] == 1
    assert len(found["logged"]) == len(found["used"]) == 1
    assert (found["source"], found["linked"]) == (["v0"], ["v0"])
    assert {"again", "latest", "staging"} <= set(found["aliases"])
    assert found["files"] == ["a", "b", "c"]
    assert len(line.lost) > 20
