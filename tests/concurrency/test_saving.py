"""Programs that log into one collection at the same time: one version per content."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from accounts.permissions import Role
from registries.models import Artifact, Blob, Collection, Entry, Version
from registries.storage import store
from tests.concurrency import at_once
from tests.doors import client_with_key, key_of
from tests.factories import TeamFactory, TeamMembershipFactory
from tests.registries.wire.saving import Saving, through

pytestmark = pytest.mark.django_db(transaction=True)

programs = pytest.mark.parametrize(
    "count", [12, pytest.param(50, marks=pytest.mark.nightly)]
)


@pytest.fixture
def secret() -> str:
    """A key of somebody in a team that is called other."""
    team = TeamFactory(name="other")
    membership = TeamMembershipFactory(team=team, role=Role.MEMBER).membership
    return key_of(membership.user)


def saving(secret: str, number: int, content: bytes, **more: Any) -> Any:
    program = Saving(through(client_with_key(secret)))
    more.setdefault("clientID", f"{number:040}")
    alias = {"artifactCollectionName": "data", "alias": f"a{number}"}
    return program.save({"file": content, "other": b"o"}, aliases=[alias], **more)


@programs
def test_programs_that_log_at_once_get_dense_numbers(secret, count):
    contents = [b"same" if number % 3 == 0 else b"%d" % number for number in range(count)]

    saved = at_once(
        *[partial(saving, secret, number, each) for number, each in enumerate(contents)]
    )

    versions = Version.objects.order_by("number")
    assert len({each["id"] for each in saved}) == len(set(contents)) == versions.count()
    assert [version.number for version in versions] == list(range(len(set(contents))))
    collection = Collection.objects.get()
    assert collection.versions.called("latest").get() == versions.last()
    assert collection.version_count == len(set(contents))
    for number in range(count):
        named = collection.versions.called(f"a{number}").get()
        assert saved[number].get("versionIndex") in {named.number, None}
        blob = named.artifact.entries.select_related("blob").get(path="file").blob
        with store().open(blob.sha256) as stream:
            assert stream.read() == contents[number]
    states = Counter(Artifact.objects.values_list("state", flat=True))
    assert states["pending"] == 0
    assert not Entry.objects.exclude(artifact__state="committed").exists()
    assert not list(store().temporary.glob("*"))
    assert len(list(store().stored())) == Blob.objects.count() == len(set(contents)) + 1


def test_the_same_call_at_the_same_time_makes_one_version(secret):
    """As of a client that asks again while its first request is still served."""
    files = {"file": b"content"}

    def program() -> Saving:
        return Saving(through(client_with_key(secret)))

    begun = at_once(*[lambda: program().begin(files, clientID="c" * 40)] * 6)
    program().fill(begun[0]["id"], files)
    committed = at_once(*[lambda: program().commit(begun[0]["id"])] * 6)

    assert len({each["id"] for each in (*begun, *committed)}) == 1
    assert Version.objects.get().number == 0
    assert Artifact.objects.count() == 1


def test_writers_of_one_distributed_artifact_get_the_same_draft(secret):
    def begin(number: int) -> Any:
        program = Saving(through(client_with_key(secret)))
        return program.create("0" * 32, distributedID="d", clientID=f"{number:040}")

    begun = at_once(*[partial(begin, number) for number in range(8)])

    assert len({each["id"] for each in begun}) == 1
