"""Asking for a role on a page, and answering on the settings page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.permissions import Role
from registries.models import AccessRequest, RegistryMember
from registries.operations.access import request_access
from tests.factories import RegistryFactory, acting, person
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db


SENT = {"accept": {"role": "member"}, "decline": {"reason": ""}}


@pytest.fixture
def registry():
    return RegistryFactory()


@pytest.fixture
def viewer(registry):
    return person(registry, Role.VIEWER)


@pytest.fixture
def admin(registry):
    return signed_in(person(registry, Role.ADMIN))


def address(registry, path: str = "new/") -> str:
    return f"{registry.get_absolute_url()}requests/{path}"


def ask(registry, user, role: Role = Role.MEMBER) -> AccessRequest:
    return request_access(registry, role, message="For <Tuesday>", by=acting(user))


def test_a_page_that_refuses_offers_to_ask_for_the_missing_role(registry, viewer):
    client = signed_in(viewer)

    response = client.get(f"{registry.get_absolute_url()}settings/delete/")

    assert response.status_code == 403
    body = response.content.decode()
    assert f'action="{address(registry)}"' in body
    assert '<option value="admin" selected>' in body
    assert '<option value="viewer"' not in body


def test_what_is_asked_for_waits_on_the_settings_page(registry, viewer, admin):
    client = signed_in(viewer)

    sent = {"role": "member", "message": "For <Tuesday>"}
    response = client.post(address(registry), sent, follow=True)

    assert "You asked for the role Member" in words(response)
    settings = words(admin.get(f"{registry.get_absolute_url()}settings/"))
    assert "asks for the role Member" in settings
    assert "For <Tuesday>" in settings
    assert "Nobody has answered yet" in words(client.get(address(registry)))
    others = words(
        signed_in(person(registry)).get(f"{registry.get_absolute_url()}settings/")
    )
    assert "asks for the role" not in others


def test_the_way_to_ask_is_on_the_pages_of_weaker_roles(registry, viewer, admin):
    for path in ("", "settings/"):
        page = f"{registry.get_absolute_url()}{path}"
        assert address(registry) in links(signed_in(viewer).get(page))
        assert address(registry) not in links(admin.get(page))


def test_asking_again_takes_the_place_of_the_request(registry, viewer):
    ask(registry, viewer)

    signed_in(viewer).post(address(registry), {"role": "admin", "message": ""})

    assert AccessRequest.objects.get().role == Role.ADMIN


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"role": "viewer"}, 422),
        ({"role": "owner"}, 422),
        ({"role": ""}, 422),
        ({"role": "member", "message": "x" * 2000}, 413),
        ({"role": "member", "message": "a\0b"}, 422),
        ({"role": "member", "membership": "1"}, 400),
    ],
)
def test_a_bad_request_is_refused_at_the_field(registry, viewer, sent, status, unchanged):
    client = signed_in(viewer)

    with unchanged():
        response = client.post(address(registry), sent)

    assert response.status_code == status


def test_who_has_every_role_has_nothing_to_ask_for(registry, admin):
    response = admin.get(address(registry))

    assert response.status_code == 200
    assert "Nobody can give you a role" in words(response)


def test_accepting_gives_the_role_for_as_long_as_is_said(registry, viewer, admin):
    asked = ask(registry, viewer)
    day = (timezone.now() + timedelta(days=3)).date()

    sent = {"role": "member", "expires_at": day.isoformat()}
    response = admin.post(address(registry, f"{asked.pk}/accept/"), sent, follow=True)

    assert "has the role Member now" in words(response)
    given = RegistryMember.objects.get(membership__user=viewer)
    assert (given.role, given.expires_at.date()) == (Role.MEMBER, day)


def test_declining_says_why_and_changes_no_role(registry, viewer, admin):
    asked = ask(registry, viewer)

    sent = {"reason": "Not yet"}
    response = admin.post(address(registry, f"{asked.pk}/decline/"), sent, follow=True)

    assert "the answer is no" in words(response)
    assert RegistryMember.objects.get(membership__user=viewer).role == Role.VIEWER
    asked.refresh_from_db()
    assert asked.is_granted is False


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_a_request_is_answered_once(registry, viewer, admin, verb, unchanged):
    asked = ask(registry, viewer)
    admin.post(address(registry, f"{asked.pk}/decline/"))

    with unchanged():
        response = admin.post(address(registry, f"{asked.pk}/{verb}/"), SENT[verb])

    assert response.status_code == 409
    assert "answered already" in words(response)


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_only_those_who_give_roles_answer(registry, viewer, verb, unchanged):
    asked = ask(registry, viewer)
    client = signed_in(person(registry, Role.MEMBER))

    for pk in (asked.pk, asked.pk + 1000):
        with unchanged():
            response = client.post(address(registry, f"{pk}/{verb}/"), {"role": "member"})
        assert response.status_code == 403


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_a_request_of_another_registry_is_not_there(registry, admin, verb, unchanged):
    other = RegistryFactory(organization=registry.organization)
    asked = ask(other, person(other, Role.VIEWER))

    with unchanged():
        response = admin.post(address(registry, f"{asked.pk}/{verb}/"), {"role": "member"})

    assert response.status_code == 404
