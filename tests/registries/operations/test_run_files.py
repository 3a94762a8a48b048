"""Files beside a run: promised, received, replaced, kept from the sweep."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actors import Denied, Invalid, Missing, TooLarge
from registries.models import Blob
from registries.operations.blobs import sweep_blobs
from registries.operations.projects import ensure_project
from registries.operations.run_files import promise_run_files, receive_run_file
from registries.operations.runs import start_run
from registries.storage import store
from tests.factories import SYSTEM, TeamFactory, UserFactory, acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return start_run(ensure_project(TeamFactory(), "p", by=SYSTEM), "r", by=SYSTEM)


def test_a_promised_file_is_received_and_replaced(run):
    names = ["config.yaml", "media/a.png", "config.yaml"]
    assert [str(file) for file in promise_run_files(run, names, by=SYSTEM)] == names
    promise_run_files(run, names[:1], by=SYSTEM)

    for content in (b"a: 1", b"a: 2", b"a: 2"):
        file = receive_run_file(run, "config.yaml", [content], size=4, by=SYSTEM)

    assert run.files.count() == 2
    with store().open(file.blob.sha256) as stream:
        assert stream.read() == b"a: 2"
    later = timezone.now()
    assert sweep_blobs(by=SYSTEM, now=later).condemned == 1
    assert Blob.objects.get(condemned_at=None) == file.blob
    assert sweep_blobs(by=SYSTEM, now=later).spared == 0


def test_what_was_not_promised_is_not_kept(run):
    promise_run_files(run, ["a"], by=SYSTEM)
    stranger = acting(UserFactory())

    for path, size, by, refusal in [
        ("b", 1, SYSTEM, Missing),
        ("../a", 1, SYSTEM, Invalid),
        ("a", 0, SYSTEM, TooLarge),
        ("a", 2, SYSTEM, Invalid),  # cut short on its way
        ("a", 1, stranger, Denied),
    ]:
        with pytest.raises(refusal):
            receive_run_file(run, path, [b"x"], size=size, by=by)
    with pytest.raises(Denied):
        promise_run_files(run, ["b"], by=stranger)
    assert not Blob.objects.exists()
