"""Lists and checks agree: `visible_to` and `has_perm`, for grants at random."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import models, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organization
from accounts.permissions import (
    DEFAULT_ROLES,
    STANDING_ROLES,
    OrganizationPermission,
    Role,
    TeamPermission,
)
from registries.models import Artifact, Collection, Project, Registry, Run, Version
from registries.permissions import GIVEN_ROLES, Permission
from tests.factories import (
    EntityFactory,
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    make_organization,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()
VIEW: dict[type[models.Model], set[str]] = {
    Organization: {OrganizationPermission.VIEW},
    Registry: {Permission.VIEW_SETTINGS},
    Collection: {Permission.VIEW_COLLECTION, TeamPermission.VIEW},
    Version: {Permission.VIEW_ARTIFACT, TeamPermission.VIEW},
    Artifact: {Permission.VIEW_ARTIFACT, TeamPermission.VIEW},
    Project: {TeamPermission.VIEW},
    Run: {TeamPermission.VIEW},
}


class World:
    """Two organizations with people, teams, registries and projects, drawn at random."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.people = [self.make_person() for _ in range(4)]
        self.people.append(UserFactory(is_superuser=True, is_active=self.flip()))
        for _ in range(2):
            self.make_organization()
        for user in self.people[:2]:
            self.make_project(user.entity)

    def flip(self) -> bool:
        return self.draw(st.booleans())

    def one(self, choices: Any) -> Any:
        return self.draw(st.sampled_from(list(choices)))

    def trashed(self) -> Any:
        return NOW if self.one([True, False, False]) else None

    def make_person(self) -> Any:
        return UserFactory(
            is_active=self.one([True, True, False]),
            is_service_account=self.one([True, False, False]),
        )

    def make_organization(self) -> None:
        organization = make_organization(default_role=self.one(DEFAULT_ROLES))
        members = [
            MembershipFactory(
                organization=organization, user=user, role=self.one(STANDING_ROLES)
            )
            for user in self.people
            if self.flip()
        ]
        teams = [self.make_team(organization, members) for _ in range(2)]
        core = organization.registries.get(name="model")
        registries = [core, *(self.make_registry(organization, members) for _ in range(2))]
        for registry in registries:
            self.give(registry, members, teams)
            self.make_collection(
                registry=registry, kind="linked", artifact=self.one(Artifact.objects.all())
            )

    def make_team(self, organization: Any, members: list[Any]) -> Any:
        team = TeamFactory(organization=organization, deleted_at=self.trashed())
        for member in members:
            if self.flip():
                TeamMembershipFactory(
                    team=team, membership=member, role=self.one(STANDING_ROLES)
                )
        self.make_project(team.entity)
        return team

    def make_registry(self, organization: Any, members: list[Any]) -> Any:
        return RegistryFactory(
            organization=organization,
            owner=self.one([*members, organization.memberships.first()]),
            visibility=self.one(Registry.Visibility.values),
            deleted_at=self.trashed(),
        )

    def give(self, registry: Any, members: list[Any], teams: list[Any]) -> None:
        for holder in [
            *({"membership": m} for m in members),
            *({"team": t} for t in teams),
        ]:
            if self.flip():
                RegistryMemberFactory(
                    registry=registry,
                    role=self.one(GIVEN_ROLES),
                    expires_at=self.one([None, None, NOW - timedelta(days=1)]),
                    **holder,
                )

    def make_project(self, entity: Any) -> None:
        project = Project.objects.create(
            entity=entity, name="uploads", key="uploads", deleted_at=self.trashed()
        )
        Run.objects.create(project=project, name="run")
        self.make_collection(project=project, kind="logged")

    def make_collection(self, *, artifact: Any = None, **home: Any) -> None:
        collection = Collection.objects.create(
            name="c", key="c", type="model", deleted_at=self.trashed(), **home
        )
        artifact = artifact or Artifact.objects.create(
            source=collection,
            type="model",
            state=Artifact.State.COMMITTED,
            fingerprint=str(collection.pk),
        )
        Version.objects.create(collection=collection, artifact=artifact, number=0)


@given(data=st.data())
@settings(
    max_examples=15,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_lists_and_checks_agree(data):
    with transaction.atomic():
        world = World(data)
        for model, permissions in VIEW.items():
            rows = list(model._default_manager.all())
            for user in [*world.people, UserFactory()]:
                listed = set(model._default_manager.visible_to(user))
                allowed = {
                    row for row in rows if any(user.has_perm(p, row) for p in permissions)
                }
                assert listed == allowed, f"{model.__name__} for {vars(user)}"
        transaction.set_rollback(True)


def test_what_is_pending_is_seen_by_nobody():
    team = TeamFactory()
    user = MembershipFactory(organization=team.organization, role=Role.ADMIN).user
    project = Project.objects.create(entity=team.entity, name="p", key="p")
    collection = Collection.objects.create(
        project=project, kind="logged", name="c", key="c", type="model"
    )
    artifact = Artifact.objects.create(source=collection, type="model")

    assert not Artifact.objects.visible_to(user).exists()
    assert not user.has_perm(TeamPermission.VIEW, artifact)


def test_a_personal_project_is_its_persons_alone(django_assert_num_queries):
    owner, colleague = UserFactory(), UserFactory()
    organization = make_organization()
    for user in (owner, colleague):
        MembershipFactory(organization=organization, user=user, role=Role.ADMIN)
    project = Project.objects.create(entity=owner.entity, name="p", key="p")

    for permission in TeamPermission:
        assert owner.has_perm(permission, project)
        assert not colleague.has_perm(permission, project)
    assert not Project.objects.visible_to(colleague).contains(project)


def test_a_project_of_an_entity_that_is_neither_team_nor_theirs_is_nobodys():
    project = Project.objects.create(entity=EntityFactory(), name="p", key="p")

    assert not UserFactory().has_perm(TeamPermission.VIEW, project)


def test_twenty_checks_on_a_project_cost_two_queries(django_assert_num_queries):
    team = TeamFactory()
    user = MembershipFactory(organization=team.organization).user
    project = Project.objects.create(entity=team.entity, name="p", key="p")
    project = Project.objects.select_related("entity__team").get(pk=project.pk)

    with django_assert_num_queries(2):
        for _ in range(5):
            for permission in TeamPermission:
                user.has_perm(permission, project)
