"""Whatever is looked for, by whatever name: found, or not, never an error."""

from __future__ import annotations

import pytest

from accounts.models import Organization, User
from registries.models import Collection, Registry, Version
from registries.operations.aliases import set_alias
from tests.factories import SYSTEM, RegistryFactory, linked_version

pytestmark = pytest.mark.django_db

STRANGE = [
    "", " ", "a\0", "\0", "\ud800", "%", "_", "'", "x" * 100_000, "v", "v-1", "v1.5", "v٣",
    "v" + "9" * 5000, "V0", "v00", "\ufdfa" * 1000, "../..", "{{7*7}}", "🚀",
]  # fmt: skip


@pytest.mark.parametrize("name", STRANGE, ids=lambda name: ascii(name)[:20])
def test_strange_names_find_nothing(name):
    linked_version(RegistryFactory())

    assert not User.objects.named(name).exists()
    assert not Organization.objects.named(name).exists()
    assert not Registry.objects.named(name).exists()
    assert not Collection.objects.named(name).exists()
    assert not Version.objects.called(name).exists()


@pytest.mark.parametrize("words", ["a\0", "\ud800", "%", "x" * 100_000, "v\u0663", "\\"])
def test_strange_words_match_nothing(words):
    linked_version(RegistryFactory())

    assert not Collection.objects.matching(words).exists()
    assert not Registry.objects.matching(words).exists()


def test_names_are_found_without_regard_to_case_and_aliases_exactly():
    registry = RegistryFactory(name="Fraud Models")
    version = linked_version(registry, "Classifier", aliases=["Production"])

    assert Registry.objects.named("FRAUD models").get() == registry
    assert registry.collections.named("CLASSIFIER").get() == version.collection
    for name in ("v0", "latest", "Production"):
        assert version.collection.versions.called(name).get() == version
    assert not version.collection.versions.called("production").exists()


def test_core_registries_are_found_by_all_their_words():
    organization = RegistryFactory().organization

    for word, name in [("Models", "model"), ("MODEL", "model"), ("Datasets", "dataset")]:
        assert organization.registries.named(word).get().name == name


def test_an_alias_that_looks_like_a_number_is_no_number():
    version = linked_version(RegistryFactory())
    set_alias(version, "v1.0", by=SYSTEM)

    assert version.collection.versions.called("v1.0").get() == version
