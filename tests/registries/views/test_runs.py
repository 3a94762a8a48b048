"""The pages of a run: what it measured, printed and left; and who used a version."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from registries.models import Run
from registries.models.run import Stream
from registries.operations.links import link
from registries.operations.members import set_role
from registries.operations.projects import ensure_project
from registries.operations.run_files import promise_run_files, receive_run_file
from registries.operations.run_streams import Lines, log_lines
from registries.operations.runs import RunDetails, start_run, use_artifact
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

CONFIG = {"_wandb": {"value": {"t": {}}}, "lr": {"value": 0.1}, "a": {"value": {"b": [1]}}}


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def run(team):
    details = RunDetails(config=json.dumps(CONFIG), summary='{"f1": "NaN", "_step": 2}')
    project = ensure_project(team, "p", by=SYSTEM)
    return start_run(project, "run 1", details=details, by=SYSTEM)


def member_of(team):
    return TeamMembershipFactory(team=team, role=Role.VIEWER).membership.user


def measure(run: Run, *rows: dict[str, object], console: tuple[str, ...] = ()) -> None:
    history = Lines(Stream.HISTORY, 0, [json.dumps(row) for row in rows])
    log_lines(run, [history, Lines(Stream.CONSOLE, 0, console)], by=SYSTEM)


def test_a_run_shows_what_it_logged(team, run):
    console = ("\x1b[32mgreen\x1b[0m <b>", "10 %\r20 %", *(f"line {n}" for n in range(99)))
    rows = [{"_step": n, "loss": 1 / (n + 1), "huge": 1e308 * (-1) ** n} for n in range(3)]
    measure(run, *rows, {"note": "only words"}, console=console)
    for path in ("config.yaml", "media/ä b.png"):
        promise_run_files(run, [path, "promised.txt"], by=SYSTEM)
        receive_run_file(run, path, [b"bytes"], size=5, by=SYSTEM)
    client, here = signed_in(member_of(team)), run.get_absolute_url()

    page = client.get(here)

    text = words(page)
    assert "0.3333 of 0.3333 to 1, step 0 to 2" in text
    assert "lr 0.1 a . b [1]" in text or "a . b [1] lr 0.1" in text
    assert "f1 NaN" in text
    assert "the last 100 of 101 lines" in text
    assert "20 % line 0" in text
    assert "_wandb" not in text
    assert "promised.txt" not in text
    assert {f"{here}raw/config.yaml", f"{here}raw/media/%C3%A4%20b.png"} <= {*links(page)}
    raw = client.get(f"{here}raw/media/%C3%A4%20b.png")
    assert (raw.getvalue(), raw["X-Content-Type-Options"]) == (b"bytes", "nosniff")
    whole = client.get(f"{here}console/")
    assert whole.getvalue().startswith(b"\x1b[32mgreen\x1b[0m <b>\n10 %\r20 %\nline 0\n")
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
        (22250.4, "22\u202f250"),
        (0.00001234, "1.234e-05"),
        (1e30, "1e+30"),
    ],
)
def test_numbers_are_short(value, written):
    assert number(value) == written
