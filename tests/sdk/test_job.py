"""A job as users write it: one script trains and links, another waits and predicts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import RequestFactory

from accounts.models import Entity, Organization
from registries.views import examples
from tests.sdk.place import Place, environment

JOB = Path(__file__).with_name("job")


@contextmanager
def started(place: Place, script: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a script in a folder of its own, as a person does in their shell."""
    home.mkdir()
    key = place.keys["organization admin"]
    shell = environment(home, place, key) | {"WANDB_ENTITY": "other"}
    with subprocess.Popen(
        [sys.executable, str(JOB / script)],
        cwd=home,
        env=shell,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # one waits for the other, however long


def test_what_one_script_links_another_waits_for_and_uses(place, sdk, tmp_path):
    with (
        started(place, "predict.py", tmp_path / "serving") as serving,
        started(place, "train.py", tmp_path / "training") as training,
    ):
        trained, _ = training.communicate(timeout=120)
        assert "accuracy 0." in trained, trained
        served, _ = serving.communicate(timeout=120)

    assert "acme/wandb-registry-model/iris-classifier:staging v0 says [0]" in served, served
    lineage = sdk("organization admin")("""
        api = wandb.Api()
        model = api.artifact("wandb-registry-model/iris-classifier:staging")
        made = model.logged_by()
        made = api.run(f"other/iris/{made.id}")
        users = [api.run(f"other/iris/{run.id}") for run in model.used_by()]
        [made.job_type, [a.name for a in made.used_artifacts()],
         model.metadata["iterations"], [run.job_type for run in users],
         sorted(a.name for a in made.logged_artifacts())]
    """)
    assert lineage == [
        "train",
        ["iris:v0"],
        500,
        ["predict"],
        ["iris-classifier:v0", "iris:v0"],
    ]


def test_the_help_has_code_that_runs(place, sdk):
    asking = RequestFactory().get("/")
    asking.organization = Organization(entity=Entity(name="acme"))
    code = examples.sdk_in(asking)

    for part in ("measure", "publish", "use", "registries"):
        sdk("organization admin")(code[part])

    greeter = "wandb.Api().artifact('acme/wandb-registry-model/greeter:production').aliases"
    assert "production" in sdk("organization admin")(greeter)
