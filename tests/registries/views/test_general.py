"""Name, types and protected aliases on the settings page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Event
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.contents import protect_alias, switch_types
from registries.operations.registries import edit_registry
from tests.factories import SYSTEM, RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def registry():
    return RegistryFactory(name="serving")


@pytest.fixture
def admin(registry):
    return signed_in(person(registry, Role.ADMIN))


def at(name, registry):
    return reverse(f"registries:{name}", args=[registry.organization.name, registry.name])


def test_a_member_renames_and_the_old_address_leads_here(registry):
    client = signed_in(person(registry, Role.MEMBER))
    sent = {"name": "serving-eu", "description": "Of Europe.", "icon": "rocket"}
    old = at("settings", registry)

    response = client.post(at("general", registry), sent)

    assert "serving-eu" in response["Location"]
    assert client.get(old)["Location"] == response["Location"]
    registry.refresh_from_db()
    assert (registry.name, registry.icon) == ("serving-eu", "rocket")


def test_a_page_from_before_somebody_elses_change_puts_nothing_back(registry, admin):
    edit_registry(registry, description="One\nTwo", by=SYSTEM)
    shown = admin.get(at("settings", registry)).context["general_form"]
    old_page = {name: shown[name].value() for name in shown.fields}
    old_page["description"] = old_page["description"].replace("\n", "\r\n")
    edit_registry(registry, description="Of Europe.", by=SYSTEM)

    left = admin.post(at("general", registry), old_page | {"icon": "rocket"})
    changed = admin.post(at("general", registry), old_page | {"description": "Mine."})

    assert (left.status_code, changed.status_code) == (302, 409)
    registry.refresh_from_db()
    assert (registry.icon, registry.description) == ("rocket", "Of Europe.")


def test_a_type_from_an_old_page_switches_nothing_back(registry, admin):
    switch_types(registry, ["model"], by=SYSTEM)
    shown = admin.get(at("settings", registry)).context["types_form"]
    old_page = {name: shown[name].value() or "" for name in shown.fields}
    switch_types(registry, None, by=SYSTEM)

    response = admin.post(at("types", registry), old_page | {"types": "onnx"}, follow=True)

    assert "Every type is accepted." in words(response)
    registry.refresh_from_db()
    assert registry.accepts_all_types


def test_a_rename_by_htmx_leads_to_the_new_address(registry, admin):
    sent = {"name": "other", "description": "", "icon": "rocket"}

    response = admin.post(at("general", registry), sent, headers=HTMX)

    assert "/other/" in response["HX-Redirect"]


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": "../x"}, 422, "name"),
        ({"name": "x" * 200}, 422, "name"),
        ({"name": "Taken"}, 409, "name"),
        ({"name": "model"}, 409, "name"),
        ({"icon": "skull"}, 422, "icon"),
        ({"icon": ""}, 422, "icon"),
        ({"description": "x" * (1024 * 1024 + 1)}, 413, "__all__"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_is_said_at_its_field(registry, admin, sent, status, field):
    RegistryFactory(organization=registry.organization, name="taken")
    sent = {"name": "serving", "description": "", "icon": "rocket"} | sent

    response = admin.post(at("general", registry), sent, headers=HTMX)

    assert response.status_code == status
    assert list(response.context["general_form"].errors) == [field]
    registry.refresh_from_db()
    assert (registry.name, registry.icon) == ("serving", "registry")


@pytest.mark.parametrize("name", sorted(f.attname for f in Registry._meta.concrete_fields))
def test_no_other_field_of_a_registry_is_taken(registry, admin, name, unchanged):
    offered = {"general": {"name", "description", "icon"}}
    for place in ("general", "types", "protect_alias", "unprotect_alias", "release_name"):
        if name in offered.get(place, {"name"} if place == "release_name" else set()):
            continue
        with unchanged():
            assert admin.post(at(place, registry), {name: "1"}).status_code == 400


def test_of_a_core_registry_organization_admins_edit_the_description_only(registry):
    core = registry.organization.registries.get(name="model")
    boss = signed_in(person(registry, standing=Role.ADMIN))
    given = signed_in(person(core, Role.ADMIN))

    assert boss.post(at("general", core), {"description": "All."}).status_code == 302
    assert given.post(at("general", core), {"description": "Mine."}).status_code == 403
    assert boss.post(at("general", core), {"name": "mine"}).status_code == 409
    assert boss.post(at("general", core), {"icon": "rocket"}).status_code == 400
    core.refresh_from_db()
    assert (core.name, core.description) == ("model", "All.")
    assert 'name="icon"' not in boss.get(at("settings", core)).text


def test_a_former_name_is_released_by_an_admin(registry, admin):
    edit_registry(registry, name="newer", by=SYSTEM)
    registry.refresh_from_db()
    member = signed_in(person(registry, Role.MEMBER))

    assert member.post(at("release_name", registry), {"name": "serving"}).status_code == 403
    response = admin.post(at("release_name", registry), {"name": "serving"}, headers=HTMX)
    again = admin.post(at("release_name", registry), {"name": "serving"})

    assert "serving is free" in words(response)
    assert again.status_code == 422
    assert registry.names.count() == 1


def test_a_member_adds_types_and_cannot_switch(registry):
    switch_types(registry, ["model"], by=SYSTEM)
    member = signed_in(person(registry, Role.MEMBER))

    response = member.post(at("types", registry), {"types": "onnx, model"}, headers=HTMX)
    refused = member.post(at("types", registry), {"accepted": "all", "types": ""})

    assert "Added: onnx." in words(response)
    assert refused.status_code == 403
    assert [t.name for t in registry.accepted_types.all()] == ["model", "onnx"]


def test_switching_keeps_the_types_in_use(registry, admin):
    linked_version(registry, artifact_type="onnx")

    admin.post(at("types", registry), {"accepted": "specify", "types": "model"})

    registry.refresh_from_db()
    assert not registry.accepts_all_types
    assert {t.name for t in registry.accepted_types.all()} == {"model", "onnx"}
    admin.post(at("types", registry), {"accepted": "all", "types": ""})
    registry.refresh_from_db()
    assert registry.accepts_all_types


@pytest.mark.parametrize("types", ["", " , ", "a/b", "job", "x" * 200, "wandb-x"])
def test_types_that_cannot_be_are_said_at_the_field(registry, admin, types, unchanged):
    switch_types(registry, ["model"], by=SYSTEM)
    sent = {"accepted": "specify", "types": types}

    with unchanged():
        response = admin.post(at("types", registry), sent, headers=HTMX)

    assert response.status_code == 422
    assert "types" in response.context["types_form"].errors


def test_a_core_registry_never_accepts_all_types(registry, unchanged):
    core = registry.organization.registries.get(name="model")
    boss = signed_in(person(registry, standing=Role.ADMIN))

    with unchanged():
        assert boss.post(at("types", core), {"accepted": "all"}).status_code == 409


def test_an_alias_is_protected_and_then_not(registry, admin):
    for _ in range(2):
        said = words(
            admin.post(at("protect_alias", registry), {"alias": "golden"}, headers=HTMX)
        )
        assert "golden is protected." in said

    sent = {"alias": "golden"}
    assert admin.post(at("unprotect_alias", registry), sent).status_code == 302
    assert admin.post(at("unprotect_alias", registry), sent).status_code == 422
    kinds = Event.objects.filter(kind__endswith="protect_alias").values_list(
        "kind", flat=True
    )
    assert sorted(kinds) == ["registry.protect_alias", "registry.unprotect_alias"]


@pytest.mark.parametrize("alias", ["", "latest", "v0", "a/b", "x" * 200])
def test_an_alias_that_cannot_be_protected_is_said_at_the_field(registry, admin, alias):
    response = admin.post(at("protect_alias", registry), {"alias": alias}, headers=HTMX)

    assert response.status_code == 422
    assert "alias" in response.context["alias_form"].errors


@pytest.mark.parametrize("role", [Role.RESTRICTED_VIEWER, Role.VIEWER, Role.MEMBER])
def test_only_admins_see_to_protected_aliases(registry, role, unchanged):
    protect_alias(registry, "golden", by=SYSTEM)
    client = signed_in(person(registry, role))

    with unchanged():
        for place in ("protect_alias", "unprotect_alias"):
            assert client.post(at(place, registry), {"alias": "golden"}).status_code == 403
    assert "Stop protecting" not in client.get(at("settings", registry)).text
