"""Making a registry; the page of a registry."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Event
from accounts.permissions import Role
from registries.forms.registries import ICON_NAMES
from registries.models import Collection, Registry
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag, create_collection, edit_card
from registries.operations.contents import protect_alias
from registries.operations.registries import ICONS, create_registry
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    acting,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db

NEW = "/orgs/northwind/registries/new/"
FILLED = {
    "name": "release-candidates",
    "description": "What may be *released*.",
    "icon": "rocket",
    "visibility": "restricted",
    "accepted": "specify",
    "types": "model, tokenizer,\nmodel,,",
}


@pytest.fixture
def organization():
    return make_organization("northwind", display_name="Northwind Labs")


@pytest.fixture
def user(organization):
    return MembershipFactory(organization=organization).user


@pytest.fixture
def client(user):
    return signed_in(user)


def test_the_form_asks_with_the_fixed_words(client):
    text = words(client.get(NEW))

    for label in (
        "Name",
        "Description optional",
        "Registry visibility",
        "Organization",
        "Restricted",
        "Accepted artifacts type",
        "All types",
        "Specify types",
        "A type cannot be removed once the registry is saved.",
        "Create registry",
    ):
        assert label in text
    assert "everybody in Northwind Labs, 2 in all, as Viewer" in text


def test_what_was_filled_in_becomes_a_registry(client, user):
    response = client.post(NEW, FILLED)

    registry = Registry.objects.get(is_core=False)
    assert response["Location"] == registry.get_absolute_url()
    assert registry.owner.user == user
    assert (registry.name, registry.icon) == ("release-candidates", "rocket")
    assert registry.description == "What may be *released*."
    assert registry.is_restricted
    assert [str(t) for t in registry.accepted_types.all()] == ["model", "tokenizer"]
    event = Event.objects.get(kind="registry.create")
    assert (event.actor_id, event.via) == (user.pk, "web")


def test_all_types_leaves_typed_types_aside(client):
    client.post(NEW, FILLED | {"accepted": "all"})

    registry = Registry.objects.get(is_core=False)
    assert registry.accepts_all_types
    assert not registry.accepted_types.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence", "status"),
    [
        ("name", "", "This field is required.", 422),
        ("name", "a/b", "letters, digits", 422),
        ("name", "x" * 114, "at most 113 characters", 422),
        ("name", "Models", "Northwind Labs already has a registry named Models.", 409),
        ("name", "DATASET", "already has a registry named Datasets", 409),
        ("description", "x" * 1_048_577, "1,048,576", 413),
        ("description", "a\x00b", "Null characters are not allowed.", 422),
        ("types", "", "Name at least one type, or accept all types.", 422),
        ("types", "a/b", "type", 422),
        ("types", "job", "job", 422),
        ("icon", "skull", "Select a valid choice", 422),
        ("visibility", "public", "Select a valid choice", 422),
        ("accepted", "some", "Select a valid choice", 422),
    ],
)
def test_an_error_stands_at_its_field_and_all_is_kept(
    client, field, value, sentence, status
):
    filled = FILLED | {field: value}

    page = client.post(NEW, filled)

    assert page.status_code == status
    assert sentence in words(page)
    assert not Registry.objects.filter(is_core=False).exists()
    form = page.context["form"]
    assert field in form.errors or status == 413
    assert {name: form[name].value() for name in filled} == filled
    marked = 'aria-invalid="true"' in page.content.decode()
    assert marked or field == "icon" or status == 413


def test_a_name_in_a_registry_that_one_cannot_see_is_only_unavailable(organization, client):
    hidden = create_registry(
        organization,
        "secret",
        visibility="restricted",
        owner=MembershipFactory(organization=organization).user,
        by=SYSTEM,
    )

    page = client.post(NEW, FILLED | {"name": hidden.name.upper()})

    assert page.status_code == 409
    assert "The name SECRET is not available." in words(page)
    assert "already has" not in words(page)


def test_sending_it_twice_makes_one_registry(client):
    assert client.post(NEW, FILLED).status_code == 302
    assert client.post(NEW, FILLED).status_code == 409

    assert Registry.objects.filter(is_core=False).count() == 1


@pytest.mark.parametrize(
    "extra", ["owner", "is_core", "organization_id", "deleted_at", "x"]
)
def test_fields_that_the_form_does_not_have_are_refused(client, extra):
    assert client.post(NEW, FILLED | {extra: "1"}).status_code == 400
    assert not Registry.objects.filter(is_core=False).exists()


def test_a_viewer_of_the_organization_is_refused(organization):
    viewer = signed_in(MembershipFactory(organization=organization, role=Role.VIEWER).user)

    for page in (viewer.get(NEW), viewer.post(NEW, FILLED)):
        assert page.status_code == 403
        assert "Creating a registry needs the role Member" in words(page)
    assert not Registry.objects.filter(is_core=False).exists()


def test_every_icon_has_a_name():
    assert list(ICON_NAMES) == list(ICONS)


def test_the_table_shows_what_is_in_the_registry(organization):
    registry = RegistryFactory(organization=organization, name="speech")
    version = linked_version(registry, "whisper", files={"a": b"12345"})
    newer = linked_version(registry, "whisper", files={"b": b"1" * 2100})
    protect_alias(registry, "production", by=SYSTEM)
    set_alias(version, "production", by=SYSTEM)
    add_tag(version.collection, "nl", by=SYSTEM)
    author = person(registry, Role.MEMBER, full_name="Mei-Ling Chen")
    edit_card(version.collection, "Transcribes *Dutch*.", by=acting(author))

    page = signed_in(person(registry, Role.VIEWER)).get(registry.get_absolute_url())

    text = words(page)
    for part in ("whisper", "nl", "Transcribes Dutch.", "model", "v1", "2 ", "2.1 kB"):
        assert part in text
    assert "protected alias production" in text
    assert "Mei-Ling Chen" in text
    assert "Custom registry" in text
    assert newer.get_absolute_url() in links(page)
    assert version.get_absolute_url() in links(page)


def test_the_head_names_owner_role_and_why(organization):
    registry = RegistryFactory(organization=organization)
    linked_version(registry)
    registry.owner.user.full_name = "Anouk de Vries"
    registry.owner.user.save()

    text = words(signed_in(person(registry)).get(registry.get_absolute_url()))

    assert "Owner Anouk de Vries" in text
    assert "Your role Viewer organization default" in text


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.RESTRICTED_VIEWER, False), (Role.VIEWER, False), (Role.MEMBER, True)],
)
def test_the_command_to_publish_is_for_who_may_link(organization, role, shown):
    registry = RegistryFactory(organization=organization, name="with space")
    linked_version(registry, "whisper")
    user = person(registry, role)

    text = words(signed_in(user).get(registry.get_absolute_url()))

    name = "'northwind/with space/whisper'"
    command = f"uv run manage.py publish ./model {name} --as {user.username}"
    assert (command in text) is shown


@pytest.mark.parametrize(
    ("types", "option"),
    [(None, " --type model"), (["onnx"], ""), (["gguf", "onnx"], " --type gguf")],
)
def test_the_command_for_a_new_collection_names_a_type_where_one_is_needed(
    organization, user, types, option
):
    registry = create_registry(organization, "serving", types=types, owner=user, by=SYSTEM)

    text = words(signed_in(user).get(registry.get_absolute_url()))

    command = f"publish ./model northwind/serving/my-collection{option} --as {user}"
    assert command in text


def test_the_filter_matches_names_without_regard_to_case(organization, client):
    registry = RegistryFactory(organization=organization)
    for name in ("whisper-nl", "Whisper-de", "resnet"):
        linked_version(registry, name)
    address = registry.get_absolute_url()

    whole = client.get(address, {"filter": "whisper"})
    part = client.get(address, {"filter": "whisper"}, headers={"hx-request": "true"})

    for page in (whole, part):
        assert "Whisper-de" in words(page)
        assert "resnet" not in words(page)
    assert part.content.decode().strip().startswith('<div id="collections">')


def test_without_hits_it_says_so_and_leads_back(organization, client):
    registry = RegistryFactory(organization=organization)
    linked_version(registry, "whisper")

    page = client.get(registry.get_absolute_url(), {"filter": "100%"})

    assert "No collection with “100%” in its name." in words(page)
    assert "Clear filters" in words(page)


def test_collections_come_in_pages_newest_update_first(organization, client):
    registry = RegistryFactory(organization=organization)
    now = timezone.now()
    Collection.objects.bulk_create(
        Collection(
            registry=registry,
            kind="linked",
            name=f"c{number:03}",
            key=f"c{number:03}",
            type="model",
            updated_at=now - timezone.timedelta(hours=number),
        )
        for number in range(60)
    )
    address, seen = registry.get_absolute_url(), []
    page = client.get(address)
    while True:
        seen += [row.name for row in page.context["page"].rows]
        following = page.context["page"].next
        if not following:
            break
        page = client.get(f"{address}{following}")

    assert seen == [f"c{number:03}" for number in range(60)]


def test_an_empty_registry_shows_how_to_begin_to_who_may(organization):
    registry = RegistryFactory(organization=organization)
    member = signed_in(person(registry, Role.MEMBER))
    viewer = signed_in(person(registry, Role.VIEWER))

    for_member = words(member.get(registry.get_absolute_url()))
    for_viewer = words(viewer.get(registry.get_absolute_url()))

    assert "Put the first version in" in for_member
    assert "manage.py publish" in for_member
    assert f"wandb login --host {settings.BASE_URL}" in for_member
    target = f"{organization.name}/wandb-registry-{registry.name}/my-collection"
    assert f'target = "{target}"' in for_member
    assert "Nothing is in here yet" in for_viewer
    assert "manage.py" not in for_viewer
    assert "wandb" not in for_viewer


def test_the_empty_page_asks_until_something_has_come(organization):
    registry = RegistryFactory(organization=organization)
    client = signed_in(person(registry, Role.MEMBER))
    headers = {"hx-request": "true", "hx-target": "waiting"}
    assert client.get(registry.get_absolute_url(), headers=headers).status_code == 204

    linked_version(registry)

    response = client.get(registry.get_absolute_url(), headers=headers)
    assert response["HX-Refresh"] == "true"


def test_a_collection_without_versions_is_shown_too(organization, client):
    registry = RegistryFactory(organization=organization)
    create_collection(registry, "planned", artifact_type="model", by=SYSTEM)

    text = words(client.get(registry.get_absolute_url()))

    assert "planned" in text
    assert "none" in text


def test_many_aliases_and_tags_are_cut(organization, client):
    registry = RegistryFactory(organization=organization)
    version = linked_version(registry)
    for number in range(9):
        set_alias(version, f"alias-{number}", by=SYSTEM)
        add_tag(version.collection, f"tag-{number}", by=SYSTEM)

    text = words(client.get(registry.get_absolute_url()))

    assert "alias-5" in text
    assert "alias-6" not in text
    assert "and more" in text
