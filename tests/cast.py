"""The cast: people whose standing everybody knows, in three registries of one organization.

Built through operations, once a module: ask for the fixture `cast`. In every test its rows
are as they were built; `person` and `registry` read them anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser

from accounts.actors import Actor
from accounts.models import Organization, Team, User
from accounts.operations.teams import add_team_member, create_team
from accounts.operations.users import create_user
from accounts.permissions import Role
from registries.models import Registry, Version
from registries.operations.links import link
from registries.operations.members import set_role
from registries.operations.organizations import (
    add_member,
    create_organization,
    create_service_account,
    deactivate_user,
    remove_member,
)
from registries.operations.registries import create_registry, take_access
from tests.factories import SYSTEM, acting, logged_version

CORE, OPEN, RESTRICTED = "core", "organization", "restricted"
KINDS = (CORE, OPEN, RESTRICTED)
"""The three registries: the core registry of models, and two custom ones by visibility."""

ANONYMOUS = "anonymous"
PEOPLE = (
    ANONYMOUS,
    "outsider",  # Admin of another organization
    "organization viewer",
    "organization member",
    "team admin",  # of the team that was not added, where the sources are
    "team member",  # of the team that was added to each registry as Member
    "restricted viewer",  # given in each registry; a Viewer of the organization
    "viewer",
    "member",
    "admin",
    "owner",
    "organization admin",
    "organization admin with access",  # took access to the restricted registry
    "service account",  # given Viewer in each registry
    "deactivated",  # was Admin of the organization and of each registry
    "removed",  # so was this one
    "installation administrator",  # in no organization
)
GIVEN = {
    "restricted viewer": Role.RESTRICTED_VIEWER,
    "viewer": Role.VIEWER,
    "member": Role.MEMBER,
    "admin": Role.ADMIN,
    "service account": Role.VIEWER,
    "deactivated": Role.ADMIN,
    "removed": Role.ADMIN,
}
STANDING = {
    "organization viewer": Role.VIEWER,
    "organization member": Role.MEMBER,
    "team admin": Role.MEMBER,
    "team member": Role.VIEWER,
    "restricted viewer": Role.VIEWER,
    "viewer": Role.VIEWER,
    "member": Role.VIEWER,
    "admin": Role.VIEWER,
    "owner": Role.MEMBER,
    "organization admin": Role.ADMIN,
    "organization admin with access": Role.ADMIN,
    "deactivated": Role.ADMIN,
    "removed": Role.ADMIN,
}


@dataclass(slots=True)
class Cast:
    """Everybody, and what they meet."""

    organization: Organization
    elsewhere: Organization
    added: Team
    other: Team
    registries: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def person(self, name: str) -> User:
        """One of PEOPLE, read anew, nothing remembered of their roles."""
        if name == ANONYMOUS:
            return AnonymousUser()  # type: ignore[return-value]  # as a request has it
        return User.objects.select_related("entity").get(pk=self.people[name])

    def registry(self, kind: str) -> Registry:
        """One of the three registries, read anew."""
        return Registry.objects.select_related("organization__entity").get(
            pk=self.registries[kind]
        )

    def version(self, kind: str) -> Version:
        """The version v0 of the collection `classifier` of a registry, read anew."""
        versions = Version.objects.select_related(
            "artifact", "collection__registry__organization__entity"
        )
        return versions.get(pk=self.versions[kind])


def build_cast() -> Cast:
    """Make the whole cast, in the caller's transaction."""
    people = {
        name: _account(name)
        for name in PEOPLE
        if name not in {ANONYMOUS, "service account"}
    }
    organization = create_organization("acme", "Acme", admin=_account("founder"), by=SYSTEM)
    for name, role in STANDING.items():
        add_member(organization, people[name], role, by=SYSTEM)
    people["service account"] = create_service_account(
        organization, "the-service-account", role=Role.VIEWER, by=SYSTEM
    )
    cast = Cast(
        organization=organization,
        elsewhere=create_organization(
            "elsewhere", "Elsewhere", admin=people["outsider"], by=SYSTEM
        ),
        added=_team(organization, "added", people["team member"], Role.VIEWER),
        other=_team(organization, "other", people["team admin"], Role.ADMIN),
        people={name: person.pk for name, person in people.items()},
    )
    for kind in KINDS:
        registry = _registry(cast, kind, acting(people["owner"]))
        logged = logged_version(cast.other, kind, files={"weights.bin": kind.encode()})
        version = link(
            logged.artifact, registry, "classifier", aliases=["production"], by=SYSTEM
        )
        cast.registries[kind], cast.versions[kind] = registry.pk, version.pk
        for name, role in GIVEN.items():
            set_role(registry, people[name], role, by=SYSTEM)
        set_role(registry, cast.added, Role.MEMBER, by=SYSTEM)
    take_access(
        cast.registry(RESTRICTED), by=acting(people["organization admin with access"])
    )
    deactivate_user(people["deactivated"], by=SYSTEM)
    remove_member(people["removed"].memberships.get(), by=SYSTEM)
    return cast


def _account(name: str) -> User:
    username = f"the-{name.replace(' ', '-')}"
    return create_user(
        email=f"{username}@example.org",
        username=username,
        full_name=name.title(),
        is_administrator=name == "installation administrator",
        by=SYSTEM,
    )


def _team(organization: Organization, name: str, user: User, role: Role) -> Team:
    team = create_team(organization, name, by=SYSTEM)
    add_team_member(team, user.memberships.get(), role, by=SYSTEM)
    return team


def _registry(cast: Cast, kind: str, owner: Actor) -> Registry:
    if kind == CORE:
        return cast.organization.registries.get(name="model")
    return create_registry(cast.organization, kind, visibility=kind, by=owner)
