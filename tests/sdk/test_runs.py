"""Runs that the SDK starts, writes, resumes and reads back."""

from __future__ import annotations

import pytest

LOG = """
config = {"lr": 0.1, "o": {"n": 1}}
run = wandb.init(entity="other", project="training", id=id, config=config,
                 tags=["a b", "lr=0.1"], notes="Odd.", name="first")
for step in range(5):
    run.log({"loss": 1 / (step + 1), "d": {"v": step}, "bad": float("nan")})
with open("extra.txt", "w") as file:
    file.write("kept")
run.save("extra.txt", policy="now")
run.finish(exit_code=ended)
"""
READ = """
run = wandb.Api().run(f"other/training/{id}")
{"state": run.state, "config": run.config, "loss": run.summary["loss"], "tags": run.tags,
 "notes": run.notes, "keys": run.history_keys["keys"], "last": run.lastHistoryStep,
 "rows": [row["d"]["v"] for row in run.history(pandas=False)],
 "scanned": len(list(run.scan_history())),
 "file": run.file("extra.txt").download(replace=True).read()}
"""
RESUME = """
run = wandb.init(entity="other", project="training", id=id, resume="must")
run.log({"loss": 0.0, "d": {"v": 5}})
run.finish()
"""
EDIT = """
run = wandb.Api().run(f"other/training/{id}")
run.tags, run.config["lr"] = ["new"], 0.2
run.update()
run.summary.update({"best": 1})
run = wandb.Api().run(f"other/training/{id}")
[run.state, run.tags, run.config["lr"], run.summary["best"]]
"""
OFFLINE = """
import os, subprocess, sys
run = wandb.init(entity="other", project="training", id="offline", mode="offline")
for step in range(30):
    run.log({"loss": step})
folder = os.path.dirname(run.dir)
run.finish()
sync = [sys.executable, "-m", "wandb", "sync", folder]
for _ in range(2):
    subprocess.run(sync, check=True, capture_output=True)
run = wandb.Api().run("other/training/offline")
[run.state, len(list(run.scan_history())), run.summary["loss"]]
"""
TABLES = """
import os
with wandb.init(entity="other", project="tables", id="one") as run:
    run.log({"t": wandb.Table(columns=["a"], data=[[1], [2]]), "h": wandb.Html("<b>x</b>")})
    run.log({"loss": wandb.Histogram([1, 2, 3])})
run = wandb.Api().run("other/tables/one")
[logged] = run.logged_artifacts()
os.makedirs("checked-out")
for name in ("late.txt", "checked-out/left.txt"):
    open(name, "w").write("late")
logged.checkout("checked-out")
run.upload_file("late.txt")
late = run.file("late.txt")
try:
    late.delete()
except wandb.errors.CommError as error:
    refused = str(error)
[logged.type, logged.get("t").data, os.listdir("checked-out"), run.summary["t"]["nrows"],
 late.download(replace=True).read(), refused,
 [file.name.split("/")[1] for file in run.files() if "media/" in file.name]]
"""
LIST = """
runs = wandb.Api().runs("other/training", filters=filters, order=order, per_page=1)
[len(runs), [run.id for run in runs]]
"""


@pytest.fixture
def shell(sdk):
    return sdk("team admin")


def test_a_run_is_logged_read_resumed_edited_and_found(shell):
    shell(LOG, id="one", ended=0)
    shell(LOG, id="two", ended=3)

    read = shell(READ, id="one")
    assert read["keys"]["d.v"] == {"previousValue": 4}
    assert read["keys"]["bad"] == {"previousValue": "NaN"}
    del read["keys"]
    assert read == {
        "state": "finished",
        "config": {"lr": 0.1, "o": {"n": 1}},
        "loss": 0.2,
        "tags": ["a b", "lr=0.1"],
        "notes": "Odd.",
        "last": 4,
        "rows": [0, 1, 2, 3, 4],
        "scanned": 5,
        "file": "kept",
    }
    assert shell(EDIT, id="two") == ["failed", ["new"], 0.2, 1]
    shell(RESUME, id="one")
    assert shell(READ, id="one")["rows"] == [0, 1, 2, 3, 4, 5]
    wanted = {"config.lr": {"$lt": 0.15}, "state": "finished"}
    assert shell(LIST, filters=wanted, order="-created_at") == [1, ["one"]]
    assert shell(LIST, filters={}, order="+created_at") == [2, ["one", "two"]]


def test_an_offline_run_is_synchronized_once(shell):
    assert shell(OFFLINE) == ["finished", 30, 29]


def test_tables_become_artifacts_and_files_come_later(shell):
    kind, rows, checked_out, count, late, refused, media = shell(TABLES)

    assert (kind, rows, count) == ("run_table", [[1], [2]], 2)
    assert checked_out == ["t.table.json"]
    assert (late, sorted(media)) == ("late", ["html", "table"])
    assert refused == "The files of a run stay as long as the run does."


def test_what_is_refused_is_said_and_not_tried_again(shell, sdk):
    nowhere = shell.refused('wandb.init(entity="nobody-there", project="p")')
    organization = shell.refused('wandb.init(entity="acme", project="p")')
    looking = sdk("restricted viewer").refused('wandb.init(entity="other", project="p")')
    unknown = shell.refused('wandb.init(entity="other", id="none", resume="must")')
    rewound = shell.refused('wandb.init(entity="other", resume_from="one?_step=1")')
    sweep = shell.refused('wandb.sweep({"parameters": {}}, "other", "training")')

    assert "There is no team or person nobody-there." in nowhere
    assert "runs go to one of its teams, or a person." in organization
    assert "CommError" in looking
    assert "does not exist" in unknown
    assert "This server rewinds no runs: begin a new one, under another id." in rewound
    assert "This server has no sweeps." in sweep
