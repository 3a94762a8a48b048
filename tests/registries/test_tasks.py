from __future__ import annotations

import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from accounts.actors import Actor
from accounts.models import Event, Job
from accounts.operations.invitations import invite, revoke_invitation
from accounts.permissions import Role
from registries import tasks
from registries.management.worker import Worker
from registries.models import Blob, Registry
from registries.operations.access import (
    accept_request,
    decline_request,
    request_access,
)
from registries.operations.members import move_ownership
from registries.operations.registries import take_access
from registries.tasks import SCHEDULE, TASKS
from tests.factories import (
    RegistryFactory,
    RegistryMemberFactory,
    TeamMembershipFactory,
    UserFactory,
    linked_version,
    make_organization,
    person,
)

pytestmark = pytest.mark.django_db


def work() -> int:
    return Worker().drain()


def recipients(mailoutbox) -> set[str]:
    return {address for mail in mailoutbox for address in mail.to}


def test_the_admins_are_told_that_somebody_took_access(mailoutbox):
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    admin = person(registry, Role.ADMIN)
    person(registry, Role.MEMBER)
    boss = person(registry, standing=Role.ADMIN)

    take_access(registry, by=Actor(user=boss, via="test"))
    work()

    assert recipients(mailoutbox) == {admin.email, boss.email, registry.owner.user.email}
    assert {mail.subject for mail in mailoutbox} == {f"{boss} took access to {registry}"}
    assert registry.get_absolute_url() in mailoutbox[0].body
    assert not Job.objects.exists()


def test_the_admins_are_told_that_the_registry_has_another_owner(mailoutbox):
    registry = RegistryFactory()
    heir, before = person(registry, Role.ADMIN), registry.owner.user

    move_ownership(registry, heir, by=Actor(user=before, via="test"))
    work()

    assert {heir.email, before.email} <= recipients(mailoutbox)
    assert f"Its owner before was {before}" in mailoutbox[0].body


def test_a_mail_that_fails_does_not_repeat_the_others(mailoutbox):
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    boss = person(registry, standing=Role.ADMIN)
    take_access(registry, by=Actor(user=boss, via="test"))
    TASKS["announce"](event=Event.objects.get(kind="registry.take_access").pk)

    assert Job.objects.filter(arguments__has_key="to").count() == 2
    assert not mailoutbox


def test_an_event_of_a_registry_that_is_gone_tells_nobody(mailoutbox):
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    boss = person(registry, standing=Role.ADMIN)
    take_access(registry, by=Actor(user=boss, via="test"))
    registry.delete()

    assert work() == 1
    assert not mailoutbox


@pytest.mark.parametrize("visibility", Registry.Visibility)
def test_admins_are_exactly_those_with_the_role(visibility):
    registry = RegistryFactory(visibility=visibility)
    organization_admin = person(registry, standing=Role.ADMIN)
    given = person(registry, Role.ADMIN)
    person(registry, Role.MEMBER)
    person(registry, Role.ADMIN, is_active=False)
    in_team = TeamMembershipFactory(team__organization=registry.organization)
    RegistryMemberFactory(registry=registry, team=in_team.team, role=Role.ADMIN)

    found = set(registry.admins())

    assert {given, in_team.membership.user, registry.owner.user} <= found
    assert (organization_admin in found) is not registry.is_restricted
    assert len(found) == (3 if registry.is_restricted else 5)


def test_expired_sessions_are_cleared():
    kept, expired = SessionStore(), SessionStore()
    kept.set_expiry(60)
    kept.save()
    expired.set_expiry(-60)
    expired.save()
    user = UserFactory()
    for store in (kept, expired):
        key = store.session_key
        UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1")

    TASKS["clear_sessions"]()

    assert [row.session_key for row in Session.objects.all()] == [kept.session_key]
    assert [row.session_key for row in UserSession.objects.all()] == [kept.session_key]


@pytest.mark.parametrize("name", ["sweep_blobs", "verify_blobs"])
def test_the_store_is_looked_after_without_arguments(name):
    TASKS[name]()

    assert not Event.objects.filter(kind__startswith="blobs.").exists()


def test_an_hour_checks_a_share_that_comes_round_within_a_month(monkeypatch):
    linked_version(RegistryFactory(), files={name: name.encode() for name in "abcdefg"})
    monkeypatch.setattr(tasks, "CHECKS_A_MONTH", 7)

    TASKS["verify_blobs"]()

    assert Blob.objects.exclude(checked_at=None).count() == 2


def test_every_regular_job_has_a_task():
    assert set(SCHEDULE) <= set(TASKS)


def test_an_invitation_is_mailed_with_a_link_that_works(client, mailoutbox):
    organization = make_organization("acme")
    admin = organization.memberships.get().user
    invite(organization, "new@example.org", Role.MEMBER, by=Actor(admin, via="test"))
    work()

    (mail,) = mailoutbox
    found = re.search(r"/account/invitation/\S+", mail.body)
    assert found is not None
    assert mail.subject == "You are invited to Acme"
    assert mail.to == ["new@example.org"]
    assert f"{admin} invites you to Acme" in mail.body
    assert client.get(found[0]).status_code == 200


def test_an_invitation_that_was_taken_back_is_not_mailed(mailoutbox):
    invitation = invite(
        make_organization(), "new@example.org", Role.MEMBER, by=Actor.system("test")
    )
    revoke_invitation(invitation, by=Actor.system("test"))
    work()

    assert mailoutbox == []
    assert not Job.objects.exists()


def test_the_admins_are_told_that_somebody_asks_for_a_role(mailoutbox):
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)
    admin, noor = person(registry, Role.ADMIN), person(registry, Role.VIEWER)

    request_access(
        registry, Role.MEMBER, message="For the audit.", by=Actor(user=noor, via="test")
    )
    work()

    assert recipients(mailoutbox) == {admin.email, registry.owner.user.email}
    assert mailoutbox[0].subject == f"{noor} asks for a role in {registry}"
    assert "For the audit." in mailoutbox[0].body


@pytest.mark.parametrize("is_accepted", [True, False])
def test_only_who_asked_is_told_the_answer(mailoutbox, is_accepted):
    registry = RegistryFactory()
    admin, noor = person(registry, Role.ADMIN), person(registry, Role.VIEWER)
    asked = request_access(registry, Role.MEMBER, by=Actor(user=noor, via="test"))
    work()
    mailoutbox.clear()

    if is_accepted:
        accept_request(asked, role=Role.MEMBER, by=Actor(user=admin, via="test"))
    else:
        decline_request(asked, reason="Not now.", by=Actor(user=admin, via="test"))
    work()

    word = "accepted" if is_accepted else "declined"
    assert recipients(mailoutbox) == {noor.email}
    assert mailoutbox[0].subject == f"Your request for a role in {registry} was {word}"
    assert ("Not now." in mailoutbox[0].body) is not is_accepted
