"""The page of a collection, and that of all its versions."""

from __future__ import annotations

import re

import pytest

from accounts.permissions import Role
from registries.models import Version
from registries.operations.aliases import remove_alias, set_alias
from registries.operations.collections import add_tag, create_collection, edit_card
from registries.operations.contents import protect_alias
from tests.factories import SYSTEM, RegistryFactory, acting, linked_version, person
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry():
    return RegistryFactory()


@pytest.fixture
def viewer(registry):
    return signed_in(person(registry, Role.VIEWER))


def versions(registry, count: int) -> list[Version]:
    return [
        linked_version(registry, "churn", files={"a": str(number).encode()})
        for number in range(count)
    ]


def test_the_card_is_rendered_and_does_nothing(registry, viewer):
    (version,) = versions(registry, 1)
    edit_card(version.collection, "# Use\n\nSee `x`. <script>alert(1)</script>", by=SYSTEM)
    add_tag(version.collection, "tabular", by=SYSTEM)

    page = viewer.get(version.collection.get_absolute_url())

    body = page.content.decode()
    assert "<h3>Use</h3>" in body
    assert "<code>x</code>" in body
    assert "<script>alert" not in body
    assert "tabular" in words(page)


def test_without_a_card_it_says_so(registry, viewer):
    create_collection(registry, "planned", artifact_type="model", by=SYSTEM)

    text = words(viewer.get(registry.collections.get().get_absolute_url()))

    assert "Nobody has written yet what this collection is for." in text
    assert "No version yet" in text


def test_an_alias_tells_where_it_has_been_who_moved_it_and_why(registry, viewer):
    protect_alias(registry, "production", by=SYSTEM)
    actor = acting(person(registry, Role.ADMIN, full_name="Priya Raman"))
    first, second = versions(registry, 2)
    set_alias(first, "production", by=actor)
    set_alias(second, "production", by=actor)
    set_alias(first, "production", reason="Recall fell to 0.61.", by=actor)

    page = viewer.get(first.collection.get_absolute_url())

    assert "protected alias production v0 v1 v0 rolled back" in words(page)
    assert "Priya Raman, just now: “Recall fell to 0.61.”" in words(page)
    assert first.get_absolute_url() in links(page)


def test_an_alias_that_was_taken_off_in_between_says_so(registry, viewer):
    first, second = versions(registry, 2)
    set_alias(first, "staging", by=SYSTEM)
    remove_alias(first.collection, "staging", by=SYSTEM)
    set_alias(second, "staging", by=SYSTEM)

    text = words(viewer.get(first.collection.get_absolute_url()))

    assert "staging v0 taken off v1" in text
    assert "The system, just now" in text
    assert "rolled back" not in text


def test_with_latest_only_it_says_what_that_is(registry, viewer):
    (version,) = versions(registry, 1)

    text = words(viewer.get(version.collection.get_absolute_url()))

    assert "No alias but latest , which follows the newest version" in text


def test_many_aliases_are_cut(registry, viewer):
    (version,) = versions(registry, 1)
    for number in range(22):
        set_alias(version, f"alias-{number:02}", by=SYSTEM)

    text = words(viewer.get(version.collection.get_absolute_url()))

    assert "Only the first 20 are shown." in text


@pytest.mark.parametrize(
    ("role", "shown"), [(Role.RESTRICTED_VIEWER, False), (Role.VIEWER, True)]
)
def test_the_command_to_fetch_is_for_who_may_download(registry, role, shown):
    (version,) = versions(registry, 1)
    set_alias(version, "production", by=SYSTEM)
    user = person(registry, role)

    text = words(signed_in(user).get(version.collection.get_absolute_url()))

    name = version.collection.full_name
    command = f"uv run manage.py fetch {name}:production ./model --as {user}"
    assert (command in text) is shown
    home = f"{registry.organization.name}/wandb-registry-{registry.name}"
    target = f'"{home}/{version.collection}:production"'
    assert (f"name = {target}" in text) is shown
    assert "link_artifact" not in text
    assert ("Downloading a file needs the role Viewer" in text) is not shown


def test_the_newest_versions_are_shown_and_the_rest_is_a_link_away(registry, viewer):
    made = versions(registry, 8)

    page = viewer.get(made[0].collection.get_absolute_url())

    assert "newest 6 of 8" in words(page)
    assert made[7].get_absolute_url() in links(page)
    assert made[1].get_absolute_url() not in links(page)
    assert f"{made[0].collection.get_absolute_url()}versions/" in links(page)


def test_the_newest_versions_are_selected_where_they_are_shown(registry, viewer):
    made = versions(registry, 2)
    address = made[0].collection.get_absolute_url()
    member = signed_in(person(registry, Role.MEMBER))
    for_member, for_viewer = (who.get(address).text for who in (member, viewer))

    picked = re.findall(r'name="pick" value="(\d+)" form="bulk"', for_member)
    (there,) = re.findall(r'<form class="bulk" id="bulk" action="([^"]+)"', for_member)
    sent = {"action": "unlink", "pick": picked[0]}
    asked = member.get(there, sent).text
    member.post(there, sent)

    assert "all that match" not in for_member
    assert re.findall(r'name="action" value="(\w+)"', for_viewer) == []
    assert ("Compare" in for_viewer, 'name="pick"' in for_viewer) == (True, True)
    assert "Unlink 1 version?" in asked
    assert [v.number for v in made[0].collection.versions.committed()] == [0]
    assert 'name="pick"' not in viewer.get(address).text


def test_all_versions_come_in_pages(registry, viewer, monkeypatch):
    monkeypatch.setattr("registries.views.paging.SIZE", 3)
    made = versions(registry, 27)
    address, seen = f"{made[0].collection.get_absolute_url()}versions/", []
    page = viewer.get(address)
    while True:
        seen += [row.number for row in page.context["page"].rows]
        following = page.context["page"].next
        if not following:
            break
        page = viewer.get(f"{address}{following}")

    assert seen == list(range(26, -1, -1))
    assert viewer.get(f"{address}?after=x").status_code == 400
