"""Runs: which artifacts they used and produced."""

from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Registry, Run, Usage
from registries.operations.artifacts import attach_files, begin_artifact, commit_artifact
from registries.operations.projects import ensure_project
from registries.operations.runs import finish_run, start_run, use_artifact
from registries.storage import store
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    acting,
    linked_version,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ensure_project(TeamFactory(), "uploads", by=SYSTEM)


def produce(run: Run, content: bytes):
    artifact = begin_artifact(
        run.project, "weights", artifact_type="model", run=run, by=SYSTEM
    )
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


def test_only_members_of_the_team_run_in_its_project(project):
    with pytest.raises(Denied):
        start_run(project, "one", by=acting(UserFactory()))
    assert not Run.objects.exists()
