"""Artifacts from log to delete, as scripts do it: what is logged is what comes back."""

from __future__ import annotations

import pytest

MAKE = """
    import os
    for name, content in files.items():
        os.makedirs(os.path.dirname("made/" + name) or ".", exist_ok=True)
        open("made/" + name, "w").write(content)
    def made():
        artifact = wandb.Artifact("data", "dataset", "Rows.", {"rows": 2})
        artifact.add_dir("made")
        artifact.add(wandb.Table(columns=["a"], data=[[1], [2]]), "table")
        artifact.add_reference(address, name="address", checksum=False)
        return artifact
    """
LOG = f"""{MAKE}
    versions = []
    for aliases, tags in ((["best"], ["raw"]), (["again"], [])):
        with wandb.init(entity="other", project=project) as run:
            artifact = run.log_artifact(made(), aliases=aliases, tags=tags).wait()
            versions.append([artifact.version, sorted(artifact.aliases), artifact.tags])
    [versions, artifact.digest == made().digest, artifact.state, artifact.file_count]
    """
FILES = {
    "a b.txt": "spaces",
    "ü #%?&.txt": "what addresses mean something by",
    "deep/er/x": "deep",
    "empty": "",
}
NAME = "other/{}/data:best"


@pytest.fixture(scope="module")
def shell(sdk):
    return sdk("team admin")


@pytest.fixture(scope="module")
def logged(shell, place) -> list[object]:
    """What logging the same twice says."""
    return shell(LOG, files=FILES, project="flows", address=f"{place.url}/healthz")


def test_the_same_content_is_one_version_with_both_aliases(logged):
    versions, is_equal, state, count = logged

    assert versions == [
        ["v0", ["best", "latest"], ["raw"]],
        ["v0", ["again", "best", "latest"], ["raw"]],
    ]
    assert (is_equal, state, count) == (True, "COMMITTED", 6)


@pytest.mark.usefixtures("logged")
def test_what_was_logged_comes_back_byte_for_byte(shell):
    back = shell(
        """
        artifact = wandb.Api().artifact(name, type="dataset")
        root = artifact.download(root="back")
        artifact.verify(root)
        found = {name: open("back/" + name).read() for name in files}
        one = artifact.get_entry("a b.txt").download(root="one")
        whole = [artifact.description, artifact.metadata, artifact.type]
        names = sorted(file.name for file in artifact.files())
        table = artifact.get("table").data
        [found, open(one).read(), whole, names, table, open("back/address").read()]
        """,
        name=NAME.format("flows"),
        files=list(FILES),
    )

    names = sorted([*FILES, "address", "table.table.json"])
    whole = ["Rows.", {"rows": 2}, "dataset"]
    assert back[:-1] == [FILES, "spaces", whole, names, [[1], [2]]]
    assert back[-1] == "alive\n"


@pytest.mark.usefixtures("logged")
def test_its_runs_are_told_and_using_it_is(shell):
    told = shell(
        """
        with wandb.init(entity="other", project="flows") as run:
            run.use_artifact("data:best").download(root="used")
        artifact = wandb.Api().artifact(name)
        used = [each.id for each in artifact.used_by()]
        later = wandb.Api().run(f"other/flows/{run.id}")
        inputs = [each.name for each in later.used_artifacts()]
        [used == [run.id], inputs, artifact.logged_by() is not None]
        """,
        name=NAME.format("flows"),
    )

    assert told == [True, ["data:v0"], True]


@pytest.mark.usefixtures("logged")
def test_lists_of_what_is_there(shell):
    listed = shell(
        """
        api = wandb.Api()
        [
            [each.name for each in api.artifact_types("other/flows")],
            [each.name for each in api.artifact_collections("other/flows", "dataset")],
            [each.name for each in api.artifacts("dataset", "other/flows/data")],
            [api.artifact_exists(name), api.artifact_exists("other/flows/data:nothing")],
            api.artifact_collection_exists("other/flows/data", "dataset"),
        ]
        """,
        name=NAME.format("flows"),
    )

    assert listed[0][0] == "dataset"
    assert listed[1:] == [["data"], ["data:v0"], [True, False], True]


EDIT = f"""{MAKE}
    from datetime import timedelta
    with wandb.init(entity="other", project=project) as run:
        run.log_artifact(made()).wait()
    api, name = wandb.Api(), f"other/{{project}}/data"
    artifact = api.artifact(name + ":v0")
    artifact.description, artifact.ttl = "New.", timedelta(days=3)
    artifact.metadata["more"], artifact.tags = True, ["one", "two"]
    artifact.aliases = ["gold", *artifact.aliases]
    artifact.save()
    found = wandb.Api().artifact(name + ":gold")
    edited = [found.description, found.ttl.days, found.metadata, sorted(found.tags)]
    with wandb.init(entity="other", project=project) as run:
        draft = found.new_draft()
        draft.remove("empty")
        with draft.new_file("more") as file:
            file.write("more")
        second = run.log_artifact(draft, aliases=["kept"]).wait()
    names = sorted(second.manifest.entries)
    """
DELETE = f"""{EDIT}
    def tried(call):
        try:
            return call()
        except Exception as error:
            return str(error)
    api.artifact(name + ":v0").delete(delete_aliases=True)
    left = [each.version for each in api.artifacts("dataset", name)]
    refused = tried(lambda: api.artifact(name + ":kept").delete())
    gone = tried(lambda: wandb.Api().artifact(name + ":gold"))
    collection = api.artifact_collection("dataset", name)
    collection.name, collection.description = "rows", "All."
    collection.save()
    renamed = api.artifact_collection("dataset", f"other/{{project}}/rows").description
    api.artifact_collection("dataset", f"other/{{project}}/rows").delete()
    nothing = tried(lambda: wandb.Api().artifact(f"other/{{project}}/rows:v1"))
    [edited, names, left, refused, gone, renamed, nothing]
    """


def test_it_is_edited_continued_and_deleted(shell, place):
    values = {"files": FILES, "project": "edited", "address": f"{place.url}/healthz"}
    edited, names, left, refused, gone, renamed, nothing = shell(DELETE, **values)

    assert edited == ["New.", 3, {"rows": 2, "more": True}, ["one", "two"]]
    assert set(names) == {*FILES, "address", "more", "table.table.json"} - {"empty"}
    assert left == ["v1"]
    assert "alias" in refused
    assert gone == "artifact membership 'data:gold' not found in 'other/edited'"
    assert renamed == "All."
    assert "not found" in nothing
