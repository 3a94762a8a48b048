"""How fields find their values, and how long that may take."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from registries.models import Artifact
from registries.wire import fields
from tests.doors_of_wire import ask

pytestmark = pytest.mark.django_db


def test_what_was_done_is_told_however_long_it_took(program, monkeypatch):
    before, begun = Artifact.objects.committed().count(), program.begin({"a": b"1"})
    program.fill(begun["id"], {"a": b"1"})

    def now() -> float:
        """To commit an artifact takes longer than any request may."""
        made = Artifact.objects.committed().count() - before
        return time.monotonic() + made * 2 * fields.SECONDS

    monkeypatch.setattr(fields, "time", SimpleNamespace(monotonic=now))

    assert program.commit(begun["id"])["state"] == "COMMITTED"


def test_what_takes_too_long_to_read_is_refused(scene, monkeypatch):
    clock = iter(range(0, 10_000, fields.SECONDS // 3))
    monkeypatch.setattr(fields, "time", SimpleNamespace(monotonic=clock.__next__))

    answer = ask(scene.program("viewer"), "{ viewer { id name username email admin } }")

    assert answer.status_code == 400
    assert "more than fits into 20 seconds" in answer.json()["errors"][0]["message"]


def test_what_a_request_reads_is_counted(scene, program, monkeypatch):
    saved = program.save({"a": b"1"}, aliases=aliases(12))
    client, document = scene.program("team admin"), aliases_of_aliases(1)

    told = ask(client, document, id=saved["id"])
    monkeypatch.setattr(fields, "EFFORT", 500)
    refused = ask(client, document, id=saved["id"])

    assert len(told.json()["data"]["artifact"]["aliases"]) == 12 + len({"latest", "v0"})
    assert refused.status_code == 400
    assert "ask for less a page" in refused.json()["errors"][0]["message"]


def aliases(count: int) -> list[dict[str, str]]:
    """So many aliases of one version, as a program sends them."""
    names = [f"a{number}" for number in range(count)]
    return [{"artifactCollectionName": "data", "alias": name} for name in names]


def aliases_of_aliases(times: int) -> str:
    """Ask for the aliases of what the aliases of an artifact lead to."""
    inside = "id"
    for _ in range(times):
        artifact = f"artifactMembership {{ artifact {{ {inside} }} }}"
        inside = f"aliases {{ alias artifactCollection {{ {artifact} }} }}"
    return f"query a($id: ID!) {{ artifact(id: $id) {{ {inside} }} }}"
