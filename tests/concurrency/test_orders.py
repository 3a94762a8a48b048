"""Changes that lock several things meet others that lock them too: both are done."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.actors import Conflict, Missing
from registries.models import Artifact, Collection, Run, Version
from registries.operations import runs
from registries.operations.aliases import remove_aliases, set_aliases
from registries.operations.artifacts import attach_files, begin_artifact, commit_artifact
from registries.operations.collections import delete_collection, edit_collection
from registries.operations.edits import Changes, change_collection, edit_artifact
from registries.operations.links import link
from registries.operations.projects import ensure_project
from registries.operations.runs import delete_run, start_run
from registries.operations.trash import purge_trash
from registries.storage import store
from tests.concurrency import at_once, refused
from tests.concurrency.turns import Turns
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    linked_version,
    logged_version,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def registry():
    return RegistryFactory()


@pytest.fixture
def team(registry):
    return TeamFactory(organization=registry.organization)


def anew(version):
    """The version, as a request of its own has read it."""
    return Version.objects.with_homes().get(pk=version.pk)


def test_aliases_of_two_collections_are_set_in_any_order(registry, team):
    versions = [linked_version(registry, name, team=team) for name in ("one", "two")]

    def work(number: int) -> None:
        some = [(anew(version), f"a{number}") for version in versions]
        set_aliases(some[:: (-1) ** number], by=SYSTEM)
        remove_aliases(some[:: -((-1) ** number)], by=SYSTEM)

    assert refused(at_once(*[partial(work, number) for number in range(12)])) == []
    for version in versions:
        assert list(version.aliases.values_list("name", flat=True)) == ["latest"]


def test_a_source_is_renamed_while_something_is_logged_into_it(team):
    source = logged_version(team, "first", files={"a": b"0"}).collection
    names = ["first", "second"]

    def log(number: int) -> None:
        logged_version(team, names[number % 2], files={"a": b"%d" % number})

    def rename(name: str) -> None:
        edit_collection(Collection.objects.get(pk=source.pk), name=name, by=SYSTEM)

    works = [partial(log, number) for number in range(1, 9)]
    at_once(*works, partial(rename, "third"), partial(rename, "fourth"))

    assert Version.objects.count() == 9
    source.refresh_from_db()
    assert source.name in {"third", "fourth"}
    newest = source.versions.latest("number")
    later = logged_version(team, source.name, files={"a": b"later"})
    assert (later.collection, later.number) == (source, newest.number + 1)


def test_two_sources_do_not_take_each_others_names(team):
    """Whoever renames counts under two names: these have one order, too."""
    sources = [logged_version(team, name).collection for name in ("one", "two")]

    for _ in range(6):
        others = [source.name for source in reversed(sources)]
        renames = zip(sources, others, strict=True)
        works = [
            partial(edit_collection, each, name=name, by=SYSTEM) for each, name in renames
        ]
        assert [type(refusal) for refusal in refused(at_once(*works))] == [Conflict] * 2


def test_a_card_is_saved_while_something_is_linked_or_logged(registry, team):
    """As `collection.save()` of the SDK does, with the name that is there."""
    linked = linked_version(registry, "c", team=team, files={"a": b"0"})
    source = linked.artifact.source

    def save(collection: Collection, number: int) -> None:
        present = Collection.objects.get(pk=collection.pk)
        card = f"card {number}"
        change_collection(present, name=present.name, description=card, by=SYSTEM)

    def publish(number: int) -> None:
        linked_version(registry, "c", team=team, files={"a": b"%d" % number})

    saves = [
        partial(save, each, n) for n in range(6) for each in (linked.collection, source)
    ]
    publications = [partial(publish, number) for number in range(1, 7)]
    assert refused(at_once(*saves, *publications)) == []
    assert linked.collection.versions.count() == 7


def logged_by(run: Run, name: str) -> Artifact:
    artifact = begin_artifact(run.project, name, artifact_type="model", run=run, by=SYSTEM)
    content = f"{run} {name}".encode()
    attach_files(artifact, [("a", store().stage([content]))], by=SYSTEM)
    return commit_artifact(artifact, by=SYSTEM).artifact


@pytest.mark.parametrize("seed", range(4))
def test_runs_that_logged_into_the_same_sources_are_deleted(team, monkeypatch, seed):
    project = ensure_project(team, "p", by=SYSTEM)
    first, second = (start_run(project, name, by=SYSTEM) for name in ("one", "two"))
    for run, names in ((first, ("a", "b")), (second, ("b", "a"))):
        for name in names:
            logged_by(run, name)
    turns = Turns(seed)
    monkeypatch.setattr(runs, "delete_artifact", turns.stopping(runs.delete_artifact))

    turns.take(
        one=partial(delete_run, first, with_artifacts=True, by=SYSTEM),
        two=partial(delete_run, second, with_artifacts=True, by=SYSTEM),
    )

    assert not Run.objects.exists()
    assert not Artifact.objects.committed().exists()


def test_what_is_linked_meanwhile_is_not_deleted_with_its_source(registry, team):
    for number in range(6):
        logged = logged_version(team, f"source-{number}", files={"a": b"%d" % number})

        linked, deleted = at_once(
            partial(link, logged.artifact, registry, f"c{number}", by=SYSTEM),
            partial(delete_collection, logged.collection, by=SYSTEM),
        )

        source = Collection.objects.get(pk=logged.collection_id)
        assert source.is_live is isinstance(linked, Version)
        assert isinstance(linked, Missing) or refused([deleted])
    much_later = timezone.now() + timedelta(days=4000)
    purge_trash(now=much_later, by=SYSTEM)  # meets nothing that is still needed


def test_an_artifact_is_described_and_tagged_while_it_is_linked(registry, team):
    logged = logged_version(team, "source")
    link(logged.artifact, registry, "one", by=SYSTEM)

    def edit(number: int) -> None:
        changes = Changes(description=f"{number}", tags_to_add=[f"t{number}"])
        edit_artifact(logged.artifact, changes, by=SYSTEM)

    def again(name: str) -> None:
        link(logged.artifact, registry, name, aliases=[f"for-{name}"], by=SYSTEM)

    links = [partial(again, name) for name in ("one", "two", "one", "three")]
    assert refused(at_once(*[partial(edit, n) for n in range(6)], *links)) == []
    assert logged.artifact.versions.count() == 4
