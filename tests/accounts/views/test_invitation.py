from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, Membership, User
from accounts.operations.invitations import invite, resend_invitation, revoke_invitation
from accounts.operations.users import create_user
from accounts.permissions import Role
from registries.operations.organizations import deactivate_user
from tests.factories import PASSWORD, SYSTEM, acting, make_organization

pytestmark = pytest.mark.django_db

EMAIL = "new@example.org"


@pytest.fixture
def acme():
    return make_organization("acme")


@pytest.fixture
def invitation(acme) -> Invitation:
    admin = acme.memberships.get().user
    return invite(acme, EMAIL, Role.VIEWER, by=acting(admin))


def person(email: str = EMAIL) -> User:
    return create_user(email=email, username="karim", password=PASSWORD, by=SYSTEM)


def link(invitation: Invitation) -> str:
    return reverse("accounts:invitation", args=[invitation.token])


def sign_in(client, user: User) -> None:
    client.force_login(user, backend="accounts.backends.EmailBackend")


def form(**more) -> dict[str, str]:
    return {"full_name": "Nele", "username": "nele", "password": PASSWORD, **more}


def test_who_has_no_account_makes_one_and_is_in(client, acme, invitation):
    page = client.get(link(invitation)).content.decode()
    response = client.post(link(invitation), form())

    place = Membership.objects.get(user__email=EMAIL)
    assert "Join Acme" in page
    assert (place.organization, place.role) == (acme, Role.VIEWER)
    assert response.url == "/orgs/acme/registry/"
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"username": ""}, "This field is required"),
        ({"username": "acme"}, "is not available"),
        ({"username": "no spaces here"}, "does not follow its rule"),
        ({"password": "short"}, "too short"),
        ({"full_name": "a\u202eb"}, "cannot be printed"),
    ],
)
def test_a_form_that_is_wrong_makes_no_account(
    client, invitation, unchanged, wrong, message
):
    with unchanged():
        response = client.post(link(invitation), form(**wrong))

    assert response.status_code == 422
    assert message in response.content.decode()


def test_other_fields_of_the_form_change_nothing(client, invitation):
    more = {"email": "boss@example.org", "role": "admin", "is_superuser": "1"}

    client.post(link(invitation), form(**more))

    place = Membership.objects.get(user__email=EMAIL)
    assert place.role == Role.VIEWER
    assert not place.user.is_superuser


def test_who_has_an_account_signs_in_first(client, invitation, unchanged):
    person()
    address = link(invitation)  # it says when it was made

    page = client.get(address).content.decode()
    with unchanged():
        client.post(address, form())

    assert f'href="/account/sign-in/?next={quote(address)}"' in page


def test_who_is_signed_in_with_the_address_accepts(client, acme, invitation):
    sign_in(client, person())

    page = client.get(link(invitation)).content.decode()
    response = client.post(link(invitation), follow=True)

    assert "Accept invitation" in page
    assert acme.memberships.get(user__email=EMAIL).role == Role.VIEWER
    assert "You are in Acme now." in response.content.decode()


def test_looking_accepts_nothing(client, invitation, unchanged):
    sign_in(client, person())

    with unchanged():
        client.get(link(invitation))
        client.head(link(invitation))


def test_somebody_else_finds_nothing(client, invitation, unchanged):
    sign_in(client, person("other@example.org"))

    with unchanged():
        answers = [client.get(link(invitation)), client.post(link(invitation), form())]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_an_address_that_is_not_verified_is_not_theirs(client, invitation):
    user = person()
    user.emailaddress_set.update(verified=False)
    sign_in(client, user)

    assert client.post(link(invitation)).status_code == 404


def masked(response) -> str:
    """The page without its token, which is another each time."""
    return re.sub(
        r'(X-CSRFToken": |csrfmiddlewaretoken" value=|nonce=)"[^"]+"', r"\1", response.text
    )


def expire(invitation: Invitation) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def send_again(invitation: Invitation) -> None:
    resend_invitation(invitation, by=SYSTEM)


def revoke(invitation: Invitation) -> None:
    revoke_invitation(invitation, by=SYSTEM)


def use(invitation: Invitation) -> None:
    Invitation.objects.update(accepted_at=timezone.now())


@pytest.mark.parametrize("ends", [expire, send_again, revoke, use])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_link_that_is_over_is_as_one_that_never_was(
    client, invitation, ends, is_signed_in
):
    dead = link(invitation)
    if is_signed_in:
        sign_in(client, person())
    ends(invitation)

    over = client.get(dead)
    never = client.get(reverse("accounts:invitation", args=["never"]))

    assert (over.status_code, never.status_code) == (404, 404)
    assert client.post(dead, form()).status_code == 404
    assert masked(over) == masked(never)


def test_it_works_once(client, acme, invitation):
    client.post(link(invitation), form())
    acme.memberships.filter(user__email=EMAIL).delete()

    assert client.post(link(invitation)).status_code == 404


def test_a_deactivated_person_does_not_come_back_by_it(client, invitation, unchanged):
    deactivate_user(person(), by=SYSTEM)

    with unchanged():
        response = client.post(link(invitation), form())

    assert "Sign in to accept" in response.content.decode()
