"""The least that makes a row; everything else through operations."""

from __future__ import annotations

import itertools
from io import BytesIO
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.actors import Actor
from accounts.models import (
    Entity,
    EntityName,
    Membership,
    Organization,
    Team,
    TeamMembership,
    User,
)
from accounts.permissions import Role
from accounts.text import fold
from registries.models import Registry, RegistryMember, RegistryName, Version
from registries.operations.artifacts import attach_files, begin_artifact, commit_artifact
from registries.operations.links import link
from registries.operations.organizations import create_organization
from registries.operations.projects import ensure_project
from registries.search import index_registry
from registries.storage import chunks, store

SYSTEM = Actor.system("test")
PASSWORD = "correct horse battery staple"


class EntityFactory(DjangoModelFactory):
    class Meta:
        model = Entity
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"entity-{n}")
    kind = Entity.Kind.USER

    @factory.post_generation
    def taken(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        EntityName.objects.create(entity=self, key=fold(self.name))


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        username = factory.Sequence(lambda n: f"person-{n}")

    entity = factory.SubFactory(EntityFactory, name=factory.SelfAttribute("..username"))
    email = factory.LazyAttribute(
        lambda user: None if user.is_service_account else f"{user.username}@example.org"
    )
    full_name = ""
    is_service_account = False


_organizations = itertools.count()


def make_organization(name: str = "", **settings: Any) -> Organization:
    """An organization with its core registries and a first Admin."""
    name = name or f"organization-{next(_organizations)}"
    organization = create_organization(name, name.title(), admin=UserFactory(), by=SYSTEM)
    for field, value in settings.items():
        setattr(organization, field, value)
    organization.save()
    return organization


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    organization = factory.LazyFunction(make_organization)
    user = factory.SubFactory(UserFactory)
    role = Role.MEMBER


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team

    class Params:
        name = factory.Sequence(lambda n: f"team-{n}")

    entity = factory.SubFactory(
        EntityFactory, name=factory.SelfAttribute("..name"), kind=Entity.Kind.TEAM
    )
    organization = factory.LazyFunction(make_organization)


class TeamMembershipFactory(DjangoModelFactory):
    class Meta:
        model = TeamMembership

    team = factory.SubFactory(TeamFactory)
    membership = factory.SubFactory(
        MembershipFactory, organization=factory.SelfAttribute("..team.organization")
    )
    role = Role.MEMBER


class RegistryFactory(DjangoModelFactory):
    """A custom registry; its owner is a member made for it."""

    class Meta:
        model = Registry
        skip_postgeneration_save = True

    organization = factory.LazyFunction(make_organization)
    name = factory.Sequence(lambda n: f"registry-{n}")
    owner = factory.SubFactory(
        MembershipFactory, organization=factory.SelfAttribute("..organization")
    )

    @factory.post_generation
    def taken(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        RegistryName.objects.create(
            organization=self.organization, registry=self, key=self.name.lower()
        )
        index_registry(self)


class RegistryMemberFactory(DjangoModelFactory):
    class Meta:
        model = RegistryMember

    registry = factory.SubFactory(RegistryFactory)
    role = Role.MEMBER


def person(
    registry: Registry,
    role: Role | None = None,
    *,
    standing: Role = Role.MEMBER,
    **fields: Any,
) -> User:
    """Somebody of the registry's organization, with a role given in it or without."""
    membership = MembershipFactory(
        organization=registry.organization, role=standing, user=UserFactory(**fields)
    )
    if role is not None:
        RegistryMemberFactory(registry=registry, membership=membership, role=role)
    return membership.user


def acting(user: User) -> Actor:
    """The user, acting from a test."""
    return Actor(user=user, via="test")


def logged_version(
    team: Team | User,
    name: str = "classifier",
    *,
    artifact_type: str = "model",
    files: dict[str, bytes] | None = None,
    by: Actor = SYSTEM,
) -> Version:
    """A committed version in the project `uploads` of a team or person."""
    project = ensure_project(team, "uploads", by=by)
    artifact = begin_artifact(project, name, artifact_type=artifact_type, by=by)
    staged = [
        (path, store().stage(chunks(BytesIO(content))))
        for path, content in (files or {"weights.bin": b"weights"}).items()
    ]
    attach_files(artifact, staged, by=by)
    return commit_artifact(artifact, by=by)


def linked_version(
    registry: Registry,
    name: str = "classifier",
    *,
    artifact_type: str = "model",
    files: dict[str, bytes] | None = None,
    team: Team | None = None,
    aliases: tuple[str, ...] = (),
) -> Version:
    """A version in a registry, logged by a team of its organization."""
    team = team or TeamFactory(organization=registry.organization)
    logged = logged_version(team, name, artifact_type=artifact_type, files=files)
    return link(logged.artifact, registry, name, aliases=aliases, by=SYSTEM)
