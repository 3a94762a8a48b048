"""What one may choose when saving and reading: digests, regions, spans, pages, places."""

from __future__ import annotations

import pytest

START = """
import os
def begin(**given):
    return wandb.init(entity="other", project="choices", **given)
def make(name, files, kind="dataset", **given):
    artifact = wandb.Artifact(name, kind, **given)
    for path, content in files.items():
        with artifact.new_file(path) as file:
            file.write(content)
    return artifact
def log(artifact, **given):
    with begin() as run:
        return run.log_artifact(artifact, **given).wait()
def tried(call):
    try:
        return call()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
def find(name):
    return wandb.Api().artifact("other/choices/" + name)
"""


@pytest.fixture(scope="module")
def shell(sdk):
    person = sdk("organization admin with access")
    return lambda code, **values: person(START + code, **values)


def test_digests_are_xxh128_where_that_is_chosen_and_stay_it(shell, place):
    saved, entries, algorithm, back, again, other = shell("""
files = {f"{n}.bin": str(n) for n in range(3)}
first = log(make("fast", files, digest_algorithm="XXH128"))
found = find("fast:v0")
root = found.download(root="fast")
found.verify(root)
back = {path: open(root + "/" + path).read() for path in files}
again = log(make("fast", files, digest_algorithm="XXH128"), aliases=["again"])
other = tried(lambda: log(make("fast", {"x": "y"}, digest_algorithm="MD5")).version)
entries = {(len(e.digest), e.extra.get("alg")) for e in found.manifest.entries.values()}
[first.digest == found.digest == found.manifest.digest(), sorted(entries),
 found.digest_algorithm.value, back == files, again.version, other]
""")

    assert (saved, back, again) == (True, True, "v0")
    assert (entries, algorithm) == ([[24, "XXH128"]], "MANIFEST_XXH128")
    assert "XXH128" in other


def test_a_region_of_ours_is_kept_and_an_unknown_one_refused_by_name(shell):
    region, unknown = shell("""
kept = log(make("here", {"a": "1"}, storage_region="minio-local"))
region = find("here:v0").manifest.storage_policy._config.storage_region
[region, tried(lambda: log(make("there", {"a": "1"}, storage_region="mars")))]
""")

    assert region == "minio-local"
    assert "There is no storage region mars, only " in unknown


def test_of_another_version_only_what_changed_is_sent(shell, place):
    sent = shell("log(make('grown', {str(n): f'{n} of many' for n in range(30)})).version")
    before = uploads(place)
    shell("log(make('grown', {str(n): f'{n} of many' for n in range(31)})).version")

    assert sent == "v0"
    assert uploads(place) == before + 1


def uploads(place) -> int:
    """How many files were sent to the server."""
    lines = place.log.read_text().splitlines()
    return sum('"PUT /storage/upload/ey' in line for line in lines)


def test_files_are_asked_for_in_pages(shell):
    found = shell("""
log(make("pages", {str(n): str(n) for n in range(25)}))
os.environ["WANDB_ARTIFACT_FETCH_FILE_URL_BATCH_SIZE"] = "7"
root = find("pages:v0").download(root="pages")
del os.environ["WANDB_ARTIFACT_FETCH_FILE_URL_BATCH_SIZE"]
files = find("pages:v0").files(per_page=7)
[len(os.listdir(root)), len(files), sorted(int(each.name) for each in files)]
""")

    assert found == [25, 25, list(range(25))]


def test_a_span_is_set_taken_off_and_inherited(shell):
    spans = shell("""
from datetime import timedelta
from wandb import ArtifactTTL
artifact = make("brief", {"a": "1"})
artifact.ttl = timedelta(days=9)
log(artifact)
spans = []
for span in (timedelta(days=2), None, ArtifactTTL.INHERIT):
    found = find("brief:v0")
    spans.append(found.ttl and found.ttl.days)
    found.ttl = span
    found.save()
[*spans, find("brief:v0").ttl]
""")

    assert spans == [9, 2, None, None]


def test_artifacts_refer_to_files_of_others_and_of_this_machine(shell, tmp_path):
    (tmp_path / "local.txt").write_text("local")
    found = shell(
        """
first = log(make("base", {"deep/a": "bytes of another"}))
second = make("refers", {})
second.add_reference(find("base:v0").get_entry("deep/a").ref_url(), name="theirs")
second.add_reference("file://" + path, name="mine")
second.add_reference("lake://bucket/key", name="bucket", checksum=False)
log(second)
artifact = find("refers:v0")
paths = [artifact.get_entry(name).download(root="refers") for name in ("theirs", "mine")]
[*(open(path).read() for path in paths), artifact.manifest.entries["bucket"].ref]
""",
        path=str(tmp_path / "local.txt"),
    )

    assert found == ["bytes of another", "local", "lake://bucket/key"]


def test_a_use_with_a_wrong_type_or_of_a_draft_says_so(shell):
    wrong, draft, whole = shell("""
log(make("typed", {"a": "1"}))
with begin() as run:
    wrong = tried(lambda: run.use_artifact("typed:v0", type="model"))
    draft = run.use_artifact(make("unsaved", {"a": "2"}))
    used = sorted(each.name for each in [run.use_artifact("other/choices/typed:v0"), draft])
[wrong, find("unsaved:v0").state, used]
""")

    assert "type" in wrong
    assert (draft, whole) == ("COMMITTED", ["typed:v0", "unsaved:v0"])


def test_runs_go_where_nothing_is_named_and_are_resumed_if_there(shell):
    found = shell("""
with wandb.init(project="mine") as run:
    place = [run.entity, run.project]
with wandb.init(project="mine", id="again", resume="allow") as run:
    run.log({"a": 1})
with wandb.init(project="mine", id="again", resume="allow") as run:
    steps = [run.resumed, run.starting_step]
never = tried(lambda: wandb.init(project="mine", id="again", resume="never"))
[place, steps, never]
""")

    assert found[0] == ["the-organization-admin-with-access", "mine"]
    assert found[1] == [True, 1]
    assert "already exists" in found[2]


def test_a_collection_of_a_registry_is_renamed_described_and_deleted(shell):
    found = shell("""
log(make("moving", {"a": "1"}, kind="model"))
target = "acme/wandb-registry-organization/"
find("moving:v0").link(target + "first")
collection = wandb.Api().artifact_collection("model", target + "first")
collection.name, collection.description = "second", "Words."
collection.save()
collection = wandb.Api().artifact_collection("model", target + "second")
told = [collection.description, collection.is_sequence(), collection.aliases]
collection.delete()
gone = wandb.Api().artifact_collection_exists(target + "second", "model")
[told, gone, find("moving:v0").state]
""")

    assert found == [["Words.", False, ["latest"]], False, "COMMITTED"]
