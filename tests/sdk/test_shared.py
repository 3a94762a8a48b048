"""Several processes that write one run: nothing that any of them said is lost."""

from __future__ import annotations

import pytest

BEGIN = """
settings = wandb.Settings(
    mode="shared", x_primary=label == "first", x_label=label, x_disable_stats=False,
    x_stats_sampling_interval=0.1, x_file_stream_transmit_interval=0.1,
)
run = wandb.init(entity="other", project="shared", id="two", settings=settings,
                 config={label: 1, "of": {label: 2}}, tags=[label] if tags else None)
"""
LOG = """
import time
run = wandb.run
for n in range(3):
    run.log({"loss": n, f"of {label}": n, "deep": {label: n}})
    run.write_logs(f"{said} {n} of {label}")
    time.sleep(0.1)
run.summary[f"best of {label}"] = 1
with open(f"{label}.txt", "w") as file:
    file.write(label)
run.save(f"{label}.txt", policy="now")
"""
END = "wandb.run.finish()"
STATE = "wandb.Api().run('other/shared/two').state"
READ = """
run = wandb.Api().run("other/shared/two")
rows = list(run.scan_history())
{"state": run.state, "steps": [row["_step"] for row in rows], "tags": run.tags,
 "first": [row["of first"] for row in rows if row.get("of first") is not None],
 "second": [row["of second"] for row in rows if row.get("of second") is not None],
 "read": len(run.history(pandas=False)),
 "console": [(line.label, line.content) for line in run.console_logs()],
 "config": {key: run.config[key] for key in ("first", "second", "of")},
 "deep": dict(run.summary["deep"]), "best": [run.summary[f"best of {label}"]
 for label in ("first", "second")], "step": run.summary["_step"],
 "files": sorted(file.name for file in run.files() if file.name.endswith(".txt")),
 "machine": sorted({key.partition("/l:")[2] for row in run.history(
     stream="system", pandas=False) for key in row if "/l:" in key})}
"""


@pytest.fixture
def both(sdk):
    """Two processes, of two people, by what each is called in the run."""
    return {"first": sdk("team admin"), "second": sdk("organization admin")}


def test_what_two_processes_write_is_all_there(both):
    for label, shell in both.items():
        shell(BEGIN, label=label, tags=label == "first")
    for said in ("a", "b"):
        for label, shell in both.items():
            shell(LOG, label=label, said=said)
    both["first"](END)
    ended = both["first"](STATE)
    both["second"](LOG, label="second", said="c")
    both["second"](END)

    found = both["first"](READ)
    printed = sorted(found.pop("console"))
    assert ended == "finished"
    assert printed == sorted(
        [label, f"{said} {n} of {label}"]
        for label, sayings in (("first", "ab"), ("second", "abc"))
        for said in sayings
        for n in range(3)
    )
    assert found == {
        "state": "finished",
        "steps": list(range(15)),
        "tags": ["first"],
        "first": [0, 1, 2] * 2,
        "second": [0, 1, 2] * 3,
        "read": 15,
        "config": {"first": 1, "second": 1, "of": {"first": 2, "second": 2}},
        "deep": {"first": 2, "second": 2},
        "best": [1, 1],
        "step": 14,
        "files": ["first.txt", "requirements.txt", "second.txt"],
        "machine": ["first", "second"],
    }
