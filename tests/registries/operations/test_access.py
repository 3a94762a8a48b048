from __future__ import annotations

import pytest

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.models import Event, Job
from accounts.permissions import Role
from registries.backends import role_in
from registries.models import AccessRequest, Registry
from registries.operations.access import accept_request, decline_request, request_access
from registries.operations.members import set_role
from tests.factories import SYSTEM, RegistryFactory, UserFactory, acting, person

pytestmark = pytest.mark.django_db


def test_a_request_is_kept_and_announced():
    registry = RegistryFactory()
    user = person(registry)

    asked = request_access(registry, Role.MEMBER, message="For Tuesday", by=acting(user))

    assert (asked.role, asked.message) == (Role.MEMBER, "For Tuesday")
    assert Event.objects.get(kind="access.request").reason == "For Tuesday"
    assert Job.objects.filter(name="announce").exists()


def test_asking_again_replaces_the_request():
    registry = RegistryFactory()
    user = person(registry)

    request_access(registry, Role.MEMBER, by=acting(user))
    request_access(registry, Role.ADMIN, by=acting(user))

    assert AccessRequest.objects.get().role == Role.ADMIN


def test_who_cannot_see_the_registry_cannot_ask():
    registry = RegistryFactory(visibility=Registry.Visibility.RESTRICTED)

    with pytest.raises(Missing):
        request_access(registry, Role.VIEWER, by=acting(person(registry)))
    with pytest.raises(Missing):
        request_access(registry, Role.VIEWER, by=acting(UserFactory()))


def test_what_one_has_is_a_conflict_and_owner_is_no_answer():
    registry = RegistryFactory()
    user = person(registry, Role.MEMBER)

    with pytest.raises(Conflict):
        request_access(registry, Role.VIEWER, by=acting(user))
    with pytest.raises(Invalid):
        request_access(registry, Role.OWNER, by=acting(user))


def test_an_admin_accepts_with_the_role_they_choose():
    registry = RegistryFactory()
    user = person(registry)
    asked = request_access(registry, Role.ADMIN, by=acting(user))
    admin = acting(person(registry, Role.ADMIN))

    accept_request(asked, role=Role.MEMBER, by=admin)

    assert role_in(registry, type(user).objects.get(pk=user.pk)) == Role.MEMBER
    assert AccessRequest.objects.get().is_granted is True
    with pytest.raises(Conflict):
        decline_request(asked, by=admin)


def test_accepting_takes_nothing_from_who_was_given_more_meanwhile(unchanged):
    registry = RegistryFactory()
    user = person(registry)
    asked = request_access(registry, Role.MEMBER, by=acting(user))
    set_role(registry, user, Role.ADMIN, by=SYSTEM)

    with unchanged(), pytest.raises(Conflict, match="has the role Admin by now"):
        accept_request(asked, role=Role.MEMBER, by=SYSTEM)


def test_an_admin_declines_with_a_reason():
    registry = RegistryFactory()
    asked = request_access(registry, Role.MEMBER, by=acting(person(registry)))

    decline_request(asked, reason="Not now", by=acting(person(registry, Role.ADMIN)))

    assert AccessRequest.objects.get().is_granted is False
    assert Event.objects.get(kind="access.decline").reason == "Not now"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_who_is_no_admin_answers_nothing(role):
    registry = RegistryFactory()
    asked = request_access(registry, Role.ADMIN, by=acting(person(registry)))
    weaker = acting(person(registry, role))

    with pytest.raises(Denied):
        accept_request(asked, role=Role.MEMBER, by=weaker)
    with pytest.raises(Denied):
        decline_request(asked, by=weaker)

    assert AccessRequest.objects.get().answered_at is None
