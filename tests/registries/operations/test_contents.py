from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid
from accounts.models import Event
from accounts.permissions import Role
from registries.operations.contents import (
    append_types,
    protect_alias,
    switch_types,
    unprotect_alias,
)
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    acting,
    linked_version,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db


def listed(*types: str):
    registry = RegistryFactory(accepts_all_types=False)
    for name in types:
        registry.accepted_types.create(name=name)
    return registry


def types_of(registry) -> set[str]:
    return set(registry.accepted_types.values_list("name", flat=True))


def test_a_member_appends_types_for_good():
    registry = listed("model")

    new = append_types(
        registry, ["model", "onnx"], by=acting(person(registry, Role.MEMBER))
    )

    assert new == ["onnx"]
    assert types_of(registry) == {"model", "onnx"}
    assert Event.objects.get(kind="registry.append_types").after == ["onnx"]


def test_appending_twice_writes_one_event():
    registry = listed("model")

    append_types(registry, ["onnx"], by=SYSTEM)
    append_types(registry, ["onnx"], by=SYSTEM)

    assert Event.objects.filter(kind="registry.append_types").count() == 1


def test_a_viewer_appends_nothing():
    registry = listed("model")

    with pytest.raises(Denied, match="Member"):
        append_types(registry, ["onnx"], by=acting(person(registry, Role.VIEWER)))

    assert types_of(registry) == {"model"}


def test_there_is_no_list_to_append_to_where_all_types_are_accepted():
    with pytest.raises(Conflict):
        append_types(RegistryFactory(), ["onnx"], by=SYSTEM)


@pytest.mark.parametrize("types", [[], ["job"], ["wandb-x"], ["a/b"], [" x"], ["a\x00"]])
def test_what_is_not_a_type_is_refused(types):
    registry = listed("model")

    with pytest.raises(Invalid) as refusal:
        append_types(registry, types, by=SYSTEM)

    assert refusal.value.field == "types"
    assert types_of(registry) == {"model"}


def test_a_core_registry_takes_more_types():
    registry = make_organization().registries.get(name="model")

    append_types(registry, ["onnx"], by=SYSTEM)

    assert types_of(registry) == {"model", "onnx"}


def test_switching_to_a_list_keeps_what_is_in_use_and_what_was_saved():
    registry = RegistryFactory()
    registry.accepted_types.create(name="tokenizer")
    linked_version(registry, artifact_type="model")

    with pytest.raises(Invalid, match="model, tokenizer"):
        switch_types(registry, ["dataset"], by=SYSTEM)
    switched = switch_types(registry, ["dataset", "model", "tokenizer"], by=SYSTEM)

    assert not switched.accepts_all_types
    assert types_of(registry) == {"dataset", "model", "tokenizer"}


def test_switching_to_all_types_forgets_no_saved_type():
    registry = listed("model")

    switch_types(registry, None, by=acting(person(registry, Role.ADMIN)))

    registry.refresh_from_db()
    assert registry.accepts_all_types
    assert types_of(registry) == {"model"}
    event = Event.objects.get(kind="registry.switch_types")
    assert (event.before, event.after) == (["model"], None)


def test_switching_takes_an_admin():
    registry = listed("model")

    with pytest.raises(Denied, match="Admin"):
        switch_types(registry, None, by=acting(person(registry, Role.MEMBER)))

    registry.refresh_from_db()
    assert not registry.accepts_all_types


def test_switching_to_what_is_writes_nothing():
    registry = listed("model")

    switch_types(registry, ["model"], by=SYSTEM)

    assert not Event.objects.filter(kind="registry.switch_types").exists()


def test_a_core_registry_never_accepts_all_types():
    registry = make_organization().registries.get(name="dataset")

    with pytest.raises(Conflict):
        switch_types(registry, None, by=SYSTEM)


def test_a_protected_alias_can_be_let_go_again():
    registry = RegistryFactory()
    protect_alias(registry, "production", by=SYSTEM)

    unprotect_alias(registry, "production", by=acting(person(registry, Role.ADMIN)))

    assert not registry.protected_aliases.exists()
    assert Event.objects.get(kind="registry.unprotect_alias").before == "production"
    with pytest.raises(Invalid):
        unprotect_alias(registry, "production", by=SYSTEM)


def test_letting_an_alias_go_takes_an_admin():
    registry = RegistryFactory()
    protect_alias(registry, "production", by=SYSTEM)

    with pytest.raises(Denied):
        unprotect_alias(registry, "production", by=acting(person(registry, Role.MEMBER)))

    assert registry.protected_aliases.exists()
