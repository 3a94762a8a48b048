"""The page of what was found, and the list while somebody types."""

from __future__ import annotations

from copy import deepcopy

import pytest

from accounts.permissions import Role
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag, create_collection
from tests.factories import SYSTEM, RegistryFactory, linked_version, person
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(undone):
    registry = RegistryFactory(name="speech-nl")
    version = linked_version(registry)
    set_alias(version, "production", by=SYSTEM)
    add_tag(version.collection, "proven", by=SYSTEM)
    return registry


@pytest.fixture
def registry(made):
    return deepcopy(made)


@pytest.fixture
def viewer(registry):
    return signed_in(person(registry, Role.VIEWER))


def address(registry, query: str = "") -> str:
    return f"/orgs/{registry.organization.name}/search/{query}"


TYPING = {"HX-Request": "true", "HX-Target": "found"}


def test_hits_are_shown_by_kind_and_lead_there(registry, viewer):
    response = viewer.get(address(registry, "?q=pro"))

    text = words(response)
    assert text.index("Aliases") < text.index("production") < text.index("Tags")
    place = f"{registry.get_absolute_url()}c/classifier/"
    assert {f"{place}v/0/", place} <= set(links(response))


def test_while_typing_only_the_list_comes(registry, viewer):
    response = viewer.get(address(registry, "?q=spee"), headers=TYPING)

    assert "<html" not in response.content.decode()
    assert registry.get_absolute_url() in links(response)
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("query", ["", "?q=", "?q=%00", "?q=%20", "?q=" + "x" * 4000])
def test_without_hits_the_page_says_what_to_do(registry, viewer, query):
    response = viewer.get(address(registry, query))

    assert response.status_code == 200
    assert "Type the beginning" in words(response) or "Nothing that you" in words(response)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?q=a&kind=collection&after=nonsense", 400),
        ("?q=a&kind=collection&after=a~99999999999999999999999", 200),
        ("?q=a&kind=organization", 200),
        ("?q=a:b:c%20:%20alias:", 200),
        ("?q=%F0%9F%98%80%EF%BF%BF", 200),
    ],
)
def test_strange_questions_get_an_answer(registry, viewer, query, status):
    assert viewer.get(address(registry, query)).status_code == status


def test_one_kind_comes_in_pages_also_with_tildes_in_names(registry, viewer):
    version = linked_version(registry)
    for number in range(30):
        set_alias(version, f"x~{number:02}%7E", by=SYSTEM)

    first = viewer.get(address(registry, "?q=x&kind=alias"))
    following = next(link for link in links(first) if "after=" in link)
    second = viewer.get(address(registry, following))

    names = [f"x~{number:02}%7E" for number in range(30)]
    assert [name for name in names if name in words(first)] == names[:25]
    assert [name for name in names if name in words(second)] == names[25:]


def test_more_of_a_kind_is_one_link_away(registry, viewer):
    for number in range(12):
        name = f"many-{number}"
        create_collection(registry, name, artifact_type="model", by=SYSTEM)

    response = viewer.get(address(registry, "?q=many"))

    assert "?q=many&kind=collection" in links(response)


def test_a_name_with_the_same_word_twice_comes_once(registry, viewer):
    create_collection(registry, "data-data", artifact_type="model", by=SYSTEM)

    response = viewer.get(address(registry, "?q=data&kind=collection"))

    assert words(response).count("data-data") == 1
