"""The answer after a change that a dialog asked for."""

from __future__ import annotations

import pytest

from accounts.permissions import Role
from tests.factories import RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "here", ["http://[", "http://testserver//evil.example/", "https://evil.example/"]
)
def test_a_page_that_is_none_of_ours_is_led_to_what_was_changed(here):
    version = linked_version(RegistryFactory())
    client = signed_in(person(version.registry, Role.MEMBER))
    headers = {"HX-Request": "true", "HX-Target": "asked", "HX-Current-URL": here}
    address = f"{version.get_absolute_url()}tags/add/"

    response = client.post(address, {"tag": "reviewed"}, headers=headers)

    assert response["HX-Redirect"] == version.get_absolute_url()
    assert version.tags.get().name == "reviewed"
