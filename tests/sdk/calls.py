"""What scripts call of the SDK, and what each call answers: the same for every version."""

from __future__ import annotations

from tests.sdk.calls_of_registries import REGISTRIES, Calls

START = """
import os, pathlib, subprocess, sys
from datetime import timedelta
project = "old-" + v
api = wandb.Api()
def begin(**given):
    return wandb.init(entity="other", project=project, settings=QUIET, **given)
QUIET = wandb.Settings(silent=True)
def make(name, content, kind="model", **given):
    artifact = wandb.Artifact(name, kind, **given)
    with artifact.new_file("weights.bin") as file:
        file.write(content)
    return artifact
def log(name, content, **given):
    with begin() as run:
        return run.log_artifact(make(name, content), **given).wait()
def registry():
    return wandb.Api().registry("vision-" + v, "acme")
there = f"other/{project}"
mine = there + "/net"
linked = f"acme/wandb-registry-organization/net-{v}"
"""
"""What stands before each snippet: `v` is a name for the version."""

CALLS: Calls = {
    "wandb.login": ("wandb.login(key=key, host=host, verify=True, relogin=True)", True),
    "Api.viewer": (
        "[api.viewer.username, len(api.viewer.api_keys) > 0]",
        ["the-organization-admin-with-access", True],
    ),
    "Api.default_entity": ("api.default_entity", "the-organization-admin-with-access"),
    "Api.user": ("api.user('the-viewer').email", "the-viewer@example.org"),
    "Api.users": (
        "[each.username for each in api.users('the-viewer@example.org')]",
        ["the-viewer"],
    ),
    "Api.team": (
        "[each.username for each in api.team('other').members]",
        ["the-team-admin"],
    ),
    "Api.create_team": (
        """
        team = api.create_team("crew-" + v)
        invited = team.invite("the-viewer@example.org")
        robot = team.create_service_account("Builds").username
        members = {each.username: each for each in wandb.Api().team("crew-" + v).members}
        left = members["the-viewer"].delete()
        [invited, robot in members, "the-viewer" in members, bool(left)]
        """,
        [True, True, True, True],
    ),
    "User.generate_api_key": ("api.viewer.generate_api_key('of ' + v)[:10]", "accession-"),
    "Run": (
        """
        with begin(id="run", config={"lr": 0.1}, tags=["a"], notes="Odd.") as run:
            for step in range(3):
                run.log({"loss": 1 / (step + 1)})
            pathlib.Path("extra.txt").write_text("kept")
            run.save("extra.txt", policy="now")
        run = wandb.Api().run(f"other/{project}/run")
        rows = [row["loss"] for row in run.scan_history()]
        file = run.file("extra.txt").download(replace=True).read()
        [run.state, run.config, run.summary["loss"], run.tags, run.notes, rows, file]
        """,
        ["finished", {"lr": 0.1}, 1 / 3, ["a"], "Odd.", [1.0, 0.5, 1 / 3], "kept"],
    ),
    "Run.update": (
        """
        run = api.run(f"other/{project}/run")
        run.tags, run.config["lr"] = ["new"], 0.2
        run.update()
        run.summary.update({"best": 1})
        run = wandb.Api().run(f"other/{project}/run")
        [run.state, run.tags, run.config["lr"], run.summary["best"]]
        """,
        ["finished", ["new"], 0.2, 1],
    ),
    "wandb.init(resume)": (
        """
        with begin(id="run", resume="must") as run:
            run.log({"loss": 0.0})
        len(list(wandb.Api().run(f"other/{project}/run").scan_history()))
        """,
        4,
    ),
    "Run.history": ("len(api.run(f'other/{project}/run').history(pandas=False))", 4),
    "Run.delete": (
        """
        begin(id="gone").finish()
        run = api.run(f"other/{project}/gone")
        run.delete()
        [each.id for each in wandb.Api().runs(f"other/{project}", order="+created_at")][:1]
        """,
        ["run"],
    ),
    "Run.alert": ("with begin() as run:\n    run.alert('Look', 'here')", None),
    "wandb sync": (
        """
        run = begin(id="offline", mode="offline")
        run.log({"loss": 1})
        folder = os.path.dirname(run.dir)
        run.finish()
        sync = [sys.executable, "-m", "wandb", "sync", folder]
        subprocess.run(sync, check=True, capture_output=True)
        run = wandb.Api().run(f"other/{project}/offline")
        [run.state, run.summary["loss"]]
        """,
        ["finished", 1],
    ),
    "Api.runs": (
        "[each.id for each in api.runs(f'other/{project}', filters={'config.lr': 0.2})]",
        ["run"],
    ),
    "Api.create_project": (
        """
        api.create_project('made-' + v, 'other')
        'made-' + v in [each.name for each in api.projects('other')]
        """,
        True,
    ),
    "Run.log_artifact": (
        """
        with begin() as run:
            artifact = make("net", "one", description="D", metadata={"acc": 0.5})
            artifact.add_reference(host + "/healthz", name="ref", checksum=False)
            artifact.add(wandb.Table(columns=["a"], data=[[1]]), "table")
            logged = run.log_artifact(artifact, aliases=["best"]).wait()
            again = make("net", "two")
            run.log_artifact(again, tags=["raw"]).wait()
        [logged.version, sorted(logged.aliases), logged.state, again.version, again.tags]
        """,
        ["v0", ["best", "latest"], "COMMITTED", "v1", ["raw"]],
    ),
    "Artifact.download": (
        """
        artifact = wandb.Api().artifact(mine + ":best", type="model")
        root = artifact.download(root="out")
        artifact.verify(root)
        is_equal = artifact.digest == artifact.manifest.digest()
        [sorted(os.listdir(root)), open(root + "/weights.bin").read(), is_equal]
        """,
        [["ref", "table.table.json", "weights.bin"], "one", True],
    ),
    "Artifact.get": ("wandb.Api().artifact(mine + ':best').get('table').data", [[1]]),
    "Artifact.file": (
        "open(wandb.Api().artifact(mine + ':v1').file(root='one')).read()",
        "two",
    ),
    "Artifact.files": (
        "sorted(each.name for each in wandb.Api().artifact(mine + ':v0').files())",
        ["ref", "table.table.json", "weights.bin"],
    ),
    "Artifact.get_entry": (
        """
        entry = wandb.Api().artifact(mine + ':v1').get_entry('weights.bin')
        open(entry.download(root='two')).read()
        """,
        "two",
    ),
    "Artifact.checkout": (
        "sorted(os.listdir(wandb.Api().artifact(mine + ':v1').checkout('three')))",
        ["weights.bin"],
    ),
    "Artifact.save": (
        """
        artifact = wandb.Api().artifact(mine + ":v0")
        artifact.description, artifact.ttl = "New.", timedelta(days=3)
        artifact.metadata["more"], artifact.tags = True, ["one"]
        artifact.aliases.append("gold")
        artifact.save()
        found = wandb.Api().artifact(mine + ":gold")
        texts = [found.description, found.metadata, found.tags]
        [*texts, found.ttl.days, sorted(found.aliases)]
        """,
        ["New.", {"acc": 0.5, "more": True}, ["one"], 3, ["best", "gold"]],
    ),
    "Artifact.new_draft": (
        """
        with begin() as run:
            draft = wandb.Api().artifact(mine + ":v1").new_draft()
            with draft.new_file("more") as file:
                file.write("more")
            second = run.log_artifact(draft).wait()
        [second.version, sorted(second.manifest.entries)]
        """,
        ["v2", ["more", "weights.bin"]],
    ),
    "Artifact(incremental)": (
        """
        with begin() as run:
            run.log_artifact(make("parts", "one")).wait()
            more = wandb.Artifact("parts", "model", incremental=True)
            with more.new_file("other") as file:
                file.write("x")
            run.log_artifact(more).wait()
        found = wandb.Api().artifact(f"{there}/parts:v1")
        [more.version, sorted(found.manifest.entries)]
        """,
        ["v1", ["other", "weights.bin"]],
    ),
    "Run.upsert_artifact": (
        """
        for step, name in (("upsert_artifact", "one"), ("finish_artifact", "two")):
            with begin(group="g") as run:
                shard = wandb.Artifact("shards", "dataset")
                with shard.new_file(name) as file:
                    file.write(name)
                getattr(run, step)(shard, distributed_id="d-" + v)
        sorted(wandb.Api().artifact(f"other/{project}/shards:v0").manifest.entries)
        """,
        ["one", "two"],
    ),
    "Run.link_artifact": (
        """
        with begin() as run:
            run.link_artifact(run.use_artifact("net:v1"), linked, aliases=["staging"])
        found = wandb.Api().artifact(linked + ":staging")
        [found.version, found.source_qualified_name == mine + ":v1", sorted(found.aliases)]
        """,
        ["v0", True, ["latest", "staging"]],
    ),
    "Artifact.link": (
        """
        api.artifact(mine + ':v0').link(linked, ['prod'])
        wandb.Api().artifact(linked + ':prod').version
        """,
        "v1",
    ),
    "Run.use_artifact": (
        """
        with begin(id="user") as run:
            used = run.use_artifact(linked + ":staging")
            content = open(used.download(root="used") + "/weights.bin").read()
        used = wandb.Api().artifact(linked + ":staging")
        run = wandb.Api().run(f"other/{project}/user")
        is_told = ["user" in [each.id for each in used.used_by()], bool(used.logged_by())]
        [content, *is_told, [each.name for each in run.used_artifacts()]]
        """,
        ["two", True, True, ["net:v1"]],
    ),
    "Run.logged_artifacts": (
        """
        made = wandb.Api().artifact(mine + ':v0').logged_by()
        logged = wandb.Api().run(f'{there}/{made.id}').logged_artifacts()
        sorted(each.name for each in logged)[:2]
        """,
        ["net:v0", "net:v1"],
    ),
    "Artifact.linked_artifacts": (
        """
        found = wandb.Api().artifact(mine + ':v1').linked_artifacts
        [each.qualified_name == linked + ':v0' for each in found]
        """,
        [True],
    ),
    "Artifact.source_artifact": (
        """
        source = wandb.Api().artifact(linked + ':v0').source_artifact
        source.qualified_name == mine + ':v1'
        """,
        True,
    ),
    "Artifact.unlink": (
        """
        wandb.Api().artifact(linked + ':v1').unlink()
        [each.name == f'net-{v}:v0' for each in wandb.Api().artifacts('model', linked)]
        """,
        [True],
    ),
    "Run.log_model": (
        """
        pathlib.Path("net.bin").write_text("weights")
        with begin() as run:
            run.log_model("net.bin", name="model", aliases=["mine"])
        with begin() as run:
            path = run.use_model("model:mine")
        open(path).read()
        """,
        "weights",
    ),
    "Run.link_model": (
        """
        pathlib.Path("net.bin").write_text("weights")
        with begin() as run:
            run.link_model("net.bin", "by-call-" + v, name="model", aliases=["mine"])
        with begin() as run:
            path = run.use_model(f"acme/wandb-registry-model/by-call-{v}:mine")
        open(path).read()
        """,
        "weights",
    ),
    "Api.artifact_types": (
        "sorted(each.name for each in api.artifact_types(f'other/{project}'))[:2]",
        ["dataset", "model"],
    ),
    "Api.artifact_type": (
        """
        [each.name for each in api.artifact_type('dataset', there).collections()]
        """,
        ["shards"],
    ),
    "Api.artifact_collections": (
        "[each.name for each in api.artifact_collections(f'other/{project}', 'dataset')]",
        ["shards"],
    ),
    "Api.artifacts": (
        "[each.version for each in api.artifacts('model', mine)]",
        ["v2", "v1", "v0"],
    ),
    "Api.artifact_exists": (
        """
        versions = [api.artifact_exists(f'{mine}:{each}') for each in ('gold', 'none')]
        [*versions, api.artifact_collection_exists(mine, 'model')]
        """,
        [True, False, True],
    ),
    "Artifact.delete": (
        """
        api.artifact(mine + ":v0").delete(delete_aliases=True)
        [each.version for each in wandb.Api().artifacts("model", mine)]
        """,
        ["v2", "v1"],
    ),
    "ArtifactCollection.save": (
        """
        collection = api.artifact_collection("dataset", f"other/{project}/shards")
        collection.description, collection.name, collection.tags = "All.", "rows", ["good"]
        collection.save()
        found = wandb.Api().artifact_collection("dataset", f"other/{project}/rows")
        [found.description, found.tags, found.aliases]
        """,
        ["All.", ["good"], ["latest"]],
    ),
    "ArtifactCollection.change_type": (
        """
        api.artifact(there + '/rows:v0').delete(delete_aliases=True)
        api.artifact_collection('dataset', there + '/rows').change_type('table')
        wandb.Api().artifact_collection('table', there + '/rows').type
        """,
        "table",
    ),
    "ArtifactCollection.delete": (
        """
        api.artifact_collection('table', there + '/rows').delete()
        wandb.Api().artifact_collection_exists(there + '/rows', 'table')
        """,
        False,
    ),
}
CALLS |= REGISTRIES
"""What is called, one after the other: the name of it, a snippet, and its worth."""
