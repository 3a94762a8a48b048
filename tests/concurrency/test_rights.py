"""Rights that are taken away while somebody uses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import Event, TeamMembership, User
from accounts.operations.teams import add_team_member, remove_team_member
from accounts.permissions import Role
from registries.models import Registry, RegistryMember, Version
from registries.operations.access import accept_request, decline_request, request_access
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag, create_collection, edit_card
from registries.operations.contents import append_types
from registries.operations.links import link
from registries.operations.members import move_ownership, remove_role, set_role
from registries.operations.organizations import (
    change_organization_role,
    deactivate_user,
    delete_team,
    remove_member,
)
from registries.operations.registries import (
    change_visibility,
    delete_registry,
    edit_registry,
)
from tests.concurrency import anew, at_once, refused, rounds
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    RegistryMemberFactory,
    TeamMembershipFactory,
    linked_version,
    person,
)

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = bytes(range(256)) * 8192


def given(registry: Registry) -> User:
    return person(registry, Role.ADMIN)


def inherited(registry: Registry) -> User:
    """An organization Admin, who is Admin here while the visibility is Organization."""
    return person(registry, standing=Role.ADMIN)


def through_a_team(registry: Registry) -> User:
    user = person(registry)
    role = TeamMembershipFactory(
        team__organization=registry.organization, membership=user.memberships.get()
    )
    RegistryMemberFactory(registry=registry, team=role.team, role=Role.ADMIN)
    return user


@dataclass(frozen=True)
class Taking:
    """How somebody is an Admin of a registry, and how they stop to be one."""

    admin: Callable[[Registry], User]
    writes: str
    take: Callable[[Registry, User], Any]


TAKING = {
    "the role is ended": Taking(
        given, "registry_member.remove", lambda r, user: remove_role(r, user, by=SYSTEM)
    ),
    "the role is weakened": Taking(
        given,
        "registry_member.change_role",
        lambda r, user: set_role(r, user, Role.VIEWER, by=SYSTEM),
    ),
    "they are removed": Taking(
        given,
        "membership.remove",
        lambda r, user: remove_member(user.memberships.get(), by=SYSTEM),
    ),
    "the account is closed": Taking(
        given, "user.deactivate", lambda r, user: deactivate_user(user, by=SYSTEM)
    ),
    "they are demoted": Taking(
        inherited,
        "membership.change_role",
        lambda r, user: change_organization_role(
            user.memberships.get(), Role.VIEWER, by=SYSTEM
        ),
    ),
    "the registry is restricted": Taking(
        inherited,
        "registry.change_visibility",
        lambda r, user: change_visibility(r, "restricted", by=SYSTEM),
    ),
    "they leave the team": Taking(
        through_a_team,
        "team_member.remove",
        lambda r, user: remove_team_member(
            r.members.get().team, user.memberships.get(), by=SYSTEM
        ),
    ),
    "the team is deleted": Taking(
        through_a_team,
        "team.delete",
        lambda r, user: delete_team(r.members.get().team, by=SYSTEM),
    ),
    "the registry is deleted": Taking(
        given, "registry.delete", lambda r, user: delete_registry(r, by=SYSTEM)
    ),
}


def changes(registry: Registry, version: Version, user: User) -> list[Callable[[], Any]]:
    """What an Admin does in a registry, each in a request of its own; one event each."""
    collection, somebody = version.collection, person(registry)
    return [
        partial(set_alias, version, "candidate", by=anew(user)),
        partial(edit_card, collection, "# Card", by=anew(user)),
        partial(add_tag, collection, "vision", by=anew(user)),
        partial(create_collection, registry, "new", artifact_type="model", by=anew(user)),
        partial(link, version.artifact, registry, "new too", by=anew(user)),
        partial(edit_registry, registry, description="Ours.", by=anew(user)),
        partial(append_types, registry, ["dataset"], by=anew(user)),
        partial(set_role, registry, somebody, Role.VIEWER, by=anew(user)),
    ]


@pytest.mark.parametrize("count", [2, pytest.param(50, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("how", TAKING)
def test_a_change_is_made_before_the_right_to_it_is_taken_or_never(how, count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory(accepts_all_types=False)
            registry.accepted_types.create(name="model")
            version, user = linked_version(registry), TAKING[how].admin(registry)
        works = changes(registry, version, user)

        results = at_once(*works, partial(TAKING[how].take, registry, user))

        taken = Event.objects.filter(kind=TAKING[how].writes).latest("pk")
        made = Event.objects.filter(actor_id=user.pk)
        assert not made.filter(pk__gt=taken.pk).exists()
        assert_refused_or_made(results[:-1], made.values_list("kind", flat=True))


def assert_refused_or_made(results: list[Any], kinds: Any) -> None:
    """Linking into a new collection writes two events, every other change one."""
    made = len(kinds) - ("version.link" in kinds)
    assert made == len(results) - len(refused(results))


@pytest.fixture
def version() -> Version:
    return linked_version(RegistryFactory(), files={"weights.bin": CONTENT})


def download(version: Version, user: User) -> HttpResponseBase:
    client = Client()
    client.force_login(user)
    return client.get(f"{version.get_absolute_url()}raw/weights.bin")


def test_a_download_under_way_goes_on_and_the_next_is_refused(version):
    user = person(version.registry)
    pieces = iter(download(version, user).streaming_content)
    first = next(pieces)

    change_visibility(version.registry, "restricted", by=SYSTEM)

    assert len(first) < len(CONTENT)
    assert first + b"".join(pieces) == CONTENT
    assert download(version, user).status_code == 404


@rounds
def test_who_downloads_while_a_registry_is_restricted_gets_all_or_nothing(count, version):
    users = [person(version.registry) for _ in range(4)]

    def read(user: User) -> bytes | int:
        response = download(version, user)
        return response.status_code if response.status_code != 200 else response.getvalue()

    for _ in range(count):
        change_visibility(version.registry, "organization", by=SYSTEM)

        *read_by, _ = at_once(
            *[partial(read, user) for user in users],
            partial(change_visibility, version.registry, "restricted", by=SYSTEM),
        )

        assert set(read_by) <= {CONTENT, 404}
        assert read(users[0]) == 404


@rounds
def test_a_request_for_a_role_is_answered_once(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
            user = person(registry)
        asked = request_access(registry, Role.MEMBER, by=anew(user))
        admin = registry.owner.user

        results = at_once(
            partial(accept_request, asked, role=Role.MEMBER, by=anew(admin)),
            partial(accept_request, asked, role=Role.ADMIN, by=anew(admin)),
            partial(decline_request, asked, by=anew(admin)),
        )

        assert len(refused(results)) == 2
        asked.refresh_from_db()
        assert registry.members.count() == asked.is_granted
        answers = Event.objects.filter(registry_id=registry.pk, kind__startswith="access.")
        assert answers.exclude(kind="access.request").count() == 1


@rounds
def test_an_owner_is_given_no_role_beside(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
            old, new = registry.owner.user, person(registry)
        asked = request_access(registry, Role.MEMBER, by=anew(new))

        at_once(
            partial(move_ownership, registry, new, by=anew(old)),
            partial(set_role, registry, new, Role.VIEWER, by=SYSTEM),
            partial(accept_request, asked, role=Role.MEMBER, by=SYSTEM),
            partial(move_ownership, registry, new, by=SYSTEM),
        )

        registry.refresh_from_db()
        assert registry.owner.user == new
        assert [member.holder for member in registry.members.all()] == [old.username]


@rounds
def test_a_deleted_team_has_nobody_and_no_role(count):
    for _ in range(count):
        with transaction.atomic():
            registry = RegistryFactory()
            user = through_a_team(registry)
            team, member = registry.members.get().team, registry.owner

        at_once(
            partial(delete_team, team, by=SYSTEM),
            partial(delete_team, team, by=SYSTEM),
            partial(add_team_member, team, member, Role.ADMIN, by=SYSTEM),
            partial(remove_team_member, team, user.memberships.get(), by=anew(user)),
            partial(set_role, registry, team, Role.VIEWER, by=SYSTEM),
        )

        assert not TeamMembership.objects.filter(team=team).exists()
        assert not RegistryMember.objects.filter(team=team).exists()
        assert Event.objects.filter(kind="team.delete", subject_id=team.pk).count() == 1
