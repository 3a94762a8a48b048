"""The pages of a run: what it measured, printed and left; and who used a version."""

from __future__ import annotations

import json
import math
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from registries.models import Run
from registries.models.run import Stream
from registries.operations import run_streams
from registries.operations.links import link
from registries.operations.members import set_role
from registries.operations.projects import ensure_project
from registries.operations.run_files import promise_run_files, receive_run_file
from registries.operations.run_streams import log_lines
from registries.operations.runs import RunDetails, finish_run, start_run, use_artifact
from registries.streams import Lines
from registries.views.curves import number
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    logged_version,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db

MACHINE = {
    "codePath": "jobs/train.py",
    "args": ["--name", "a b"],
    "memory": {"total": "25276514304"},
    "gpu_count": 8,
    "gpu": "H100",
    "cpu": "unheard of",
}
CONFIG = {
    "_wandb": {"value": {"cli_version": "0.31.0", "e": {"w": MACHINE}}},
    "lr": {"value": 0.1},
    "a": {"value": {"b": [1]}},
}

TABLE = {"_type": "table-file", "path": "media/t.json", "sha256": "e3d5"}
SUMMARY = {"f1": "NaN", "_step": 2, "_runtime": 7384.2, "seen": {"t": TABLE}}


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def run(team):
    details = RunDetails(config=json.dumps(CONFIG), summary=json.dumps(SUMMARY))
    project = ensure_project(team, "p", by=SYSTEM)
    return start_run(project, "run 1", details=details, by=SYSTEM)


def member_of(team):
    return TeamMembershipFactory(team=team, role=Role.VIEWER).membership.user


def measure(run: Run, *rows: dict[str, object], console: tuple[str, ...] = ()) -> None:
    history = Lines(Stream.HISTORY, 0, [json.dumps(row) for row in rows])
    log_lines(run, [history, Lines(Stream.CONSOLE, 0, console)], by=SYSTEM)


def test_a_run_shows_what_it_logged(team, run):
    at = "2026-11-21T21:08:59.190153"
    console = (
        "\x1b[32mgreen\x1b[0m <b>",
        f"ERROR {at} 10 %\r20 %\r",
        *(f"line {n}" for n in range(99)),
    )
    rows = [{"_step": n, "loss": 1 / (n + 1), "huge": 1e308 * (-1) ** n} for n in range(3)]
    measure(run, *rows, {"note": "only words"}, console=console)
    for path in ("config.yaml", "media/ä b.png"):
        promise_run_files(run, [path, "promised.txt"], by=SYSTEM)
        receive_run_file(run, path, [b"bytes"], size=5, by=SYSTEM)
    client, here = signed_in(member_of(team)), run.get_absolute_url()

    page = client.get(here)

    text = words(page)
    assert "loss 0.3333 0 0.5 1.0 0 1 2 Lowest 0.3333, highest 1" in text
    assert "lr 0.1 a . b [1]" in text or "a . b [1] lr 0.1" in text
    assert "f1 NaN seen . t table-file, media/t.json" in text
    assert "running for 2 h 3 min" in text
    assert "Command jobs/train.py --name 'a b' Memory 25 GB GPU 8 H100 SDK 0.31.0" in text
    assert "the last 100 of 101 lines" in text
    assert "20 % line 0" in text
    assert "_wandb" not in text
    assert "promised.txt" not in text
    assert {f"{here}raw/config.yaml", f"{here}raw/media/%C3%A4%20b.png"} <= {*links(page)}
    raw = client.get(f"{here}raw/media/%C3%A4%20b.png")
    assert (raw.getvalue(), raw["X-Content-Type-Options"]) == (b"bytes", "nosniff")
    whole = client.get(f"{here}console/")
    assert whole.getvalue().startswith(b"\x1b[32mgreen\x1b[0m <b>\nERROR 2026-")
    assert whole["Content-Disposition"].startswith("attachment")
    assert client.get(f"{here}raw/promised.txt").status_code == 404


def test_many_metrics_and_files_have_pages_of_their_own(team, run):
    measure(run, {f"m{n:02}": n for n in range(30)})
    paths = [f"{n:02}.txt" for n in range(30)]
    promise_run_files(run, paths, by=SYSTEM)
    for path in paths:
        receive_run_file(run, path, [b"a"], size=1, by=SYSTEM)
    client, here = signed_in(member_of(team)), run.get_absolute_url()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(here)
    metrics, files = client.get(f"{here}metrics/"), client.get(f"{here}files/")

    assert len(queries) < 30
    assert "12 of 30" in words(page)
    assert {f"{here}metrics/", f"{here}files/"} <= {*links(page)}
    assert ("m23" in words(metrics), "m24" in words(metrics)) == (True, False)
    assert ("24.txt" in words(files), "25.txt" in words(files)) == (True, False)


def test_a_metric_of_which_no_curve_is_kept_is_not_drawn(team, run, monkeypatch):
    monkeypatch.setattr(run_streams, "CURVES", 1)
    measure(run, {"drawn": 1, "late": 1, "later": 1}, {"drawn": 2, "late": math.nan})
    client, here = signed_in(member_of(team)), run.get_absolute_url()

    for page in (client.get(here), client.get(f"{here}metrics/")):
        assert [curve.key for curve in page.context["curves"]] == ["drawn"]


def test_values_metrics_and_files_of_a_run_are_found(team, run):
    config = {f"p{n:03}": {"value": n} for n in range(150)}
    Run.objects.update(config=config, summary={"loss": 0.5})
    measure(run, {"loss": 1, "train/F1": 1})
    promise_run_files(run, ["a.txt", "b.log"], by=SYSTEM)
    for path in ("a.txt", "b.log"):
        receive_run_file(run, path, [b"a"], size=1, by=SYSTEM)
    client, here = signed_in(member_of(team)), run.get_absolute_url()
    part = {"HX-Request": "true"}

    assert "Configuration the first 100 of 150 Configuration of" in words(client.get(here))
    found = words(client.get(f"{here}?find=P14", headers=part))
    assert ("10 of 150" in found, "p149 149" in found) == (True, True)
    assert ("Nothing with “P14”." in found, "Console" in found) == (True, False)
    metrics = words(client.get(f"{here}metrics/?filter=f1", headers=part))
    assert ("train/F1" in metrics, "loss" in metrics) == (True, False)
    files = words(client.get(f"{here}files/?filter=.LOG", headers=part))
    assert ("b.log" in files, "a.txt" in files) == (True, False)
    assert "No file has “zz” in its path." in words(client.get(f"{here}files/?filter=zz"))
    assert "No metric has “x” in its name." in words(client.get(f"{here}metrics/?filter=x"))


def test_of_many_values_a_run_says_how_many_match_and_were_looked_at(team, run):
    config = {f"{'ab'[n % 2]}{n:03}": {"value": n} for n in range(300)}
    Run.objects.update(config=config, summary={"list": {str(n): n for n in range(20_001)}})
    client, here = signed_in(member_of(team)), run.get_absolute_url()

    found = words(client.get(f"{here}?find=A", headers={"HX-Request": "true"}))
    whole = words(client.get(here))

    assert "Configuration the first 100 of 150 that match" in found
    assert found.count("Only the first 20 000 values are looked at.") == 1
    assert "Summary the first 100 of 20 000" in whole


def test_of_large_documents_a_run_reads_and_shows_the_beginning(team, run):
    deep: dict = {"end": "x" * 10_000}
    for _ in range(60):
        deep = {"k": deep}
    config = {
        **{f"k{n:04}": {"value": {f"{n}" * 300: [n] * 800}} for n in range(400)},
        "a": {"value": deep},
        "_wandb": CONFIG["_wandb"],
    }
    Run.objects.update(config=config, summary={"s": ["x" * 2_000_000], "_runtime": 60})
    promise_run_files(run, ["wandb-summary.json"], by=SYSTEM)
    receive_run_file(run, "wandb-summary.json", [b"{}"], size=2, by=SYSTEM)
    client, here = signed_in(member_of(team)), run.get_absolute_url()

    with CaptureQueriesContext(connection) as queries:
        page = client.get(here)
    with CaptureQueriesContext(connection) as others:
        client.get(f"{here}metrics/")
        client.get(f"{here}files/")

    text = words(page)
    assert len(queries) < 30
    assert len(page.content) < 150_000
    assert "running for 1 min" in text
    assert "GPU 8 H100 SDK 0.31.0" in text
    assert "Configuration the first 100 of" in text
    assert "values are looked at" in text
    assert "Summary Download all of Summary Its first value is too large" in text
    assert f"{here}raw/wandb-summary.json" in links(page)
    assert "k0042" in words(client.get(f"{here}?find=K0042"))
    assert not any('"summary"' in query["sql"] for query in others.captured_queries)


def test_metrics_and_files_are_found_beyond_ascii(team, run):
    measure(run, {"Größe": 1, "100%": 1, "loss": 1})
    promise_run_files(run, ["Größe.txt"], by=SYSTEM)
    receive_run_file(run, "Größe.txt", [b"a"], size=1, by=SYSTEM)
    client, here = signed_in(member_of(team)), run.get_absolute_url()

    for asked in ("GRÖ", "grö", "öß"):
        assert "Größe" in words(client.get(f"{here}metrics/", {"filter": asked}))
        assert "Größe.txt" in words(client.get(f"{here}files/", {"filter": asked}))
    percent = words(client.get(f"{here}metrics/", {"filter": "%"}))
    assert ("100%" in percent, "loss" in percent) == (True, False)


def test_a_run_at_work_shows_what_it_measures_until_it_is_over(team, run):
    measure(run, {"loss": 1})
    client, here = signed_in(member_of(team)), run.get_absolute_url()
    part = {"HX-Request": "true", "HX-Target": "measured"}

    at_work = client.get(here, headers=part)
    finish_run(run, exit_code=1, by=SYSTEM)
    over = client.get(here, headers=part)

    assert ("loss" in words(at_work), "Console" in words(at_work)) == (True, False)
    # By the id, htmx gives the focus back to a link that it swapped.
    assert re.search(r'<a id="\S+" href="\S+/metrics/"', at_work.content.decode())
    assert over["HX-Refresh"] == "true"
    assert "This run failed with exit code 1." in words(client.get(here))
    assert 'hx-trigger="every' not in client.get(here).content.decode()


def test_an_admin_deletes_a_run_and_its_artifacts_stay(team, run):
    admin = TeamMembershipFactory(team=team, role=Role.ADMIN).membership.user
    here = run.get_absolute_url()
    page = signed_in(admin).get(f"{here}delete/")
    assert ("Delete run 1?" in words(page), "Keep run" in words(page)) == (True, True)
    assert f"{here}delete/" not in links(signed_in(member_of(team)).get(here))

    response = signed_in(admin).post(f"{here}delete/", follow=True)

    assert "The run run 1 is deleted." in words(response)
    assert not Run.objects.exists()


def test_a_version_names_the_runs_that_used_it_to_who_sees_them(team, run):
    version = logged_version(team)
    use_artifact(run, version.artifact, by=SYSTEM)
    registry = RegistryFactory(organization=team.organization)
    linked = link(version.artifact, registry, "c", by=SYSTEM)
    insider, outsider = member_of(team), person(registry, Role.VIEWER)
    set_role(registry, insider, Role.VIEWER, by=SYSTEM)

    for address in (version.get_absolute_url(), linked.get_absolute_url()):
        page = signed_in(insider).get(address)
        assert run.get_absolute_url() in links(page)
        assert "Used by" in words(page)
    hidden = signed_in(outsider).get(linked.get_absolute_url())
    assert "Used by" not in words(hidden)
    assert "run 1" not in words(hidden)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (3.0, "3"),
        (1400, "1400"),
        (22250.4, "22\u202f250"),
        (0.00001234, "1.234e-05"),
        (1e30, "1e+30"),
    ],
)
def test_numbers_are_short(value, written):
    assert number(value) == written
