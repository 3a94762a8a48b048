"""Deleting a registry by its settings, and restoring it from the trash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from registries.models import Collection
from registries.operations.projects import ensure_project
from registries.operations.registries import create_registry, delete_registry
from tests.factories import SYSTEM, RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry():
    return RegistryFactory(name="serving")


@pytest.fixture
def admin(registry):
    return signed_in(person(registry, Role.ADMIN))


def deleting(registry):
    names = [registry.organization.name, registry.name]
    return reverse("registries:delete_registry", args=names)


def trash(registry):
    return reverse("registries:trash", args=[registry.organization.name])


def restoring(registry):
    names = [registry.organization.name, registry.pk]
    return reverse("registries:restore_registry", args=names)


def test_who_types_the_name_deletes_and_may_restore(registry, admin):
    linked_version(registry)

    asked = words(admin.get(deleting(registry)))
    response = admin.post(deleting(registry), {"name": "serving"}, follow=True)
    gone = admin.get(registry.get_absolute_url())
    back = admin.post(restoring(registry), follow=True)

    assert "Type serving to confirm" in asked
    assert "serving is in the trash, and can be restored for 30 days." in words(response)
    assert "30 days left" in words(response)
    assert gone.status_code == 404
    assert "serving is back, with everything in it." in words(back)
    assert back.status_code == 200


@pytest.mark.parametrize("name", ["", "Serving", "serving ", "other", "\0"])
def test_another_name_deletes_nothing(registry, admin, name, unchanged):
    with unchanged():
        response = admin.post(deleting(registry), {"name": name})

    assert response.status_code == 422
    assert list(response.context["delete_form"].errors) == ["name"]


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.MEMBER])
def test_weaker_roles_neither_delete_nor_see_the_trash(registry, role, unchanged):
    client = signed_in(person(registry, role))

    with unchanged():
        assert client.post(deleting(registry), {"name": "serving"}).status_code == 403
    delete_registry(registry, by=SYSTEM)
    with unchanged():
        assert client.post(restoring(registry)).status_code == 404
        assert "serving" not in words(client.get(trash(registry)))


def test_organization_admins_see_no_restricted_registry_in_the_trash(registry):
    registry.visibility = "restricted"
    registry.save()
    delete_registry(registry, by=SYSTEM)
    boss = signed_in(person(registry, standing=Role.ADMIN))

    assert "serving" not in words(boss.get(trash(registry)))
    assert boss.post(restoring(registry)).status_code == 404


def test_a_core_registry_is_never_deleted(registry, unchanged):
    core = registry.organization.registries.get(name="model")
    boss = signed_in(person(registry, standing=Role.ADMIN))

    with unchanged():
        assert boss.post(deleting(core), {"name": "model"}).status_code == 409
    assert "Danger zone" not in boss.get(f"{core.get_absolute_url()}settings/").text


def test_what_is_not_in_this_trash_is_not_restored(registry, admin, unchanged):
    other = RegistryFactory()
    delete_registry(other, by=SYSTEM)
    names = [registry.organization.name, other.pk]

    with unchanged():
        assert admin.post(restoring(registry)).status_code == 404
        nested = reverse("registries:restore_registry", args=names)
        assert admin.post(nested).status_code == 404


def test_a_name_that_others_took_meanwhile_is_said(registry, admin):
    delete_registry(registry, by=SYSTEM)
    create_registry(registry.organization, "Serving", owner=registry.owner.user, by=SYSTEM)

    response = admin.post(restoring(registry))

    assert response.status_code == 409
    assert "The name serving is taken by another registry now." in words(response)


def test_both_lists_of_collections_have_pages_of_their_own(registry):
    user = person(registry, Role.MEMBER)
    project = ensure_project(user, "own", by=SYSTEM)
    days = [timezone.now() - timedelta(days=day) for day in range(28)]
    for kind, home in (
        ("logged", {"project": project}),
        ("linked", {"registry": registry}),
    ):
        Collection.objects.bulk_create(
            Collection(kind=kind, name=name, key=name, type="model", deleted_at=day, **home)
            for name, day in ((f"{kind}-{n:02}", day) for n, day in enumerate(days))
        )
    client, here = signed_in(user), trash(registry)

    def shown(page) -> list[str]:
        rows = [*page.context["collections"], *page.context["sources"]]
        return [trashed.row.name for trashed in rows]

    first = client.get(here)
    second = client.get(here + first.context["sources_page"].next)
    both = client.get(here + second.context["page"].next)
    back = client.get(here + both.context["sources_page"].previous)

    linked, logged = (
        [f"{kind}-{n:02}" for n in range(28)] for kind in ("linked", "logged")
    )
    assert shown(first) == linked[:25] + logged[:25]
    assert shown(second) == linked[:25] + logged[25:]
    assert shown(both) == linked[25:] + logged[25:]
    assert shown(back) == linked[25:] + logged[:25]
    assert "Pages of what was logged in projects" in second.text


def test_a_stranger_finds_no_trash(registry):
    stranger = signed_in(person(RegistryFactory()))

    assert stranger.get(trash(registry)).status_code == 404
