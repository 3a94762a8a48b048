"""Connections go through a whole list, whatever happens to it in the meantime."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.actors import Invalid
from registries.models import Artifact, Collection, Version
from registries.operations.projects import ensure_project
from registries.wire.orders import COLLECTIONS, VERSIONS, order
from registries.wire.paging import MOST, connection
from tests.factories import SYSTEM, TeamFactory


@pytest.fixture
def line(db) -> Collection:
    project = ensure_project(TeamFactory(), "plain", by=SYSTEM)
    for name in ("b", "B", "a", "ä", "_"):
        collection = Collection.objects.create(
            project=project, kind="logged", name=name, key=name, type="model"
        )
    for n in range(7):
        artifact = Artifact.objects.create(
            source=collection, type="model", state="committed", size=n % 3, fingerprint=n
        )
        Version.objects.create(collection=collection, artifact=artifact, number=n)
    return collection


def walked(rows, asked, columns, *, size: int = 2) -> list[str]:
    """Every row's name, by following the cursors."""
    found, after = [], None
    while True:
        part = connection(
            rows, order(asked, columns, usual="name"), str, first=size, after=after
        )
        found += [edge.node for edge in part.edges]
        assert len(part.edges) == size or not part.page_info.has_next_page
        assert part.total_count == rows.count()
        if not part.page_info.has_next_page:
            return found
        after = part.page_info.end_cursor


def test_every_order_is_walked_once_through(line):
    collections = Collection.objects.filter(project=line.project)
    for asked, expected in (
        ("name", ["B", "_", "a", "b", "ä"]),
        ("-name", ["ä", "b", "a", "_", "B"]),
        ("+createdAt", ["b", "B", "a", "ä", "_"]),
        ("-updated_at", ["_", "ä", "a", "B", "b"]),
        (None, ["B", "_", "a", "b", "ä"]),
    ):
        assert walked(collections, asked, COLLECTIONS) == expected, asked
    for by, numbers in (
        ("artifact_size", [0, 3, 6, 1, 4, 2, 5]),
        ("-artifact_size", [5, 2, 4, 1, 6, 3, 0]),
        ("-versionIndex", [6, 5, 4, 3, 2, 1, 0]),
        ("-acm_created_at", [6, 5, 4, 3, 2, 1, 0]),
    ):
        assert walked(line.versions.all(), by, VERSIONS) == [f"_:v{n}" for n in numbers]


def test_a_cursor_keeps_its_place(line):
    newest = order("-version", VERSIONS, usual="name")
    first = connection(line.versions.all(), newest, str, first=3)
    assert [edge.version for edge in first.edges] == ["v6", "v5", "v4"]
    line.versions.filter(number__in=(6, 4)).delete()

    after = connection(
        line.versions.all(), newest, str, first=2, after=first.page_info.end_cursor
    )
    with CaptureQueriesContext(
        database,
    ) as queries:
        assert [edge.version for edge in after.edges] == ["v3", "v2"]
        assert after.page_info.has_next_page
    assert len(queries) == 1

    assert connection(line.versions.all(), newest, str, first=0).edges == []
    assert connection(line.versions.all(), newest, str, first=10**9).first == MOST
    empty = connection(line.versions.none(), newest, str)
    assert (empty.edges, empty.page_info.end_cursor, empty.total_count) == ([], None, 0)


def test_what_is_no_cursor_or_order_is_refused(line):
    collections = Collection.objects.filter(project=line.project)
    written = [
        *([1, 2], ["x"], ["x", "y"], ["x", True], ["x", 2**63], ["a\0", 1], ["\ud800", 1]),
        *({"a": 1}, 1, None, [None, 1], ["x", 1, 2]),
    ]
    cursors = [urlsafe_b64encode(json.dumps(one).encode()).decode() for one in written]
    for cursor in (*cursors, "abc", "é", "====", "[" * 5000):
        with pytest.raises(Invalid) as refusal:
            _ = connection(
                collections, order("name", COLLECTIONS, usual="name"), str, after=cursor
            ).edges
        assert refusal.value.field == "after", cursor
    with pytest.raises(Invalid, match="not sorted by size, but by name, created_at"):
        order("-size", COLLECTIONS, usual="name")
    with pytest.raises(Invalid, match="no negative part"):
        connection(collections, order("name", COLLECTIONS, usual="name"), str, first=-1)
    moment = urlsafe_b64encode(b'["0001-01-01T00:00:00+23:00", 1]').decode()
    with pytest.raises(Invalid, match="another list or order"):
        _ = connection(
            collections, order("created_at", COLLECTIONS, usual="name"), str, after=moment
        ).edges
