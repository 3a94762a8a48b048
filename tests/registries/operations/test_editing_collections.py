"""Renaming collections, changing their type, and taking them out of the trash."""

from __future__ import annotations

import pytest

from accounts.actors import Conflict, Invalid, Missing
from accounts.models import Event
from registries.models import Collection, Registry, UploadSession
from registries.operations.collections import (
    add_tag,
    create_collection,
    delete_collection,
    edit_card,
    edit_collection,
    remove_tag,
    restore_collection,
)
from registries.operations.contents import switch_types
from registries.operations.links import link, unlink
from registries.operations.publications import Publication
from registries.operations.registries import delete_registry
from registries.operations.seen import mark
from registries.operations.uploads import begin_upload
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    linked_version,
    logged_version,
)
from tests.terms import names_there_are, noted_terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry() -> Registry:
    return RegistryFactory()


def empty(
    registry: Registry, name: str = "churn", artifact_type: str = "model"
) -> Collection:
    return create_collection(registry, name, artifact_type=artifact_type, by=SYSTEM)


def counts(registry: Registry) -> tuple[int, int]:
    registry.refresh_from_db()
    return registry.collection_count, registry.version_count


def test_a_renamed_collection_gives_its_old_name_up_at_once(registry):
    edit_collection(empty(registry, "first"), name="second", by=SYSTEM)

    other = empty(registry, "First")

    assert registry.collections.named("second").get() != other
    event = Event.objects.get(kind="collection.rename")
    assert (event.before, event.after, event.collection_name) == (
        "first",
        "second",
        "second",
    )


def test_another_letter_case_is_the_same_name(registry):
    collection = edit_collection(empty(registry, "churn"), name="Churn", by=SYSTEM)

    assert registry.collections.named("churn").get() == collection
    assert collection.name == "Churn"


@pytest.mark.parametrize("name", ["Taken", "taken"])
def test_a_taken_name_is_refused(registry, name, unchanged):
    empty(registry, "taken")
    collection = empty(registry, "churn")

    with unchanged(), pytest.raises(Conflict, match=f"named {name} already"):
        edit_collection(collection, name=name, artifact_type="dataset", by=SYSTEM)


@pytest.mark.parametrize("name", ["", "a/b", "..", "é", "a" * 129])
def test_a_bad_name_is_refused(registry, name, unchanged):
    collection = empty(registry)

    with unchanged(), pytest.raises(Invalid) as refusal:
        edit_collection(collection, name=name, by=SYSTEM)

    assert refusal.value.field == "collection"


def test_no_number_is_given_twice_under_either_name(registry):
    team = TeamFactory(organization=registry.organization)
    for number in range(3):
        version = linked_version(registry, "a", team=team, files={"a": bytes([number])})
    other = linked_version(registry, "b", team=team, files={"b": b"b"})
    delete_collection(other.collection, by=SYSTEM)

    edit_collection(version.collection, name="b", by=SYSTEM)
    under_new = linked_version(registry, "b", team=team, files={"a": b"new"})
    under_old = linked_version(registry, "a", team=team, files={"a": b"old"})

    assert under_new.collection == version.collection
    assert (under_new.number, under_old.number) == (3, 3)


def test_the_larger_number_of_both_names_counts(registry):
    team = TeamFactory(organization=registry.organization)
    for number in range(4):
        former = linked_version(registry, "b", team=team, files={"b": bytes([number])})
    delete_collection(former.collection, by=SYSTEM)
    version = linked_version(registry, "a", team=team, files={"a": b"a"})

    edit_collection(version.collection, name="b", by=SYSTEM)

    assert linked_version(registry, "b", team=team, files={"a": b"n"}).number == 4


def test_uploads_under_way_follow_the_name(registry):
    publication = Publication(
        registry=registry,
        collection="churn",
        artifact_type="model",
        owner=TeamFactory(organization=registry.organization),
    )
    begin_upload(publication, by=SYSTEM)

    edit_collection(empty(registry), name="churn-2", by=SYSTEM)

    assert UploadSession.objects.get().collection == "churn-2"


def test_what_is_searched_follows(registry):
    collection = empty(registry)
    add_tag(collection, "gdpr", by=SYSTEM)

    edit_collection(collection, name="deflection", by=SYSTEM)
    remove_tag(collection, "gdpr", by=SYSTEM)

    assert noted_terms() == names_there_are()


def test_the_type_changes_while_there_is_no_version(registry):
    collection = edit_collection(empty(registry), artifact_type="dataset", by=SYSTEM)

    collection.refresh_from_db()
    assert collection.type == "dataset"


def test_with_a_version_the_type_stays(registry, unchanged):
    version = linked_version(registry)

    with unchanged(), pytest.raises(Conflict, match="its type stays model"):
        edit_collection(version.collection, artifact_type="dataset", by=SYSTEM)
    unlink(version, by=SYSTEM)
    changed = edit_collection(version.collection, artifact_type="dataset", by=SYSTEM)

    assert changed.type == "dataset"


def test_a_type_that_is_not_accepted_is_refused(registry, unchanged):
    collection = empty(registry)
    switch_types(registry, ["model"], by=SYSTEM)

    with unchanged(), pytest.raises(Invalid, match="it accepts model"):
        edit_collection(collection, artifact_type="dataset", by=SYSTEM)


def test_what_was_changed_meanwhile_is_not_overwritten(registry, unchanged):
    collection = edit_card(empty(registry), "theirs", by=SYSTEM)

    with unchanged(), pytest.raises(Conflict, match="changed by somebody else"):
        edit_card(collection, "mine", seen=mark(""), by=SYSTEM)
    edit_card(collection, "theirs", seen=mark(""), by=SYSTEM)
    edit_card(collection, "mine", seen=mark("theirs"), by=SYSTEM)

    collection.refresh_from_db()
    assert collection.description == "mine"


def test_a_tag_is_taken_off_one_thing_only(registry):
    version = linked_version(registry)
    add_tag(version, "gdpr", by=SYSTEM)
    add_tag(version.collection, "gdpr", by=SYSTEM)

    remove_tag(version.collection, "gdpr", by=SYSTEM)

    assert list(version.tags.values_list("name", flat=True)) == ["gdpr"]
    assert noted_terms() == names_there_are()


@pytest.mark.parametrize("name", ["", "a,b", "-" * 129, "\0"])
def test_no_such_tag_can_be_taken_off(registry, name, unchanged):
    collection = empty(registry)

    with unchanged(), pytest.raises(Invalid) as refusal:
        remove_tag(collection, name, by=SYSTEM)

    assert refusal.value.field == "tag"


def test_a_restored_collection_is_as_it_was(registry):
    version = linked_version(registry, aliases=("production",))
    before = counts(registry)
    delete_collection(version.collection, by=SYSTEM)

    restore_collection(version.collection, by=SYSTEM)

    assert counts(registry) == before == (1, 1)
    collection = registry.collections.named("classifier").get()
    assert collection.versions.called("production").get() == version


def test_a_name_that_another_collection_took_is_said(registry, unchanged):
    collection = delete_collection(empty(registry), by=SYSTEM)
    empty(registry, "Churn")

    with unchanged(), pytest.raises(Conflict, match="named churn already"):
        restore_collection(collection, by=SYSTEM)


def test_in_a_deleted_registry_nothing_is_restored_by_itself(registry, unchanged):
    collection = delete_collection(empty(registry), by=SYSTEM)
    delete_registry(registry, by=SYSTEM)

    with unchanged(), pytest.raises(Missing):
        restore_collection(collection, by=SYSTEM)


def test_after_a_restore_numbers_go_on(registry):
    team = TeamFactory(organization=registry.organization)
    version = linked_version(registry, "churn", team=team)
    delete_collection(version.collection, by=SYSTEM)
    restore_collection(version.collection, by=SYSTEM)

    logged = logged_version(team, files={"a": b"next"})

    assert link(logged.artifact, registry, "churn", by=SYSTEM).number == 1
