from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.actors import Conflict
from accounts.models import Organization, User
from accounts.operations.teams import create_team
from accounts.operations.users import create_user
from registries.models import Project
from registries.operations.collections import create_collection
from registries.operations.organizations import create_organization, set_up
from registries.operations.projects import ensure_project
from registries.operations.registries import create_registry
from tests.concurrency import at_once, many, refused
from tests.factories import PASSWORD, SYSTEM, RegistryFactory, TeamFactory

pytestmark = pytest.mark.django_db(transaction=True)


def one_wins(results: list[Any]) -> None:
    losers = refused(results)
    assert len(losers) == len(results) - 1
    assert {type(loser) for loser in losers} == {Conflict}


@pytest.mark.parametrize("what", ["user", "team", "organization", "registry", "collection"])
@many
def test_of_many_creations_of_one_name_one_wins(what, count):
    registry = RegistryFactory()
    organization, owner = registry.organization, registry.owner.user
    make: dict[str, Callable[[int, str], Any]] = {
        "user": lambda n, name: create_user(email=f"{n}@x.org", username=name, by=SYSTEM),
        "team": lambda n, name: create_team(organization, name, by=SYSTEM),
        "organization": lambda n, name: create_organization(
            f"other-{n}", name, admin=owner, by=SYSTEM
        ),
        "registry": lambda n, name: create_registry(
            organization, name, owner=owner, by=SYSTEM
        ),
        "collection": lambda n, name: create_collection(
            registry, name, artifact_type="model", by=SYSTEM
        ),
    }

    names = ["same", "SAME"] * (count // 2)
    one_wins(at_once(*[partial(make[what], *each) for each in enumerate(names)]))


@many
def test_of_many_accounts_of_one_address_one_is_made(count):
    def work(number: int) -> User:
        return create_user(email="Ada@x.org", username=f"ada-{number}", by=SYSTEM)

    one_wins(at_once(*[partial(work, number) for number in range(count)]))


def test_all_get_the_one_project():
    team = TeamFactory()

    projects = at_once(*[partial(ensure_project, team, "uploads", by=SYSTEM)] * 20)

    assert {project.pk for project in projects} == {Project.objects.get().pk}


def test_the_installation_is_set_up_once():
    def work(number: int) -> User:
        return set_up(
            email=f"{number}@example.org",
            full_name="",
            username=f"person-{number}",
            password=PASSWORD,
            organization=f"organization-{number}",
            display_name=f"Organization {number}",
            by=SYSTEM,
        )

    one_wins(at_once(*[partial(work, number) for number in range(5)]))

    assert (User.objects.count(), Organization.objects.count()) == (1, 1)
