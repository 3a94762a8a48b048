"""Putting aliases on a version: what is refused, and what stays typed then."""

from __future__ import annotations

import re

import pytest

from accounts.permissions import Role
from registries.models import AliasMove, Version
from registries.operations.aliases import set_alias
from registries.operations.contents import protect_alias
from tests.factories import SYSTEM, RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db

DIALOG = {"HX-Request": "true", "HX-Target": "asked"}


@pytest.mark.parametrize("headers", [{}, DIALOG], ids=["page", "dialog"])
def test_an_alias_for_admins_is_refused_at_its_field_and_all_stays_typed(headers):
    registry = RegistryFactory()
    version = linked_version(registry)
    protect_alias(registry, "golden", by=SYSTEM)
    client = signed_in(person(registry, Role.MEMBER))
    here, there = version.get_absolute_url(), registry.get_absolute_url()
    put = {"alias": "golden", "reason": "It is better."}
    link = {"source": version.full_name, "collection": "other", "aliases": "best, golden"}

    for address, sent in ((f"{here}aliases/add/", put), (f"{there}link/", link)):
        refused = client.post(address, sent, headers=headers)
        page = refused.content.decode()

        assert refused.status_code == 403
        assert "needs the role Admin" in words(refused)
        assert "_error" in page
        assert [typed for typed in sent.values() if f'value="{typed}"' not in page] == []
        assert ("<h1" in page) is (not headers)
    assert not AliasMove.objects.filter(name="golden").exists()
    assert Version.objects.filter(artifact=version.artifact).count() == 2


def test_only_admins_are_offered_aliases_for_admins():
    registry = RegistryFactory()
    first = linked_version(registry, "classifier")
    second = linked_version(registry, "classifier", files={"a": b"other"})
    protect_alias(registry, "golden", by=SYSTEM)
    protect_alias(registry, "silver", by=SYSTEM)
    for name in ("best", "golden"):
        set_alias(first, name, by=SYSTEM)

    offered = {}
    for role in (Role.MEMBER, Role.ADMIN):
        address = f"{second.get_absolute_url()}aliases/add/"
        dialog = signed_in(person(registry, role)).get(address, headers=DIALOG)
        offered[role] = re.findall(r'<option value="(\w+)"', dialog.content.decode())

    assert offered == {
        Role.MEMBER: ["best"],
        Role.ADMIN: ["golden", "silver", "best"],
    }
