from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Event, Invitation, Membership, User
from accounts.operations.invitations import invite, revoke_invitation
from accounts.operations.keys import issue_api_key
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.organizations import add_member
from registries.operations.registries import create_registry
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    acting,
    make_organization,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme():
    return make_organization("acme")


@pytest.fixture
def anouk(acme, client) -> User:
    """An Admin of acme, signed in."""
    return sign_in(client, member(acme, "anouk", Role.ADMIN).user)


def member(organization, name: str, role: Role = Role.MEMBER, **fields) -> Membership:
    user = UserFactory(username=name, **fields)
    return MembershipFactory(organization=organization, user=user, role=role)


def sign_in(client, user: User) -> User:
    client.force_login(user, backend="accounts.backends.EmailBackend")
    return user


def address(name: str, *args) -> str:
    return reverse(f"registries:people:{name}", args=["acme", *args])


def text(response) -> str:
    return response.content.decode()


def test_everybody_in_the_organization_sees_who_is_in_it(acme, client):
    sign_in(client, member(acme, "karim", Role.VIEWER).user)
    invite(acme, "someone@example.org", Role.MEMBER, by=SYSTEM)

    html = text(client.get(address("list")))

    assert "karim@example.org" in html
    assert "<select" not in html
    assert "someone@example.org" not in html
    assert "Remove…" not in html


@pytest.mark.parametrize(
    "method_and_name", ["get list", "get invite", "post invite", "post role"]
)
def test_who_is_not_in_the_organization_finds_nothing(acme, client, method_and_name):
    sign_in(client, UserFactory())
    method, name = method_and_name.split()
    args = [acme.memberships.get().pk] if name == "role" else []

    assert getattr(client, method)(address(name, *args)).status_code == 404


@pytest.mark.parametrize("name", ["invite", "resend", "revoke", "role", "remove"])
def test_only_admins_change_anything(acme, client, unchanged, name):
    sign_in(client, member(acme, "karim").user)
    invitation = invite(acme, "someone@example.org", Role.MEMBER, by=SYSTEM)
    pk = {"invite": [], "resend": [invitation.pk], "revoke": [invitation.pk]}
    args = pk.get(name, [acme.memberships.first().pk])

    with unchanged():
        response = client.post(
            address(name, *args), {"email": "a@example.org", "role": "admin"}
        )

    assert response.status_code == 403
    assert "the role Admin in the organization Acme" in text(response)


def test_people_come_by_name_in_pages_and_can_be_found(acme, anouk, client):
    for n in range(30):
        member(acme, f"person-x{n:02}", full_name=f"Zoe {n:02}")

    first = client.get(address("list"))
    second = client.get(address("list") + first.context["page"].next)
    found = client.get(address("list"), {"member": "ZOE 29"}, headers=HTMX)

    assert len(first.context["page"].rows) == 25
    names = [m.user.full_name for m in second.context["page"].rows]
    assert names[-1] == "Zoe 29"
    assert "Zoe 29" in text(found)
    assert "Zoe 28" not in text(found)
    assert "<html" not in text(found)


def test_people_are_found_beyond_ascii(acme, anouk, client):
    member(acme, "e", full_name="Élodie Öz", email="jürgen@example.org")

    for asked in ("ÉLO", "élo", "Öz", "JÜR"):
        assert "Élodie" in text(client.get(address("list"), {"member": asked})), asked
    assert "Élodie" not in text(client.get(address("list"), {"member": "ÉLÉ"}))


def test_a_search_without_hits_says_so(acme, anouk, client):
    html = text(client.get(address("list"), {"member": "<nobody>"}))

    assert "Nobody here matches “&lt;nobody&gt;”." in html


def test_service_accounts_are_not_people(acme, anouk, client):
    bot = UserFactory(username="the-bot", is_service_account=True)
    place = MembershipFactory(organization=acme, user=bot)

    assert "the-bot" not in text(client.get(address("list")))
    assert client.get(address("remove", place.pk)).status_code == 404


def test_thirty_people_cost_what_two_cost(
    acme, anouk, client, django_assert_max_num_queries
):
    team = TeamFactory(organization=acme)
    for n in range(24):
        TeamMembershipFactory(team=team, membership=member(acme, f"p{n}"))

    with django_assert_max_num_queries(11):
        client.get(address("list"))


def test_an_admin_changes_a_role(acme, anouk, client):
    karim = member(acme, "karim")

    response = client.post(address("role", karim.pk), {"role": "viewer"}, follow=True)

    karim.refresh_from_db()
    assert karim.role == Role.VIEWER
    assert "karim is Viewer now." in text(response)


def test_with_htmx_the_table_comes_back_with_what_happened(acme, anouk, client):
    karim = member(acme, "karim")
    page = f"http://testserver{address('list')}?member=kar"

    response = client.post(
        address("role", karim.pk),
        {"role": "admin"},
        headers={**HTMX, "Referer": page},
        follow=True,
    )

    assert response.redirect_chain[0][0] == f"{address('list')}?member=kar"
    assert 'hx-swap-oob="true"' in text(response)
    assert "karim is Admin now." in text(response)
    assert "<html" not in text(response)


def test_who_demotes_themselves_sees_the_page_anew(acme, anouk, client):
    mine = acme.memberships.get(user=anouk)

    response = client.post(address("role", mine.pk), {"role": "viewer"}, headers=HTMX)

    assert response.headers["HX-Refresh"] == "true"
    assert "<select" not in text(client.get(address("list")))


def test_the_last_admin_stays_admin(acme, anouk, client, unchanged):
    acme.memberships.exclude(user=anouk).delete()
    mine = acme.memberships.get(user=anouk)

    html = text(client.get(address("list")))
    with unchanged():
        plain = client.post(address("role", mine.pk), {"role": "member"})
        part = client.post(address("role", mine.pk), {"role": "member"}, headers=HTMX)

    assert "disabled><option>Admin</option>" in html
    assert "the last Admin" in html
    assert (plain.status_code, part.status_code) == (409, 409)
    assert "anouk is the last one" in text(part)
    assert "<table" in text(part)


@pytest.mark.parametrize("wanted", ["owner", "", "restricted_viewer", "ADMIN", "\0"])
def test_a_role_that_is_none_changes_nothing(acme, anouk, client, unchanged, wanted):
    karim = member(acme, "karim")

    with unchanged():
        response = client.post(address("role", karim.pk), {"role": wanted})

    assert response.status_code == 422


def test_members_of_another_organization_are_not_found(acme, anouk, client, unchanged):
    other = MembershipFactory()
    invitation = invite(other.organization, "a@example.org", Role.MEMBER, by=SYSTEM)

    with unchanged():
        answers = [
            client.post(address("role", other.pk), {"role": "viewer"}),
            client.get(address("remove", other.pk)),
            client.post(address("remove", other.pk)),
            client.post(address("resend", invitation.pk)),
            client.post(address("revoke", invitation.pk)),
        ]

    assert {answer.status_code for answer in answers} == {404}


def test_an_admin_invites_resends_and_revokes(acme, anouk, client):
    sent = {"email": "New@Example.org", "role": "viewer"}

    invited = client.post(address("invite"), sent, follow=True)
    invitation = Invitation.objects.get()
    before = invitation.nonce
    again = client.post(address("resend", invitation.pk), follow=True)
    invitation.refresh_from_db()
    revoked = client.post(address("revoke", invitation.pk), follow=True)

    assert "new@example.org is invited" in text(invited)
    assert "1 waiting" in text(invited)
    assert invitation.nonce != before
    assert "gets a new link" in text(again)
    assert "is revoked" in text(revoked)
    assert "waiting" not in text(revoked)


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ({"email": "nobody"}, (422, "is not an e-mail address")),
        ({"email": ""}, (422, "This field is required")),
        ({"role": "owner"}, (422, "Select a valid choice")),
        ({"email": "anouk@example.org"}, (409, "is in Acme already")),
        ({"email": "waits@example.org"}, (409, "is invited already")),
        ({"invited_by": "1"}, (400, "cannot be understood")),
    ],
)
@pytest.mark.usefixtures("anouk")
def test_an_invitation_that_cannot_be_is_said_so(acme, client, unchanged, wrong, answer):
    invite(acme, "waits@example.org", Role.MEMBER, by=SYSTEM)

    with unchanged():
        response = client.post(
            address("invite"), {"email": "new@example.org", "role": "member", **wrong}
        )

    status, message = answer
    assert response.status_code == status
    assert message in text(response)


def test_an_invitation_that_is_gone_is_neither_sent_nor_revoked_again(acme, anouk, client):
    invitation = invite(acme, "new@example.org", Role.MEMBER, by=SYSTEM)
    revoke_invitation(invitation, by=SYSTEM)

    answers = [client.post(address(n, invitation.pk)) for n in ("resend", "revoke")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_removing_says_first_what_they_own_and_have(acme, anouk, client):
    karim = member(acme, "karim")
    RegistryFactory(organization=acme, name="karims-own", owner=karim)
    open_one = RegistryFactory(organization=acme, name="open-one")
    RegistryMemberFactory(registry=open_one, membership=karim, role=Role.ADMIN)
    hidden = RegistryFactory(organization=acme, name="hidden-one", visibility="restricted")
    RegistryMemberFactory(registry=hidden, membership=karim)
    TeamMembershipFactory(
        team=TeamFactory(organization=acme, name="vision"), membership=karim
    )
    issue_api_key(karim.user, name="laptop", by=SYSTEM)

    html = text(client.get(address("remove", karim.pk)))

    for words in ("karims-own", "to you", "Admin in open-one", "vision", "1, dies"):
        assert words in html
    assert "hidden-one" not in html


def test_what_the_removed_person_owned_is_the_removers(acme, anouk, client):
    karim = member(acme, "karim")
    owned = create_registry(acme, "his", by=acting(karim.user))

    response = client.post(address("remove", karim.pk), follow=True)

    assert Registry.objects.get(pk=owned.pk).owner.user == anouk
    assert "karim is removed" in text(response)
    assert not acme.memberships.filter(user=karim.user).exists()
    assert client.post(address("remove", karim.pk)).status_code == 404


def test_one_leaves_by_oneself(acme, client):
    karim = sign_in(client, member(acme, "karim", Role.VIEWER).user)
    mine = acme.memberships.get(user=karim)

    question = text(client.get(address("remove", mine.pk)))
    response = client.post(address("remove", mine.pk), follow=True)

    assert "Leave Acme?" in question
    assert "You left Acme." in text(response)
    assert client.get(address("list")).status_code == 404


def test_who_owns_a_registry_moves_it_before_leaving(acme, client, unchanged):
    mine = member(acme, "karim")
    create_registry(acme, "his", by=acting(mine.user))
    sign_in(client, mine.user)

    question = text(client.get(address("remove", mine.pk)))
    with unchanged():
        response = client.post(address("remove", mine.pk))

    assert "Move the ownership" in question
    assert 'type="submit">Leave' not in question
    assert response.status_code == 409


def test_the_last_admin_cannot_leave(acme, anouk, client, unchanged):
    acme.memberships.exclude(user=anouk).delete()
    mine = acme.memberships.get(user=anouk)

    question = text(client.get(address("remove", mine.pk)))
    with unchanged():
        response = client.post(address("remove", mine.pk))

    assert "needs at least one active Admin" in question
    assert response.status_code == 409


def test_who_was_demoted_meanwhile_changes_nothing(acme, anouk, client, unchanged):
    karim = member(acme, "karim")
    add_member(acme, anouk, Role.MEMBER, by=SYSTEM)

    with unchanged():
        response = client.post(address("role", karim.pk), {"role": "viewer"})

    assert response.status_code == 403


def test_the_installation_administrator_manages_people_too(acme, client):
    sign_in(client, UserFactory(is_superuser=True))
    karim = member(acme, "karim")

    question = text(client.get(address("remove", karim.pk)))
    client.post(address("remove", karim.pk))

    assert "Remove karim?" in question
    assert Event.objects.filter(kind="membership.remove").count() == 1
