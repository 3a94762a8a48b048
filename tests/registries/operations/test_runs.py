"""Runs: which artifacts they used and produced."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Artifact, Registry, Run, Usage
from registries.operations import runs
from registries.operations.artifacts import attach_files, begin_artifact, commit_artifact
from registries.operations.collections import delete_collection
from registries.operations.projects import ensure_project
from registries.operations.run_streams import log_lines
from registries.operations.runs import (
    RunDetails,
    delete_run,
    edit_run,
    finish_run,
    mark_crashed,
    start_run,
    upsert_run,
    use_artifact,
)
from registries.storage import store
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    acting,
    linked_version,
    logged_version,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ensure_project(TeamFactory(), "uploads", by=SYSTEM)


def produce(run: Run, content: bytes, name: str = "weights"):
    artifact = begin_artifact(run.project, name, artifact_type="model", run=run, by=SYSTEM)
    attach_files(artifact, [("a.bin", store().stage([content]))], by=SYSTEM)
    return commit_artifact(artifact, by=SYSTEM)


def test_what_a_run_logs_is_what_it_produced(project):
    first, second = (start_run(project, name, by=SYSTEM) for name in ("one", "two"))

    versions = [produce(first, b"1"), produce(second, b"2"), produce(second, b"1")]

    assert versions[2] == versions[0]
    produced = Usage.objects.filter(role=Usage.Role.PRODUCED)
    assert list(produced.filter(run=first).values_list("artifact", flat=True)) == [
        versions[0].artifact_id
    ]
    assert produced.filter(run=second).count() == 2


def test_an_id_is_of_one_run(project):
    start_run(project, "one", by=SYSTEM)

    with pytest.raises(Conflict):
        start_run(project, "one", by=SYSTEM)
    with pytest.raises(Invalid):
        start_run(project, "a/b", by=SYSTEM)


def test_a_run_uses_what_its_person_may_use():
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    artifact = linked_version(registry).artifact
    by_role = {
        Role.VIEWER: None,
        Role.RESTRICTED_VIEWER: Denied,
        None: Missing,
    }

    for role, refusal in by_role.items():
        user = person(registry, role)
        run = start_run(ensure_project(user, "mine", by=acting(user)), "r", by=acting(user))
        if refusal is None:
            use_artifact(run, artifact, by=acting(user))
            use_artifact(run, artifact, by=acting(user))
        else:
            with pytest.raises(refusal):
                use_artifact(run, artifact, by=acting(user))

    assert Usage.objects.count() == 1
    assert Event.objects.filter(kind="run.use_artifact").count() == 1


def test_a_run_ends_in_a_known_state(project):
    run = start_run(project, "one", by=SYSTEM)

    with pytest.raises(Invalid):
        finish_run(run, "running", by=SYSTEM)
    ended = finish_run(run, Run.State.FAILED, by=SYSTEM)

    assert (ended.state, ended.finished_at is None) == (Run.State.FAILED, False)


def test_a_run_says_what_it_is_and_nothing_is_refused_for_a_value(project):
    details = RunDetails(
        display_name=" best ",
        tags=["a b", "lr=0.1", "lr=0.1"],
        config='{"lr": NaN, "top": -1e999, "text": "a\\u0000\\ud800", "n": 1%s}'
        % ("0" * 5000),
        program="tra\nin.py" + "x" * 2000,
    )

    run, is_new = upsert_run(project, "one", details=details, by=SYSTEM)
    again = upsert_run(project, "one", details=details, by=SYSTEM)

    run.refresh_from_db()
    assert (is_new, again) == (True, (run, False))
    assert (run.display_name, run.tags) == ("best", ["a b", "lr=0.1"])
    assert (run.config["lr"], run.config["top"]) == ("NaN", "-Infinity")
    assert (run.config["text"], len(run.config["n"])) == ("a\ufffd\ufffd", 5001)
    assert (run.program[:9], len(run.program)) == ("tra in.py", 1024)
    assert Event.objects.filter(kind="run.update").count() == 0
    for config in ("[1]", '{"a":' * 70 + "1" + "}" * 70, "{"):
        with pytest.raises(Invalid):
            upsert_run(project, "two", details=RunDetails(config=config), by=SYSTEM)


def test_a_run_that_goes_on_is_at_work_again_but_not_one_that_is_edited(project):
    run = start_run(project, "one", by=SYSTEM)
    ended = finish_run(run, exit_code=3, by=SYSTEM)
    assert (ended.state, ended.exit_code) == (Run.State.FAILED, 3)

    edited = edit_run(run, RunDetails(notes="odd", group="g"), by=SYSTEM)
    event = Event.objects.latest("pk")
    assert (edited.state, event.before) == (Run.State.FAILED, {"group": ""})
    assert event.after == {"group": "g", "edited": ["notes"]}

    run, _ = upsert_run(project, "one", by=SYSTEM)
    assert (run.state, run.finished_at, run.exit_code) == (Run.State.RUNNING, None, None)


def test_a_run_of_several_is_closed_by_the_first_and_failed_by_any(project):
    def upsert(writer: str, config: str) -> Run:
        details = RunDetails(config=config)
        return upsert_run(project, "r", details=details, writer=writer, by=SYSTEM)[0]

    upsert("one", '{"a": {"value": 1}}')
    run = upsert("two", '{"b": {"value": 2}, "a": {"c": 3}}')
    finish_run(run, exit_code=1, by=SYSTEM)
    finish_run(run, exit_code=0, by=SYSTEM)
    run = upsert("two", '{"b": {"value": 4}}')

    assert run.config == {"a": {"value": 1, "c": 3}, "b": {"value": 4}}
    assert (run.state, run.exit_code) == (Run.State.FAILED, 1)
    assert upsert("three", "{}").state == Run.State.RUNNING


def test_a_silent_run_has_crashed_until_it_is_heard_of_again(project):
    silent, other = (start_run(project, name, by=SYSTEM) for name in ("one", "two"))
    now = timezone.now() + timedelta(minutes=6)
    Run.objects.filter(pk=other.pk).update(heartbeat_at=now)

    assert mark_crashed(by=SYSTEM, now=now) == 1
    silent.refresh_from_db()
    assert (silent.state, silent.finished_at) == (Run.State.CRASHED, silent.heartbeat_at)

    assert log_lines(silent, by=SYSTEM).state == Run.State.RUNNING
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))[-2:]
    assert kinds == ["run.finish", "run.resume"]


def test_a_run_that_is_deleted_meanwhile_is_missing(project, monkeypatch):
    run = start_run(project, "one", by=SYSTEM)
    used = logged_version(TeamFactory()).artifact
    delete_run(Run.objects.get(), with_artifacts=False, by=SYSTEM)
    with pytest.raises(Missing):
        use_artifact(run, used, by=SYSTEM)

    def taken(*args: object, **kwargs: object) -> None:
        """Lose to somebody who starts the run in this moment, and deletes it."""
        raise Conflict("There is one.")

    monkeypatch.setattr(runs, "start_run", taken)
    with pytest.raises(Missing):
        upsert_run(project, "one", by=SYSTEM)


def test_what_a_deleted_run_logged_into_the_trash_goes_with_the_trash(project):
    run = start_run(project, "one", by=SYSTEM)
    kept, gone = produce(run, b"kept"), produce(run, b"gone", "features")
    delete_collection(kept.collection, by=SYSTEM)

    delete_run(run, with_artifacts=True, by=SYSTEM)

    states = Artifact.objects.order_by("pk").values_list("pk", "state", "run")
    assert list(states) == [
        (kept.artifact_id, Artifact.State.COMMITTED, None),
        (gone.artifact_id, Artifact.State.DELETED, None),
    ]


def test_no_run_goes_on_in_a_project_in_the_trash(project):
    run = start_run(project, "one", by=SYSTEM)
    project.deleted_at = timezone.now()
    project.save()

    with pytest.raises(Missing):
        log_lines(run, by=SYSTEM)


def test_only_members_of_the_team_run_in_its_project(project):
    with pytest.raises(Denied):
        start_run(project, "one", by=acting(UserFactory()))
    assert not Run.objects.exists()
