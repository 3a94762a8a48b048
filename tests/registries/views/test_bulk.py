"""One change to many collections or versions: how far it came, and what it left alone."""

from __future__ import annotations

import re

import pytest

from accounts.permissions import Role
from registries.models import Collection, Registry
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag, create_collection
from registries.operations.contents import protect_alias
from registries.views import bulk
from tests.factories import SYSTEM, RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry() -> Registry:
    return RegistryFactory()


@pytest.fixture
def client(registry):
    return signed_in(person(registry, Role.MEMBER))


def empty(registry: Registry, *names: str) -> list[int]:
    made = (
        create_collection(registry, name, artifact_type="model", by=SYSTEM)
        for name in names
    )
    return [collection.pk for collection in made]


def change(client, registry: Registry, action: str, **sent: object):
    place = f"{registry.get_absolute_url()}collections/change/"
    return client.post(place, {"action": action} | sent)


def live(registry: Registry) -> list[str]:
    return sorted(registry.collections.live().values_list("name", flat=True))


def sent_on(page: str) -> dict[str, list[str]]:
    """What the hidden fields of a dialog send."""
    found: dict[str, list[str]] = {}
    dialog = page.partition('<dialog class="dialog"')[2].partition("</dialog>")[0]
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', dialog):
        found.setdefault(name, []).append(value)
    return found


def test_those_that_were_picked_are_changed(client, registry):
    a, b, _ = empty(registry, "a", "b", "c")

    response = change(client, registry, "delete", pick=[a, b])

    assert response.status_code == 302
    assert live(registry) == ["c"]


def test_all_that_match_are_changed_and_no_others(client, registry):
    empty(registry, "churn-a", "churn-b", "other")

    change(client, registry, "delete", all="on", match="filter=churn")

    assert live(registry) == ["other"]


def test_what_is_refused_is_told_and_the_others_are_changed(client, registry):
    version = linked_version(registry, "held")
    set_alias(version, "production", by=SYSTEM)
    protect_alias(registry, "production", by=SYSTEM)
    (free,) = empty(registry, "free")

    response = change(client, registry, "delete", pick=[version.collection_id, free])

    assert "1 of 2 collections put into the trash" in response.text
    assert "held holds the protected alias production" in response.text.replace(
        f"{registry}/", ""
    )
    assert live(registry) == ["held"]


def test_more_than_one_request_may_change_goes_on_where_it_was(
    client, registry, monkeypatch
):
    monkeypatch.setattr(bulk, "MOST", 2)
    empty(registry, *"abcde")
    page = change(client, registry, "delete", all="on").text
    assert "2 of 5 collections put into the trash" in page
    assert "3 to go" in page
    empty(registry, "made-meanwhile")

    page = change(client, registry, **flat(sent_on(page))).text
    assert "1 to go" in page
    response = change(client, registry, **flat(sent_on(page)))

    assert response.status_code == 302
    assert live(registry) == ["made-meanwhile"]


def flat(sent: dict[str, list[str]]) -> dict[str, object]:
    sent.pop("csrfmiddlewaretoken", None)
    return {
        name: values if name in {"pick", "refusal"} else values[0]
        for name, values in sent.items()
    }


def test_a_tag_comes_off_those_that_have_it(client, registry):
    picked = empty(registry, "a", "b")
    add_tag(Collection.objects.get(pk=picked[0]), "old", by=SYSTEM)

    response = change(client, registry, "untag", pick=picked, tag="old")

    assert response.status_code == 302
    assert not Collection.objects.filter(tags__name="old").exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"tag": "wo!rds"}, "words of letters"),
        ({"tag": ""}, "tag"),
        ({"tag": "never"}, "None of them has the tag never."),
    ],
)
def test_what_is_wrong_with_the_tag_is_said_at_the_field(client, registry, sent, words):
    picked = empty(registry, "a")

    response = change(client, registry, "untag", pick=picked, **sent)

    assert response.status_code == 422
    assert words in response.text
    assert sent_on(response.text)["pick"] == [str(picked[0])]


def test_without_a_selection_nothing_is_changed(client, registry):
    empty(registry, "a")

    response = change(client, registry, "delete")

    assert "Select some collections first." in response.text
    assert live(registry) == ["a"]


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "unlink"},
        {"action": "explode"},
        {"action": "delete", "pick": "1 or 1"},
        {"action": "delete", "pick": [str(n) for n in range(201)]},
        {"action": "delete", "color": "red"},
        {"action": "delete", "all": "on", "after": "-1"},
    ],
)
def test_what_no_page_sends_is_refused(client, registry, sent):
    empty(registry, "a")

    assert change(client, registry, **sent).status_code == 400
    assert live(registry) == ["a"]


def test_collections_of_another_registry_are_not_meant(client, registry):
    others = empty(RegistryFactory(organization=registry.organization), "theirs")

    change(client, registry, "delete", pick=others)

    assert Collection.objects.live().filter(pk__in=others).exists()
