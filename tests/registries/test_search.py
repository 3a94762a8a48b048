"""Looking up beginnings of words, and keeping the terms up to date."""

from __future__ import annotations

import pytest

from accounts.permissions import Role
from registries.models import Collection, Registry, SearchTerm
from registries.operations.aliases import remove_alias, set_alias
from registries.operations.collections import add_tag, create_collection, delete_collection
from registries.operations.links import unlink
from registries.operations.registries import (
    change_visibility,
    create_registry,
    delete_registry,
    edit_registry,
)
from registries.search import Question, keys
from tests.factories import SYSTEM, RegistryFactory, linked_version, person

pytestmark = pytest.mark.django_db

Kind = SearchTerm.Kind


@pytest.fixture
def registry():
    return RegistryFactory(name="speech-nl")


@pytest.fixture
def viewer(registry):
    return person(registry, Role.VIEWER)


def found(text: str, kind: Kind, registry, user) -> list[str]:
    hits = Question.of(text).among(registry.organization, user).of(kind)
    return list(hits.order_by("key", "id").values_list("name", flat=True))


def collection(registry, name: str) -> Collection:
    return create_collection(registry, name, artifact_type="model", by=SYSTEM)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("churn-classifier", ["churn-classifier", "classifier"]),
        ("Whisper small_NL", ["whisper small_nl", "small_nl", "nl"]),
        ("v2.1", ["v2.1", "1"]),
        ("_x", ["_x", "x"]),
        ("-", ["-"]),
    ],
)
def test_a_name_is_found_from_each_of_its_words_on(name, expected):
    assert keys(name) == expected


@pytest.mark.parametrize(
    "text", ["churn", "CHURN-cl", "class", "classifier churn", "collection:class", "chu cl"]
)
def test_a_collection_is_found_by_the_beginnings_of_its_words(registry, viewer, text):
    collection(registry, "Churn-classifier")
    collection(registry, "other")

    assert found(text, Kind.COLLECTION, registry, viewer) == ["Churn-classifier"]


@pytest.mark.parametrize("text", ["", " ", "hurn", "churn x", "tag:churn", "\0", "%", "_"])
def test_nothing_else_finds_it(registry, viewer, text):
    collection(registry, "churn-classifier")

    assert found(text, Kind.COLLECTION, registry, viewer) == []


def test_tags_and_aliases_are_found_while_they_are_there(registry, viewer):
    version = linked_version(registry)
    set_alias(version, "production", by=SYSTEM)
    add_tag(version.collection, "vision", by=SYSTEM)
    add_tag(version, "frozen", by=SYSTEM)

    assert found("prod", Kind.ALIAS, registry, viewer) == ["production"]
    assert found("vis", Kind.TAG, registry, viewer) == ["vision"]
    assert found("fro", Kind.TAG, registry, viewer) == ["frozen"]
    assert found("latest", Kind.ALIAS, registry, viewer) == []

    remove_alias(version.collection, "production", by=SYSTEM)
    unlink(version, by=SYSTEM)

    assert found("prod", Kind.ALIAS, registry, viewer) == []
    assert found("fro", Kind.TAG, registry, viewer) == []
    assert found("vis", Kind.TAG, registry, viewer) == ["vision"]


def test_words_of_several_kinds_must_be_of_one_collection(registry, viewer):
    version = linked_version(registry)
    set_alias(version, "production", by=SYSTEM)
    add_tag(version.collection, "nlp", by=SYSTEM)
    other = collection(registry, "other")
    add_tag(other, "vision", by=SYSTEM)

    assert found("alias:prod nlp", Kind.ALIAS, registry, viewer) == ["production"]
    assert found("alias:prod vision", Kind.ALIAS, registry, viewer) == []
    assert found("tag:vis oth", Kind.COLLECTION, registry, viewer) == ["other"]


def test_a_registry_is_found_by_its_present_name(registry, viewer):
    assert found("nl", Kind.REGISTRY, registry, viewer) == ["speech-nl"]
    assert found("data", Kind.REGISTRY, registry, viewer) == ["Datasets"]

    edit_registry(registry, name="audio", by=SYSTEM)

    assert found("aud", Kind.REGISTRY, registry, viewer) == ["audio"]
    assert found("speech", Kind.REGISTRY, registry, viewer) == []


def test_what_one_may_not_see_is_not_found(registry, viewer):
    secret = RegistryFactory(
        name="secret", organization=registry.organization, visibility="restricted"
    )
    collection(secret, "hidden-model")
    elsewhere = RegistryFactory(name="secret")
    collection(elsewhere, "hidden-model")
    insider = person(secret, Role.RESTRICTED_VIEWER)

    for kind, text in [(Kind.REGISTRY, "secret"), (Kind.COLLECTION, "hidden")]:
        assert found(text, kind, registry, viewer) == []
        assert len(found(text, kind, registry, insider)) == 1


def test_what_is_deleted_or_restricted_is_found_no_more(registry, viewer):
    gone = collection(registry, "gone-soon")
    collection(registry, "gone-later")
    boss = person(registry, Role.ADMIN)

    delete_collection(gone, by=SYSTEM)
    assert found("gone", Kind.COLLECTION, registry, viewer) == ["gone-later"]
    change_visibility(registry, "restricted", by=SYSTEM)
    outside = person(RegistryFactory(organization=registry.organization))
    assert found("gone", Kind.COLLECTION, registry, outside) == []
    delete_registry(registry, by=SYSTEM)
    assert found("gone", Kind.COLLECTION, registry, boss) == []
    assert found("speech", Kind.REGISTRY, registry, boss) == []


def test_a_new_registry_is_found(registry):
    owner = person(registry, Role.MEMBER, standing=Role.MEMBER)

    create_registry(registry.organization, "Vision Bench", owner=owner, by=SYSTEM)

    assert found("bench", Kind.REGISTRY, registry, owner) == ["Vision Bench"]
    assert Registry.objects.visible_to(owner).filter(name="Vision Bench").exists()
