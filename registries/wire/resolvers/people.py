"""Users, teams and organizations, and the entity that each of them is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.backends import default_entity, standings
from accounts.models import ApiKey, Entity, Organization, Team, User
from accounts.text import fold, is_askable
from registries.models import Automation, Integration
from registries.wire.fields import QUERIES, Asking, Info, query
from registries.wire.ids import encode
from registries.wire.paging import Connection, whole
from registries.wire.resolvers.automation_lists import automations_in, integrations_of
from registries.wire.resolvers.lists import (
    collections_in,
    own_projects,
    projects_of,
    versions_in,
)
from registries.wire.resolvers.team_members import Member, members_of


class UserNode:
    """A user, to somebody who may see them."""

    typename = "User"
    deleted_at = None
    flags = "{}"

    def __init__(self, asking: Asking, user: User) -> None:
        self._asking = asking
        self._user = user
        self.id = encode("User", user.pk)
        self.name = user.display_name
        self.username = user.username
        self.email = user.email
        self.admin = user.is_superuser

    @property
    def is_oneself(self) -> bool:
        """Whether they ask for themselves."""
        return self._user.pk == self._asking.user.pk

    def entity(self, info: Info) -> str | None:
        """Return where runs go without `entity=`; of others nobody asks."""
        return default_entity(self._user).name if self.is_oneself else None

    def api_keys(self, info: Info) -> dict[str, Any] | None:
        """Return their keys, to who may end them."""
        keys = self._user.api_keys.live().managed_by(info.context.user).order_by("pk")
        return whole(map(key_node, keys))

    def projects(self, info: Info, **page: Any) -> Connection[Any] | None:
        """Return the projects that one sees; of others nobody asks."""
        return own_projects(info.context, **page) if self.is_oneself else None

    def teams(self, info: Info) -> dict[str, Any] | None:
        """Return the teams they are in, and their own entity, as far as one sees them."""
        own = [Entity(pk=self._user.entity_id, name=self.username, kind=Entity.Kind.USER)]
        teams = Team.objects.visible_to(info.context.user).filter(
            memberships__membership__user=self._user
        )
        found = teams.select_related("entity").order_by("entity__name")
        entities = [*own, *(team.entity for team in found)]
        return whole(EntityNode(info.context, entity) for entity in entities)

    def organizations(self, info: Info) -> list[OrganizationNode]:
        """Return the organizations they are in, those that one sees."""
        theirs = Organization.objects.visible_to(info.context.user).filter(
            memberships__user=self._user
        )
        found = theirs.select_related("entity").distinct().order_by("entity__name")
        return [OrganizationNode(info.context, organization) for organization in found]


class EntityNode:
    """A user, team or organization as the place of projects."""

    typename = "Entity"
    available = True
    photo_url = None
    read_only_admin = False
    private_only = True
    storage_bytes = 0
    code_saving_enabled = False
    default_access = "PRIVATE"
    is_paid = False
    limits = None
    xxhash_digests_enabled = True

    def __init__(self, asking: Asking, entity: Entity) -> None:
        self._asking = asking
        self.row = entity
        self.id = encode("Entity", entity.pk)
        self.name = entity.name
        self.entity_type = str(entity.kind)
        self.is_team = entity.kind == Entity.Kind.TEAM
        self.read_only = False
        asking.expect(organizations_of, entity.pk)

    def organization(self, info: Info) -> OrganizationNode | None:
        """Return the organization that a team is of, or that this is the entity of."""
        if self.row.kind == Entity.Kind.USER:
            return None
        organization = info.context.load(organizations_of, self.row.pk)
        return OrganizationNode(info.context, organization) if organization else None

    def project(self, info: Info, name: str | None = None) -> Any:
        """Return a project or registry of this entity."""
        return QUERIES["project"](info, name=name, entity_name=self.name)

    def members(self, info: Info) -> list[Member]:
        """Return who is in a team."""
        return members_of(info.context, self.row)

    def projects(self, info: Info, **wanted: Any) -> Connection[Any]:
        """Return its projects; of an organization, its registries."""
        return projects_of(info.context, self.row, **wanted)

    def artifact_collections(self, info: Info, **wanted: Any) -> Connection[Any]:
        """Return the collections in an organization's registries."""
        return collections_in(info.context, self.row, **wanted)

    def artifact_memberships(self, info: Info, **wanted: Any) -> Connection[Any]:
        """Return the versions in an organization's registries."""
        return versions_in(info.context, self.row, **wanted)

    def triggers(self, info: Info, **asked: Any) -> Connection[Automation]:
        """Return the automations of all that is in this entity."""
        return automations_in(info.context, self.row, **asked)

    def integrations(self, info: Info, **page: Any) -> Connection[Integration]:
        """Return what the automations of this entity can act through."""
        return integrations_of(info.context, self.row, **page)

    def user(self, info: Info) -> UserNode | None:
        """Return the user whose entity this is."""
        if self.row.kind != Entity.Kind.USER:
            return None
        users = User.objects.visible_to(info.context.user).select_related("entity")
        user = users.filter(entity=self.row).first()
        return UserNode(info.context, user) if user else None


class OrganizationNode:
    """An organization, to somebody who is in it."""

    typename = "Organization"
    core_weave_organization_id = None
    advanced_registry_features = {"advanced_search": True}

    def __init__(self, asking: Asking, organization: Organization) -> None:
        self.row = organization
        self.id = encode("Organization", organization.pk)
        self.name = organization.display_name
        self.org_entity = EntityNode(asking, organization.entity)

    def triggers(self, info: Info, **asked: Any) -> Connection[Automation]:
        """Return the automations of the organization and its registries."""
        return automations_in(info.context, self.row.entity, **asked)

    def feature_flags(self, info: Info, **_: Any) -> list[Any]:
        """Return none: features are the server's."""
        return []


def key_node(key: ApiKey) -> dict[str, Any]:
    """Return an API key: its name tells it from others, and opens nothing."""
    return {"id": encode("ApiKey", key.pk), "name": str(key), "description": key.name}


def find_entity(asking: Asking, name: str | None) -> Entity | None:
    """Return the user, team or organization of that name, if the asker sees it.

    A name that nobody has takes as long as that of a hidden person.
    """
    user = asking.user
    if not name:
        return default_entity(user)
    if not is_askable(name):
        return None
    named = Entity.objects.filter(names__key=fold(name))
    found = named.first() or Entity(pk=0, kind=Entity.Kind.USER)
    seen: QuerySet[Any]
    match found.kind:
        case Entity.Kind.USER:
            seen = User.objects.visible_to(user).filter(entity=found)
        case Entity.Kind.TEAM:
            seen = Team.objects.visible_to(user).filter(entity=found)
        case Entity.Kind.ORGANIZATION:
            seen = Organization.objects.visible_to(user).filter(entity=found)
        case _:
            return None
    return found if seen.exists() else None


def find_organization(asking: Asking, name: str) -> Organization | None:
    """Return the organization of that name or display name, if the asker is in it."""
    organizations = Organization.objects.visible_to(asking.user).select_related("entity")
    return organizations.named(name).first()


def organization_of(asking: Asking, entity: Entity) -> Organization | None:
    """Return the organization of an entity; of a person, their only one."""
    organizations = Organization.objects.visible_to(asking.user).select_related("entity")
    if entity.kind == Entity.Kind.ORGANIZATION:
        return organizations.filter(entity=entity).first()
    if entity.kind == Entity.Kind.TEAM:
        return organizations.filter(teams__entity=entity).first()
    if entity.pk != asking.user.entity_id:
        return None
    theirs = list(standings(asking.user).values())
    return theirs[0].organization if len(theirs) == 1 else None


def organizations_of(asking: Asking, entities: list[int]) -> dict[int, Organization]:
    """Return the organization that each entity is, or whose team it is."""
    seen = Organization.objects.visible_to(asking.user).select_related("entity")
    found = {each.entity_id: each for each in seen.filter(entity__in=entities)}
    teams = Team.objects.filter(entity__in=entities, organization__in=seen.values("pk"))
    rows = teams.select_related("organization__entity")
    return found | {team.entity_id: team.organization for team in rows}


@query
def viewer(info: Info) -> UserNode:
    """Return who asks."""
    return UserNode(info.context, info.context.user)


@query
def entity(info: Info, name: str | None = None) -> EntityNode | None:
    """Return a user, team or organization by name."""
    found = find_entity(info.context, name)
    return EntityNode(info.context, found) if found else None


@query
def organization(info: Info, name: str) -> OrganizationNode | None:
    """Return an organization by its name or display name."""
    found = find_organization(info.context, name)
    return OrganizationNode(info.context, found) if found else None


@query
def users(info: Info, query: str | None = None) -> dict[str, Any]:
    """Return the user with that username or e-mail address, if the asker sees them."""
    seen = User.objects.visible_to(info.context.user).select_related("entity")
    return whole(UserNode(info.context, user) for user in seen.named(query or ""))


@query
def models(
    info: Info, entity_name: str | None = None, **page: Any
) -> Connection[Any] | None:
    """Return the projects of an entity."""
    found = find_entity(info.context, entity_name)
    return projects_of(info.context, found, **page) if found else None
