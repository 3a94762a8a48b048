"""Linking a version into a registry: what is offered to whom."""

from __future__ import annotations

import pytest

from accounts.permissions import Role
from registries.operations.members import set_role
from tests.factories import SYSTEM, RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db

TYPING = {"HX-Request": "true", "HX-Target": "sources"}


def test_only_what_one_may_use_is_offered_to_be_linked():
    registry = RegistryFactory()
    linked_version(RegistryFactory(organization=registry.organization), "churn-open")
    closed = RegistryFactory(organization=registry.organization)
    linked_version(closed, "churn-closed")
    member = person(registry, Role.MEMBER)
    set_role(closed, member, Role.RESTRICTED_VIEWER, by=SYSTEM)

    address = f"{registry.get_absolute_url()}link/"
    offered = signed_in(member).get(address, {"source": "churn"}, headers=TYPING)

    assert "/churn-open:v0" in offered.content.decode()
    assert "churn-closed" not in offered.content.decode()


def test_a_hidden_source_is_answered_as_one_that_is_not_there():
    registry = RegistryFactory()
    hidden = linked_version(
        RegistryFactory(organization=registry.organization, visibility="restricted"),
        "secret-model",
    )
    logged = hidden.artifact.source.versions.get()
    client = signed_in(person(registry, Role.MEMBER))
    address = f"{registry.get_absolute_url()}link/"

    for version in (hidden, logged):
        answers = set()
        for named in (version.full_name, version.full_name.replace("secret", "no")):
            refused = client.post(address, {"source": named, "collection": "mine"})
            suggested = client.get(address, {"source": named}, headers=TYPING)
            said = [refused, suggested]
            answers.add(tuple((a.status_code, words(a).replace(named, "…")) for a in said))
        assert len(answers) == 1, answers
